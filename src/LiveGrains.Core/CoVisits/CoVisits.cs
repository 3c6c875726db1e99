using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>What is known of an item besides its pairs, decayed.</summary>
/// <param name="Touches">How often users came to it.</param>
/// <param name="Activity">The same, with less for busy users: what the pairs of a user are weighted with.</param>
internal readonly record struct ItemTotals(float Touches, float Activity);

/// <summary>An item that users touch after another one.</summary>
/// <param name="Item">As <see cref="InterestItem"/> numbers it.</param>
/// <param name="Weight">Σ over users of gap, activity and strength, decayed.</param>
internal readonly record struct Successor(uint Item, float Weight);

/// <summary>
/// Which items users touch after which, counted as it happens. An item's successors are a hash table whose buckets are
/// lines of the cache, so that counting a pair touches one line of memory whatever the number of successors, and the lines of
/// a whole window are fetched at once. A table doubles when a bucket is full, up to a bound; then a pair takes the place of
/// the bucket's weakest when it outweighs it, and else weakens it by its own weight (as Misra and Gries count the frequent
/// items of a stream; here the strong ones lose nothing). Counts halve with time, a line at a time, when it is touched. Only
/// "after" is counted: "before" is read from the other item's table. One thread.
/// </summary>
internal sealed unsafe class CoVisits
{
    private const int Classes = 12;
    private const int ClassShift = 28;
    private const uint RowMask = (1u << ClassShift) - 1;

    private const float MostStrength = 2;

    // A line that was decayed less than 1/64 of a half-life ago is taken as it is: an error below 1.1 %, and seldom an exp.
    private const float FreshShare = 1f / 64;

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Head // of an item: 16 bytes
    {
        /// <summary>Size class and row of the first line, 0: no successors.</summary>
        public uint Lines;
        public uint TimeSeconds;
        public float Touches;
        public float Activity;
    }

    private readonly CoVisitOptions _options;
    private readonly int _largestClass;
    private readonly float[] _gapWeights;
    private readonly float[] _activityWeights;
    private readonly uint _freshSeconds;
    private readonly Pool[] _heads = new Pool[InterestItem.Kinds];
    private readonly Pool[] _lines = new Pool[Classes];

