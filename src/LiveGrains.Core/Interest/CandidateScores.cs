using System.Numerics;
using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

/// <summary>A recommended item, its score and the terms it is made of.</summary>
/// <param name="Item">As <see cref="InterestItem"/> numbers it.</param>
/// <param name="Score">Comparable within one answer only.</param>
/// <param name="CoVisits">The part that other users' histories say.</param>
/// <param name="Attributes">The part that the items' tokens say.</param>
internal readonly record struct ScoredItem(uint Item, float Score, float CoVisits, float Attributes);

/// <summary>
/// The scores of one question's candidates: a place for each by row, and behind it lists without gaps, kept from question to
/// question, so that neither asking nor forgetting costs more than the candidates do, and what is computed for all of
/// them is computed along a list. One thread.
/// </summary>
internal sealed class CandidateScores
{
    private const int RowsAtOnce = 16;
    private const int FirstCapacity = 1024;

    // By kind and row: the place in the lists plus 1; 0: no candidate.
    private readonly int[][] _places = [[], [], []];
    private uint[] _items = new uint[FirstCapacity];
    private float[] _coVisits = new float[FirstCapacity];
    private float[] _attributes = new float[FirstCapacity];
    private ulong[] _keys = new ulong[FirstCapacity];
    private InterestKind? _only;

    /// <summary>Candidates.</summary>
    public int Count { get; private set; }

    /// <summary>The candidates, in the order in which they came up.</summary>
    public ReadOnlySpan<uint> Items => _items.AsSpan(0, Count);

    /// <summary>What co-visits say of each candidate, and room behind it up to a multiple of eight.</summary>
    public Span<float> CoVisits => _coVisits.AsSpan(0, Padded(Count));

    /// <summary>What attributes say of each candidate, and room behind it up to a multiple of eight.</summary>
    public Span<float> Attributes => _attributes.AsSpan(0, Padded(Count));

    /// <summary>An item's score; 0 when it is no candidate.</summary>
    public ScoredItem this[uint item]
    {
        get
        {
            var rows = _places[(int)InterestItem.Kind(item)];
            var row = InterestItem.Row(item);
            if (row >= (uint)rows.Length || rows[row] == 0) return new ScoredItem(item, 0, 0, 0);
            var place = rows[row] - 1;
            return new ScoredItem(item, _coVisits[place] + _attributes[place], _coVisits[place], _attributes[place]);
        }
    }

    /// <summary>Adds to what co-visits say.</summary>
    public void AddCoVisits(uint item, float score) => AddCoVisits([new Successor(item, score)], 1);

    /// <summary>Adds to what co-visits say of successors: each one's weight times <paramref name="worth"/>.</summary>
    public void AddCoVisits(ReadOnlySpan<Successor> successors, float worth)
    {
        Reserve(successors.Length);
        foreach (ref readonly var successor in successors)
        {
            if (!IsWanted(successor.Item)) continue;
            _coVisits[Place(successor.Item)] += worth * successor.Weight;
        }
    }

    /// <summary>Adds to what attributes say of the items of a token: each one's frequency times <paramref name="worth"/>.</summary>
    public void AddAttributes(ReadOnlySpan<Posting> postings, float worth)
    {
        Reserve(postings.Length);
        foreach (ref readonly var posting in postings)
        {
            if (!IsWanted(posting.Item)) continue;
            _attributes[Place(posting.Item)] += worth * posting.Frequency;
        }
    }

    /// <summary>Forgets all candidates.</summary>
    /// <param name="only">The kind whose items will be candidates; null: all kinds'.</param>
    public void Clear(InterestKind? only = null)
    {
        // Many are forgotten faster all at once than one by one.
        if (_only is { } kind && _places[(int)kind].Length < Count * RowsAtOnce) Array.Clear(_places[(int)kind]);
        else foreach (var item in Items) _places[(int)InterestItem.Kind(item)][InterestItem.Row(item)] = 0;
        Count = 0;
        _only = only;
    }

    /// <summary>Copies the best candidates that a filter lets through, best first; equals in the order of their numbers. Says how many.</summary>
    public int Best(Func<uint, bool>? filter, Span<ScoredItem> into) => Best(new DelegateFilter(filter), into);

    /// <summary>The same with a filter whose calls cost nothing. Allocates nothing.</summary>
    public int Best<TFilter>(TFilter filter, Span<ScoredItem> into) where TFilter : struct, IItemFilter
    {
        var keys = Keys();
        var found = 0;
        // Most often once is enough; what a filter leaves out is made up for by the next best.
        while (found < into.Length && keys.Length > 0)
        {
            var best = keys[..PartialSort.SortSmallest(keys, into.Length - found)];
            foreach (var key in best) filter.Prefetch((uint)key);
            for (var i = 0; i < best.Length && found < into.Length; i++)
            {
                if (filter.Allows((uint)best[i])) into[found++] = this[(uint)best[i]];
            }

            keys = keys[best.Length..];
        }

        return found;
    }

    // A number for each candidate, smaller for the better; of equals for the lower item. The item is its low half.
    private Span<ulong> Keys()
    {
        var keys = _keys.AsSpan(0, Count);
        for (var i = 0; i < keys.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(_coVisits[i] + _attributes[i]);
            // Numbers against the order of the floats.
            keys[i] = (ulong)((int)bits < 0 ? bits : ~bits & 0x7FFF_FFFF) << 32 | _items[i];
        }

        return keys;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsWanted(uint item) => _only == null || InterestItem.Kind(item) == _only.GetValueOrDefault();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Place(uint item)
    {
        var rows = _places[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        if (row >= (uint)rows.Length) rows = Grow(item);
        ref var place = ref rows[row];
        if (place != 0) return place - 1;
        _items[Count] = item;
        _coVisits[Count] = 0;
        _attributes[Count] = 0;
        place = ++Count;
        return place - 1;
    }

    private int[] Grow(uint item)
    {
        ref var rows = ref _places[(int)InterestItem.Kind(item)];
        Array.Resize(ref rows, (int)BitOperations.RoundUpToPowerOf2(InterestItem.Row(item) + 1));
        return rows;
    }

    private void Reserve(int more)
    {
        if (Padded(Count + more) <= _items.Length) return;
        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Padded(Count + more));
        Array.Resize(ref _items, capacity);
        Array.Resize(ref _coVisits, capacity);
        Array.Resize(ref _attributes, capacity);
        Array.Resize(ref _keys, capacity);
    }

    private static int Padded(int count) => (count + 7) & ~7;

    private readonly struct DelegateFilter(Func<uint, bool>? filter) : IItemFilter
    {
        public bool Allows(uint item) => filter is null || filter(item);

        public void Prefetch(uint item)
        {
        }
    }
}
