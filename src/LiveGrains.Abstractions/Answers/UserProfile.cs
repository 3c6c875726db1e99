using System.Text.Json.Serialization;

namespace LiveGrains;

/// <summary>Everything the answers show about a user.</summary>
public sealed record UserProfile
{
    public required string User { get; init; }
    /// <summary>Static features of `user.upsert`.</summary>
    public required IReadOnlyDictionary<string, string> Attrs { get; init; }
    /// <summary>Sum of `count` by event type name; only types that occurred.</summary>
    public required IReadOnlyDictionary<string, long> Counts { get; init; }
    public required UserSpend Spend { get; init; }
    public required double WatchSeconds { get; init; }
    /// <summary>Rooms with an open session, by id.</summary>
    public required IReadOnlyList<string> Watching { get; init; }
    /// <summary>The last 8 interactions (not impressions, heartbeats, leaves), newest first.</summary>
    public required IReadOnlyList<RecentInteraction> Recent { get; init; }
    /// <summary>What the user is interested in.</summary>
    public required UserInterest Interest { get; init; }
    /// <summary>The users that this one is most like; null while nothing tells.</summary>
    public UserSegment? Segment { get; init; }
    public required DateTimeOffset AsOf { get; init; }
}

/// <summary>What a user's segment is known from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SegmentBasis>))]
public enum SegmentBasis
{
    /// <summary>What the user touched.</summary>
    [JsonStringEnumMemberName("interest")] Interest,
    /// <summary>What users with the same static features touched.</summary>
    [JsonStringEnumMemberName("features")] Features,
}

/// <summary>A segment of users, found by their interest.</summary>
/// <param name="Number">From 1; stands for the same users until segments merge.</param>
/// <param name="Share">How much of what is known of the user it says, 0 to 1; the rest are other segments.</param>
/// <param name="Basis">What it is known from.</param>
/// <param name="Match">Cosine of the user's interest and the segment's centre; null unless from interest.</param>
public sealed record UserSegment(int Number, double Share, SegmentBasis Basis, double? Match);

/// <summary>
/// Where a user's interest went, decayed with a half-life of 14 days: at most 20 of each, the largest first. A dislike or
/// report takes away.
/// </summary>
/// <param name="Categories">Categories of the items.</param>
/// <param name="Tags">Tags of the items; an item counts for each of its tags.</param>
/// <param name="Hosts">Hosts of the rooms.</param>
/// <param name="Items">Items that are remembered, at most 512.</param>
public sealed record UserInterest(IReadOnlyList<InterestShare> Categories, IReadOnlyList<InterestShare> Tags, IReadOnlyList<InterestShare> Hosts, int Items);

/// <summary>One interest.</summary>
/// <param name="Name">The category, tag or host.</param>
/// <param name="Weight">Its share of all interest, −1 to 1.</param>
public sealed record InterestShare(string Name, double Weight);

/// <summary>Minor units of the engine's currency.</summary>
public sealed record UserSpend(long Paid, long Gifted, long Refunded);

/// <summary>One of the last interactions. Its item is the product or video where it named one, else the room.</summary>
public sealed record RecentInteraction(string Type, string? Room, string? Product, string? Video, DateTimeOffset Time);