    /// <summary>Makes an empty table.</summary>
    public CoVisits(NativeArena arena, CoVisitOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Window, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Window, HistoryStore.MostItems);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.GapQuarters, 8u);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)options.ActivityQuarters, 8u);
        if (!BitOperations.IsPow2(options.MostLines) || options.MostLines >= 1 << Classes) throw new ArgumentOutOfRangeException(nameof(options));
        _options = options;
        _largestClass = BitOperations.Log2((uint)options.MostLines);
        _gapWeights = [.. Enumerable.Range(0, options.Window).Select(gap => QuarterPower.Inverse(gap + 1, options.GapQuarters))];
        _activityWeights = [.. Enumerable.Range(0, HistoryStore.MostItems + 1).Select(length => QuarterPower.Inverse(1 + length / 5f, options.ActivityQuarters))];
        _freshSeconds = float.IsFinite(options.HalfLifeSeconds) ? (uint)Math.Min(options.HalfLifeSeconds * FreshShare, int.MaxValue) : uint.MaxValue;
        for (var i = 0; i < InterestItem.Kinds; i++) _heads[i] = new Pool(arena, sizeof(Head), 12);
        for (var i = 0; i < Classes; i++) _lines[i] = new Pool(arena, sizeof(SuccessorLine) << i, Math.Max(2, 12 - i));
    }

    /// <summary>Items with successors or touches, by the highest row of each kind.</summary>
    public long Items => _heads.Sum(h => h.High);

    /// <summary>Bytes of memory.</summary>
    public long Bytes => _heads.Sum(h => h.Bytes) + _lines.Sum(l => l.Bytes);

    /// <summary>Pairs that took a weaker pair's place since the beginning.</summary>
    public long Replaced { get; private set; }

    /// <summary>Pairs that found no place and weakened another one since the beginning.</summary>
    public long Refused { get; private set; }

    /// <summary>The highest row of a kind.</summary>
    public uint HighestRow(InterestKind kind) => _heads[(int)kind].High;

    /// <summary>
    /// A user came to an item: it is counted after each of the last items of their history. Call it once for an item of a
    /// user, when it is new to the history.
    /// </summary>
    /// <param name="before">The history without the item, oldest first.</param>
    /// <param name="item">As <see cref="InterestItem"/> numbers it.</param>
    /// <param name="timeSeconds">When, seconds since 1970 UTC.</param>
    /// <param name="strength">What the touch is worth; 1 is an ordinary visit, more than 2 counts as 2.</param>
    public void Learn(ReadOnlySpan<HistoryEntry> before, uint item, uint timeSeconds, float strength)
    {
        strength = Math.Min(strength, MostStrength);
        var activity = strength * _activityWeights[before.Length];
        var first = Math.Max(0, before.Length - _options.Window);
        var own = FindHead(item);
        Decay(own, timeSeconds);
        own->Touches += strength;
        own->Activity += activity * strength;
        for (var i = before.Length - 1; i >= first; i--)
        {
            ref readonly var entry = ref before[i];
            if ((entry.Flags & HistoryFlags.Unwanted) != 0) continue;
            // Both have to mean something to the user for the pair to mean something.
            var weight = activity * Math.Min((float)entry.Weight, MostStrength) * _gapWeights[before.Length - 1 - i];
            if (float.IsFinite(_options.PairHalfLifeSeconds))
                weight *= ExponentialDecay.Factor(ExponentialDecay.Elapsed(entry.TimeSeconds, timeSeconds), _options.PairHalfLifeSeconds);
            Add(entry.Item, item, weight, timeSeconds);
        }
    }

    /// <summary>Brings the heads of the last items of a history into the cache, some hundred nanoseconds before <see cref="PrefetchPairs"/>.</summary>
    public void PrefetchHeads(ReadOnlySpan<HistoryEntry> before, uint item)
    {
        if (!Sse.IsSupported) return;
        PrefetchHead(item);
        for (var i = Math.Max(0, before.Length - _options.Window); i < before.Length; i++) PrefetchHead(before[i].Item);
    }

    /// <summary>Brings the lines of the pairs into the cache, all at once, some hundred nanoseconds before <see cref="Learn"/>.</summary>
    public void PrefetchPairs(ReadOnlySpan<HistoryEntry> before, uint item)
    {
        if (!Sse.IsSupported) return;
        for (var i = Math.Max(0, before.Length - _options.Window); i < before.Length; i++) PrefetchPair(before[i].Item, item);
    }

    /// <summary>Counts one pair.</summary>
    public void Add(uint from, uint to, float weight, uint timeSeconds)
    {
        var head = FindHead(from);
        if (head->Lines == 0) head->Lines = _lines[0].Allocate();
        while (true)
        {
            var line = Line(head->Lines, to);
            var worth = weight * Freshen(line, timeSeconds);
            var place = line->Find(to);
            if (place != 0)
            {
                line->Add(place, worth);
                return;
            }

            place = line->Find(0);
            if (place != 0)
            {
                line->Set(place, to, worth);
                return;
            }

            if (head->Lines >> ClassShift == (uint)_largestClass)
            {
                Contend(line, to, worth);
                return;
            }

            Grow(head);
        }
    }

    /// <summary>What an item was touched, as of a time.</summary>
    public ItemTotals Totals(uint item, uint timeSeconds)
    {
        var head = KnownHead(item);
        if (head == null) return default;
        var factor = ExponentialDecay.Factor(ExponentialDecay.Elapsed(head->TimeSeconds, timeSeconds), _options.HalfLifeSeconds);
        return new ItemTotals(head->Touches * factor, head->Activity * factor);
    }

    /// <summary>How often each of some items was touched, as of a time: <see cref="ItemTotals.Touches"/>.</summary>
    public void CopyTouches(ReadOnlySpan<uint> items, uint timeSeconds, Span<float> into)
    {
        for (var i = 0; i < items.Length; i++)
        {
            var head = KnownHead(items[i]);
            into[i] = head == null ? 0 : head->Touches * ExponentialDecay.Factor(ExponentialDecay.Elapsed(head->TimeSeconds, timeSeconds), _options.HalfLifeSeconds);
        }
    }

    /// <summary>Brings an item's successors on their way from memory, some hundred nanoseconds before <see cref="CopySuccessors"/>.</summary>
    public void PrefetchSuccessors(uint item)
    {
        var head = KnownHead(item);
        if (!Sse.IsSupported || head == null || head->Lines == 0) return;
        var line = (SuccessorLine*)_lines[head->Lines >> ClassShift][head->Lines & RowMask];
        for (var end = line + (1 << (int)(head->Lines >> ClassShift)); line < end; line++) Sse.Prefetch0(line);
    }

    /// <summary>The weight of a pair as of a time; 0 when it is not held.</summary>
    public float Pair(uint from, uint to, uint timeSeconds)
    {
        var head = KnownHead(from);
        if (head == null || head->Lines == 0) return 0;
        var line = Line(head->Lines, to);
        var place = line->Find(to);
        return place == 0 ? 0 : line->Weight(place) * ExponentialDecay.Factor(ExponentialDecay.Elapsed(line->TimeSeconds, timeSeconds), _options.HalfLifeSeconds);
    }

    /// <summary>Most successors that <see cref="CopySuccessors"/> can give.</summary>
    public int MostSuccessors => SuccessorLine.Places << _largestClass;

    /// <summary>Copies an item's successors in no order that matters; says how many.</summary>
    /// <param name="item">Whose.</param>
    /// <param name="timeSeconds">As of when.</param>
    /// <param name="into">At least <see cref="MostSuccessors"/> long.</param>
    public int CopySuccessors(uint item, uint timeSeconds, Span<Successor> into)
    {
        var head = KnownHead(item);
        if (head == null || head->Lines == 0) return 0;
        var count = 0;
        var line = (SuccessorLine*)_lines[head->Lines >> ClassShift][head->Lines & RowMask];
        for (var end = line + (1 << (int)(head->Lines >> ClassShift)); line < end; line++)
        {
            var factor = ExponentialDecay.Factor(ExponentialDecay.Elapsed(line->TimeSeconds, timeSeconds), _options.HalfLifeSeconds);
            count += line->Copy(factor, into[count..]);
        }

        return count;
    }

    public void Save(IStateSink sink)
    {
        sink.Put(Replaced);
        sink.Put(Refused);
        foreach (var pool in _heads) pool.Save(sink);
        foreach (var pool in _lines) pool.Save(sink);
    }

    public void Load(IStateSource source)
    {
        Replaced = source.Take<long>();
        Refused = source.Take<long>();
        foreach (var pool in _heads) pool.Load(source);
        foreach (var pool in _lines) pool.Load(source);
    }

    // The leading bits of a multiplicative hash (Knuth): when a table doubles, a line's items go to two neighbouring lines.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bucket(uint item, int size) => (uint)((ulong)(item * 0x9E3779B1u) << size >> 32);

    private void Contend(SuccessorLine* line, uint to, float weight)
    {
        var weakest = line->Weakest();
        if (line->Weight(weakest) > weight)
        {
            line->Add(weakest, -weight);
            Refused++;
            return;
        }

        line->Set(weakest, to, weight);
        Replaced++;
    }

    private void Grow(Head* head)
    {
        var size = (int)(head->Lines >> ClassShift);
        var row = head->Lines & RowMask;
        var grown = _lines[size + 1].Allocate();
        var old = (SuccessorLine*)_lines[size][row];
        var lines = (SuccessorLine*)_lines[size + 1][grown];
        for (var i = 0; i < 1 << size; i++)
        {
            lines[2 * i].TimeSeconds = lines[2 * i + 1].TimeSeconds = old[i].TimeSeconds;
            for (var place = 1; place <= SuccessorLine.Places && old[i].Item(place) != 0; place++)
            {
                var line = lines + Bucket(old[i].Item(place), size + 1);
                line->Set(line->Find(0), old[i].Item(place), old[i].Weight(place));
            }
        }

        _lines[size].Free(row);
        head->Lines = (uint)(size + 1) << ClassShift | grown;
    }

    // Brings a line's weights to a time. What is left of a weight that comes late is the result.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float Freshen(SuccessorLine* line, uint timeSeconds)
    {
        var elapsed = (long)timeSeconds - line->TimeSeconds;
        return Math.Abs(elapsed) <= _freshSeconds ? 1 : FreshenStale(line, timeSeconds);
    }

    private float FreshenStale(SuccessorLine* line, uint timeSeconds)
    {
        if (timeSeconds < line->TimeSeconds) return ExponentialDecay.Factor(line->TimeSeconds - timeSeconds, _options.HalfLifeSeconds);
        line->Scale(ExponentialDecay.Factor(timeSeconds - line->TimeSeconds, _options.HalfLifeSeconds));
        line->TimeSeconds = timeSeconds;
        return 1;
    }

    private void Decay(Head* head, uint timeSeconds)
    {
        if (timeSeconds <= head->TimeSeconds || timeSeconds - head->TimeSeconds <= _freshSeconds) return;
        var factor = ExponentialDecay.Factor(timeSeconds - head->TimeSeconds, _options.HalfLifeSeconds);
        head->Touches *= factor;
        head->Activity *= factor;
        head->TimeSeconds = timeSeconds;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrefetchPair(uint from, uint to)
    {
        var head = KnownHead(from);
        if (head != null && head->Lines != 0) Sse.Prefetch0(Line(head->Lines, to));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrefetchHead(uint item)
    {
        var head = KnownHead(item);
        if (head != null) Sse.Prefetch0(head);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SuccessorLine* Line(uint lines, uint item)
    {
        var size = (int)(lines >> ClassShift);
        return (SuccessorLine*)_lines[size][lines & RowMask] + Bucket(item, size);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Head* KnownHead(uint item)
    {
        var heads = _heads[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        return row <= heads.High ? (Head*)heads[row] : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Head* FindHead(uint item)
    {
        var heads = _heads[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        while (heads.High < row) heads.Allocate();
        return (Head*)heads[row];
    }
}
