using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// What each user touched, oldest touch first: one block of entries a user, which moves to a block of twice the size when it
/// is full, up to a bound. A user's row holds a number only: three bits of size class, 29 of the block's row in the class's
/// pool; 0 is an empty history. At the bound the oldest item goes that the user neither disliked nor reported. One thread.
/// </summary>
internal sealed unsafe class HistoryStore
{
    /// <summary>Most items of a user.</summary>
    public const int MostItems = 512;

    private const int FewestItems = 4;
    private const int Classes = 8;
    private const int ClassShift = 29;
    private const uint RowMask = (1u << ClassShift) - 1;
    private const int HeadBytes = 4;
    private const int EntryBytes = 12;
    private const float HeaviestWeight = 60_000; // of what a Half can say

    private readonly Pool[] _pools = new Pool[Classes];
    private readonly int _bound;

    /// <summary>Makes an empty store.</summary>
    /// <param name="arena">Where its blocks lie.</param>
    /// <param name="bound">Most items of a user, 1 to 512.</param>
    public HistoryStore(NativeArena arena, int bound = MostItems)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bound, MostItems);
        _bound = bound;
        for (var i = 0; i < Classes; i++) _pools[i] = new Pool(arena, HeadBytes + EntryBytes * (FewestItems << i), Math.Max(5, 12 - i));
    }

    /// <summary>Bytes of memory.</summary>
    public long Bytes => _pools.Sum(p => p.Bytes);

    /// <summary>Users with a history.</summary>
    public long Count => _pools.Sum(p => p.Count);

    /// <summary>A user's items, the last touched one last. Good until the user's next touch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<HistoryEntry> Entries(uint handle)
    {
        if (handle == 0) return default;
        var block = Block(handle);
        return new Span<HistoryEntry>(block + HeadBytes, *(int*)block);
    }

    /// <summary>Brings a user's block into the cache, or the first four lines of it: up to twenty items.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint handle)
    {
        if (handle == 0 || !Sse.IsSupported) return;
        var block = Block(handle);
        Sse.Prefetch0(block);
        Sse.Prefetch0(block + 51); // the last byte of the smallest block, which may lie across two lines
        if (handle >> ClassShift == 0) return;
        Sse.Prefetch0(block + 64);
        Sse.Prefetch0(block + 128);
        Sse.Prefetch0(block + 192);
    }

    /// <summary>Brings the last entries of a long history into the cache; the head should be there.</summary>
    public void PrefetchLast(uint handle)
    {
        if (handle >> ClassShift < 3 || !Sse.IsSupported) return;
        var block = Block(handle);
        var end = block + HeadBytes + *(int*)block * EntryBytes;
        for (var back = 0; back <= 192; back += 64) Sse.Prefetch0(end - back);
    }

    /// <summary>
    /// The user touched an item: its entry, made where there is none, takes the strength and moves to the end. A touch that
    /// comes late, with a time before the entry's, counts what it is still worth at the entry's time.
    /// </summary>
    /// <param name="handle">The user's history.</param>
    /// <param name="item">As <see cref="InterestItem"/> numbers it.</param>
    /// <param name="timeSeconds">When, seconds since 1970 UTC.</param>
    /// <param name="strength">What the touch is worth, 0 or more.</param>
    /// <param name="flags">Added to the entry's.</param>
    /// <param name="halfLifeSeconds">In which a weight halves; <see cref="ExponentialDecay.Never"/>: not at all.</param>
    public HistoryTouch Touch(ref uint handle, uint item, uint timeSeconds, float strength, HistoryFlags flags, float halfLifeSeconds)
    {
        var entries = Entries(handle);
        var place = Find(entries, item);
        if (place < 0)
        {
            var length = entries.Length;
            Append(ref handle, new HistoryEntry { Item = item, TimeSeconds = timeSeconds, Weight = Weight(strength), Flags = flags });
            return new HistoryTouch(true, length, 0);
        }

        var entry = entries[place];
        var elapsed = ExponentialDecay.Elapsed(entry.TimeSeconds, timeSeconds);
        var late = ExponentialDecay.Elapsed(timeSeconds, entry.TimeSeconds);
        entry.Weight = Weight((float)entry.Weight * ExponentialDecay.Factor(elapsed, halfLifeSeconds) + strength * ExponentialDecay.Factor(late, halfLifeSeconds));
        entry.TimeSeconds = Math.Max(entry.TimeSeconds, timeSeconds);
        entry.Flags = (entry.Flags & ~HistoryFlags.Left) | flags;
        entries[(place + 1)..].CopyTo(entries[place..]);
        entries[^1] = entry;
        return new HistoryTouch(false, entries.Length - 1 - place, elapsed);
    }

    /// <summary>The place of an item, counted from the oldest; −1: not there.</summary>
    public static int Find(ReadOnlySpan<HistoryEntry> entries, uint item)
    {
        // What users touch again is mostly what they touched last.
        var place = entries.Length - 1;
        while (place >= 0 && entries[place].Item != item) place--;
        return place;
    }

    /// <summary>Forgets a user.</summary>
    public void Clear(ref uint handle)
    {
        if (handle == 0) return;
        Entries(handle).Clear(); // erased is erased, also in the snapshots to come
        _pools[handle >> ClassShift].Free(handle & RowMask);
        handle = 0;
    }

    public void Save(IStateSink sink)
    {
        foreach (var pool in _pools) pool.Save(sink);
    }

    public void Load(IStateSource source)
    {
        foreach (var pool in _pools) pool.Load(source);
    }

    private static Half Weight(float weight) => (Half)Math.Min(weight, HeaviestWeight);

    private void Append(ref uint handle, HistoryEntry entry)
    {
        var length = Entries(handle).Length;
        if (length == _bound)
        {
            Evict(Entries(handle));
            length--;
        }
        else if (handle == 0 || length == FewestItems << (int)(handle >> ClassShift))
        {
            Grow(ref handle);
        }

        var block = Block(handle);
        ((HistoryEntry*)(block + HeadBytes))[length] = entry;
        *(int*)block = length + 1;
    }

    private static void Evict(Span<HistoryEntry> entries)
    {
        var place = 0;
        while (place < entries.Length && (entries[place].Flags & HistoryFlags.Unwanted) != 0) place++;
        if (place == entries.Length) place = 0;
        entries[(place + 1)..].CopyTo(entries[place..]);
    }

    private void Grow(ref uint handle)
    {
        var size = handle == 0 ? 0 : (int)(handle >> ClassShift) + 1;
        var grown = (uint)size << ClassShift | _pools[size].Allocate();
        if (handle != 0)
        {
            var old = Entries(handle);
            var block = Block(grown);
            *(int*)block = old.Length;
            old.CopyTo(new Span<HistoryEntry>(block + HeadBytes, old.Length));
            Clear(ref handle);
        }

        handle = grown;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Block(uint handle) => _pools[handle >> ClassShift][handle & RowMask];
}
