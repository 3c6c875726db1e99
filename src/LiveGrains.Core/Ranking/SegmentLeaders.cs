using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// The items that users of each segment come to now, counted with every visit. A newcomer to a full list weakens the weakest until
/// it takes its place (Misra, Gries 1982), so that what many come to is held however many items there are: an item is of one
/// category, but users of all segments may come to it, and a count for each pair would grow without bound. One thread.
/// </summary>
internal sealed class SegmentLeaders
{
    private readonly Dictionary<uint, LeaderList> _ofSegment = [];

    /// <summary>Counts a visit.</summary>
    /// <param name="kind">The item's kind; each has its own lists.</param>
    /// <param name="segment">The visitor's segment, not 0.</param>
    /// <param name="item">The item.</param>
    /// <param name="timeSeconds">When, seconds since 1970 UTC.</param>
    /// <param name="strength">What the visit is worth.</param>
    public void Visit(InterestKind kind, uint segment, uint item, uint timeSeconds, float strength)
    {
        ref var leaders = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofSegment, InterestItem.Of(kind, segment), out _);
        leaders ??= new LeaderList(timeSeconds);
        strength = leaders.Count(timeSeconds, strength);
        var at = leaders.Items.IndexOf(item);
        if (at >= 0)
        {
            leaders.Put(at, item, leaders.Weights[at] + strength);
        }
        else if (!leaders.IsFull)
        {
            leaders.Put(leaders.Items.Length, item, strength);
        }
        else
        {
            ref var weakest = ref leaders.Weights[^1];
            weakest -= strength;
            if (weakest <= 0) leaders.Put(LeaderList.Most - 1, item, strength);
        }
    }

    /// <summary>A segment's leaders, heaviest first, and what to multiply their weights with to get the share of the segment's visits.</summary>
    public ReadOnlySpan<uint> Of(InterestKind kind, uint segment, out ReadOnlySpan<float> weights, out float share)
    {
        weights = default;
        share = 0;
        if (!_ofSegment.TryGetValue(InterestItem.Of(kind, segment), out var leaders)) return default;
        weights = leaders.Weights;
        share = 1 / (leaders.All + LeaderList.Shrinkage);
        return leaders.Items;
    }

    /// <summary>Forgets a segment's leaders, of all kinds.</summary>
    public void Forget(uint segment)
    {
        for (var kind = InterestKind.Room; kind <= InterestKind.Video; kind++) _ofSegment.Remove(InterestItem.Of(kind, segment));
    }
}
