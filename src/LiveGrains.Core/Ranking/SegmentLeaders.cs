using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// The items that users of each segment come to now, counted with every visit: at most <see cref="Most"/> of a segment and kind, decayed
/// by half in <see cref="HalfLifeSeconds"/>. A newcomer to a full list weakens the weakest until it takes its place (Misra, Gries 1982),
/// so that what many come to is held however many items there are: an item is of one segment, but users of all segments may come
/// to it, and a count for each pair would grow without bound. One thread.
/// </summary>
internal sealed class SegmentLeaders
{
    /// <summary>Most items of a segment.</summary>
    public const int Most = 64;

    /// <summary>An evening: what led yesterday says little of tonight.</summary>
    public const float HalfLifeSeconds = 6 * 3600;

    // A list that was decayed less than 1/64 of a half-life ago is taken as it is, see CoVisits.
    private const uint FreshSeconds = (uint)(HalfLifeSeconds / 64);

    // Visits added to every segment's, so that a few do not make a strong opinion.
    private const float Shrinkage = 4;

    private sealed class Leaders
    {
        public uint[] Items = new uint[4];
        public float[] Weights = new float[4];
        public int Count;
        public float All;
        public uint TimeSeconds;
    }

    private readonly Dictionary<uint, Leaders> _ofSegment = [];

    /// <summary>Counts a visit.</summary>
    /// <param name="kind">The item's kind; each has its own lists.</param>
    /// <param name="segment">Its segment, not 0.</param>
    /// <param name="item">The item.</param>
    /// <param name="timeSeconds">When, seconds since 1970 UTC.</param>
    /// <param name="strength">What the visit is worth.</param>
    public void Visit(InterestKind kind, uint segment, uint item, uint timeSeconds, float strength)
    {
        ref var leaders = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofSegment, InterestItem.Of(kind, segment), out _);
        leaders ??= new Leaders { TimeSeconds = timeSeconds };
        Decay(leaders, timeSeconds);
        // Histories that are told again after a restart come user by user, not by time.
        strength *= ExponentialDecay.Factor(ExponentialDecay.Elapsed(timeSeconds, leaders.TimeSeconds), HalfLifeSeconds);
        leaders.All += strength;
        var at = leaders.Items.AsSpan(0, leaders.Count).IndexOf(item);
        if (at < 0) at = Place(leaders, item, strength);
        else leaders.Weights[at] += strength;
        if (at < 0) return;
        // Heaviest first; of equals the one that was there first.
        var (items, weights, weight) = (leaders.Items, leaders.Weights, leaders.Weights[at]);
        for (; at > 0 && weights[at - 1] < weight; at--) (items[at], weights[at]) = (items[at - 1], weights[at - 1]);
        (items[at], weights[at]) = (item, weight);
    }

    /// <summary>A segment's leaders, heaviest first, and what to multiply their weights with to get the share of the segment's visits.</summary>
    public ReadOnlySpan<uint> Of(InterestKind kind, uint segment, out ReadOnlySpan<float> weights, out float share)
    {
        weights = default;
        share = 0;
        if (!_ofSegment.TryGetValue(InterestItem.Of(kind, segment), out var leaders)) return default;
        weights = leaders.Weights.AsSpan(0, leaders.Count);
        share = 1 / (leaders.All + Shrinkage);
        return leaders.Items.AsSpan(0, leaders.Count);
    }

    /// <summary>Forgets a segment's leaders, of all kinds.</summary>
    public void Forget(uint segment)
    {
        for (var kind = InterestKind.Room; kind <= InterestKind.Video; kind++) _ofSegment.Remove(InterestItem.Of(kind, segment));
    }

    // The place of a new item; −1: the list is full and nobody is weak enough.
    private static int Place(Leaders leaders, uint item, float strength)
    {
        if (leaders.Count == Most)
        {
            var weakest = Most - 1;
            leaders.Weights[weakest] -= strength;
            if (leaders.Weights[weakest] > 0) return -1;
            (leaders.Items[weakest], leaders.Weights[weakest]) = (item, strength);
            return weakest;
        }

        if (leaders.Count == leaders.Items.Length)
        {
            Array.Resize(ref leaders.Items, leaders.Count * 2);
            Array.Resize(ref leaders.Weights, leaders.Count * 2);
        }

        (leaders.Items[leaders.Count], leaders.Weights[leaders.Count]) = (item, strength);
        return leaders.Count++;
    }

    private static void Decay(Leaders leaders, uint timeSeconds)
    {
        var elapsed = ExponentialDecay.Elapsed(leaders.TimeSeconds, timeSeconds);
        if (elapsed <= FreshSeconds) return;
        var factor = ExponentialDecay.Factor(elapsed, HalfLifeSeconds);
        leaders.All *= factor;
        foreach (ref var weight in leaders.Weights.AsSpan(0, leaders.Count)) weight *= factor;
        leaders.TimeSeconds = timeSeconds;
    }
}
