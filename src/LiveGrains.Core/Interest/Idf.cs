using System.Numerics;
using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

/// <summary>
/// In how many items each token occurs, and from that how much it says: the inverse document frequency (Spärck Jones 1972) in
/// its smooth form (1 + ln((1 + N) ÷ (1 + n))) ÷ (1 + ln(1 + N)), above 0 and at most 1. Counters lie in a table of fixed size
/// by hash: tokens that share one look more common than they are, never less. 1 MiB. One thread.
/// </summary>
internal sealed unsafe class Idf
{
    /// <summary>Counters; tokens beyond some tens of thousands begin to share them.</summary>
    public const int Counters = 1 << 18;

    private readonly uint* _counts;

    /// <summary>Makes a table without items.</summary>
    public Idf(NativeArena arena) => _counts = (uint*)arena.Allocate(Counters * sizeof(uint));

    /// <summary>Items whose tokens are counted: N.</summary>
    public uint Items { get; private set; }

    /// <summary>Counts an item's tokens. An item without tokens counts as an item.</summary>
    public void Add(TokenList tokens)
    {
        Items++;
        for (var i = 0; i < tokens.Count; i++) Counter(tokens[i].Hash)++;
    }

    /// <summary>Takes back what <see cref="Add"/> counted for the same tokens.</summary>
    public void Remove(TokenList tokens)
    {
        if (Items == 0) throw new InvalidOperationException("An item is taken back that was not counted.");
        Items--;
        for (var i = 0; i < tokens.Count; i++)
        {
            ref var counter = ref Counter(tokens[i].Hash);
            if (counter == 0) throw new InvalidOperationException("A token is taken back that was not counted.");
            counter--;
        }
    }

    /// <summary>An item's tokens change.</summary>
    public void Replace(TokenList old, TokenList tokens)
    {
        Remove(old);
        Add(tokens);
    }

    /// <summary>Items in which a token occurs, as far as the table knows: at least as many as do.</summary>
    public uint Count(uint hash) => Counter(hash);

    /// <summary>How much a token says, above 0 and at most 1. A token that nobody has says most.</summary>
    public float Weight(uint hash)
    {
        var all = PortableMath.Log(1.0 + Items);
        return (float)((1 + all - PortableMath.Log(1.0 + Math.Min(Counter(hash), Items))) / (1 + all));
    }

    /// <summary>Writes the counters.</summary>
    public void Save(IStateSink sink)
    {
        sink.Put(Items);
        sink.Write(new ReadOnlySpan<byte>(_counts, Counters * sizeof(uint)));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateSource source)
    {
        Items = source.Take<uint>();
        source.Read(new Span<byte>(_counts, Counters * sizeof(uint)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref uint Counter(uint hash) => ref _counts[hash >> (32 - BitOperations.Log2((uint)Counters))];
}
