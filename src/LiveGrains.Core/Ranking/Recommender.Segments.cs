using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiveGrains.Core;

/// <summary>The segment of a user.</summary>
/// <param name="Number">From 1; 0: unknown.</param>
/// <param name="Share">How much of what is said of the user it says, 0 to 1.</param>
/// <param name="Cosine">How near the user's interest is to the segment's centre; 0 when it is not from interest.</param>
/// <param name="IsFromInterest">True: from what the user touched; else from the group that the user's static features put them in.</param>
internal readonly record struct SegmentOfUser(int Number, float Share, float Cosine, bool IsFromInterest);

internal sealed unsafe partial class Recommender
{
    // As many of the last items say who somebody is; a visit must stay cheap.
    private const int ItemsOfSegment = 16;

    // After so many touches what the user touched says as much as the group does.
    private const float TouchesOfGroup = 2;

    // Segments that say less than this of a user are not asked.
    private const float LeastShare = 0.02f;

    private readonly UserSegments _segments = new();
    private readonly UserGroups _groups = new();
    private readonly SegmentLeaders _segmentLeaders = new();
    private readonly float[] _visitor = new float[FeatureVector.Dimensions];
    private readonly float[] _segmentShares = new float[UserSegments.Most];
    private StaticFeatures _userFeatures;
    private bool _segmentsKnowThePast;

    /// <summary>Users by what they are interested in.</summary>
    public UserSegments Segments => _segments;

    /// <summary>Users by their static features.</summary>
    public UserGroups Groups => _groups;

    /// <summary>The segment that says most of a user.</summary>
    /// <param name="history">The user's items, oldest first.</param>
    /// <param name="features">What else is known.</param>
    /// <param name="nowSeconds">The clock, seconds since 1970 UTC.</param>
    public SegmentOfUser SegmentOf(ReadOnlySpan<HistoryEntry> history, in StaticFeatures features, uint nowSeconds)
    {
        _userFeatures = features;
        for (var i = 0; i < history.Length; i++) _weights[i] = history[i].WeightAt(nowSeconds);
        var hasInterest = UserVector(history);
        if (!SegmentShares(history, hasInterest, nowSeconds) && !hasInterest) return default;
        var most = 0;
        for (var i = 1; i < _segmentShares.Length; i++)
        {
            if (_segmentShares[i] > _segmentShares[most]) most = i;
        }

        if (_segmentShares[most] <= 0) return default;
        var nearest = hasInterest ? _segments.Nearest(_user, out var cosine) : cosine = 0;
        var isNearest = nearest == most + 1;
        return new SegmentOfUser(most + 1, _segmentShares[most], isNearest ? cosine : 0, isNearest);
    }

    // Segments learn from who comes, what their users come to from what they come to.
    private void VisitOfSegment(ulong user, ReadOnlySpan<HistoryEntry> before, uint item, uint timeSeconds, float strength, bool isPast)
    {
        var sum = _visitor.AsSpan();
        sum.Clear();
        foreach (ref readonly var entry in before[Math.Max(0, before.Length - ItemsOfSegment)..]) AddVector(sum, entry.Item, entry.WeightAt(timeSeconds));
        AddVector(sum, item, strength);
        FeatureVector.Normalise(sum);
        if (!sum.ContainsAnyExcept(0f)) return;
        int segment;
        if (isPast && _segmentsKnowThePast) segment = _segments.Nearest(sum, out _);
        else segment = _segments.Learn(sum, timeSeconds);
        if (segment == 0) return;
        _segmentLeaders.Visit(InterestItem.Kind(item), (uint)segment, item, timeSeconds, strength);
        if (user != 0) _groups.Visit(user, segment, timeSeconds, strength);
    }

    // How much each segment says of the user: the nearest by interest as near as it is, the user's group for the rest, and
    // of strangers what all users are. False: nothing is known of this user.
    private bool SegmentShares(ReadOnlySpan<HistoryEntry> history, bool hasInterest, uint nowSeconds)
    {
        var shares = _segmentShares.AsSpan();
        var hasGroup = _groups.TryShares(_userFeatures, shares);
        if (!hasInterest)
        {
            for (var i = 0; !hasGroup && i < _segments.Count; i++) shares[i] = _segments.Share(i + 1, nowSeconds);
            return hasGroup;
        }

        var own = hasGroup ? history.Length / (history.Length + TouchesOfGroup) : 1;
        foreach (ref var share in shares) share *= 1 - own;
        var nearest = _segments.Nearest(_user, out var cosine);
        // A segment speaks for who is in the middle of it, not for who is only less far from it than from others.
        if (nearest != 0) shares[nearest - 1] += own * cosine * Math.Max(0, cosine);
        return true;
    }

    // What users of the same segments come to now: of each as many as its share.
    private void FromSegments(InterestKind kind, int most, uint nowSeconds, RecommendationRequest request)
    {
        for (var segment = 1; segment <= _segments.Count; segment++)
        {
            var part = _segmentShares[segment - 1];
            if (part < LeastShare) continue;
            var left = (int)Math.Ceiling(most * part);
            foreach (var item in _segmentLeaders.Of(kind, (uint)segment, out _, out _))
            {
                if (left == 0) break;
                if (Add(item, CandidateSource.Segment, nowSeconds, request)) left--;
            }
        }
    }

    // The candidates' shares of the visits of the user's segments, wherever the candidates came from.
    private void SegmentVisits(InterestKind kind)
    {
        var candidates = CollectionsMarshal.AsSpan(_candidates);
        for (var segment = 1; segment <= _segments.Count; segment++)
        {
            var part = _segmentShares[segment - 1];
            if (part < LeastShare) continue;
            var items = _segmentLeaders.Of(kind, (uint)segment, out var weights, out var share);
            for (var i = 0; i < items.Length; i++)
            {
                var at = _placeOf[items[i]];
                if (at >= 0) candidates[at].SegmentVisits += part * share * weights[i];
            }
        }
    }

    private void AddVector(Span<float> sum, uint item, float weight)
    {
        if (!_kinds[(int)InterestItem.Kind(item)].TryVector(InterestItem.Row(item), out var vector)) return;
        for (var d = 0; d < FeatureVector.Dimensions; d += 8)
            (Vector256.Create(sum.Slice(d, 8)) + Vector256.Create(vector.Slice(d, 8)) * weight).CopyTo(sum.Slice(d, 8));
    }

    private void MergeSegments(int gone, int kept)
    {
        _segmentLeaders.Forget((uint)gone);
        _groups.Merge(gone, kept);
    }
}
