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
    public required DateTimeOffset AsOf { get; init; }
}

/// <summary>Minor units of the engine's currency.</summary>
public sealed record UserSpend(long Paid, long Gifted, long Refunded);

/// <summary>One of the last interactions. Its item is the product or video where it named one, else the room.</summary>
public sealed record RecentInteraction(string Type, string? Room, string? Product, string? Video, DateTimeOffset Time);
