namespace LiveGrains;

/// <summary>
/// The engine as servers, tools and embedding programs see it: one process or a cluster behind it. Every member may be
/// called from any thread at any time. Answers are as of the engine's clock; an event whose <see cref="IngestAsync"/> has
/// returned is in every answer asked after that. Members throw <see cref="LiveGrainsException"/> for whole-request refusals.
/// </summary>
public interface ILiveGrains
{
    /// <summary>
    /// Takes a body of events (SPEC 2): reads, makes durable, applies. Good events are kept and bad ones named.
    /// Throws <see cref="ErrorCode.NothingToRead"/> when no event could be read, <see cref="ErrorCode.TooManyEvents"/>,
    /// <see cref="ErrorCode.BodyTooLarge"/>, <see cref="ErrorCode.Busy"/>, <see cref="ErrorCode.StorageFull"/>,
    /// <see cref="ErrorCode.StorageUnavailable"/>, <see cref="ErrorCode.ShardStopped"/>, <see cref="ErrorCode.ShardMoved"/>,
    /// <see cref="ErrorCode.ShardUnavailable"/>, <see cref="ErrorCode.ShuttingDown"/>; then nothing was kept, or a retry finds duplicates. The body is read before the first await; the caller may reuse it after the call returned.
    /// </summary>
    ValueTask<IngestAnswer> IngestAsync(ReadOnlyMemory<byte> body, EventFormat format, CloudEventAttributes? attributes = null,
        CancellationToken cancellationToken = default);

    /// <summary>A room's metrics, or null when the room is unknown.</summary>
    ValueTask<RoomMetrics?> GetRoomAsync(string room, CancellationToken cancellationToken = default);

    /// <summary>A page of rooms. Throws <see cref="ErrorCode.InvalidParameter"/> for a cursor that is not one.</summary>
    ValueTask<RoomListPage> ListRoomsAsync(RoomListQuery query, CancellationToken cancellationToken = default);

    /// <summary>A series, or null when the room is unknown. Throws <see cref="ErrorCode.InvalidParameter"/> for an unknown metric or step, or more than 100,000 points.</summary>
    ValueTask<SeriesAnswer?> GetRoomSeriesAsync(string room, SeriesQuery query, CancellationToken cancellationToken = default);

    /// <summary>Everything that is kept of a room's broadcast, as of one moment, or null when the room is unknown.</summary>
    ValueTask<RoomBroadcast?> GetBroadcastAsync(string room, CancellationToken cancellationToken = default);

    /// <summary>The products and videos seen in a room, or null when the room is unknown.</summary>
    ValueTask<RoomProducts?> GetRoomProductsAsync(string room, CancellationToken cancellationToken = default);

    /// <summary>A product's metrics, or null.</summary>
    ValueTask<ItemMetrics?> GetProductAsync(string product, CancellationToken cancellationToken = default);

    /// <summary>A video's metrics, or null.</summary>
    ValueTask<ItemMetrics?> GetVideoAsync(string video, CancellationToken cancellationToken = default);

    /// <summary>A user's profile, or null.</summary>
    ValueTask<UserProfile?> GetUserAsync(string user, CancellationToken cancellationToken = default);

    /// <summary>
    /// What is worth watching or buying now, for a user; also for one that no event has named. Throws <see cref="ErrorCode.NotFound"/>
    /// for a room that no event has named, <see cref="ErrorCode.InvalidParameter"/> for a limit or a diversity out of range.
    /// </summary>
    ValueTask<RecommendationList> RecommendAsync(string user, RecommendationQuery query, CancellationToken cancellationToken = default);

    /// <summary>Available items that go with one, best first, or null when it is unknown. Limit 1 to 50.</summary>
    ValueTask<SimilarItems?> GetSimilarAsync(ItemKind kind, string id, int limit, CancellationToken cancellationToken = default);

    /// <summary>The ranker's weights and how well they predict.</summary>
    ValueTask<RankingModel> GetModelAsync(CancellationToken cancellationToken = default);

    /// <summary>The platform.</summary>
    ValueTask<Overview> GetOverviewAsync(CancellationToken cancellationToken = default);

    /// <summary>The policy of traffic that holds; of version 0 and without rules when none was ever set.</summary>
    ValueTask<TrafficPolicy> GetTrafficPolicyAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts a policy in place of the one that holds and returns it with its version, when it is durable. Throws <see cref="ErrorCode.InvalidPolicy"/>,
    /// <see cref="ErrorCode.ContradictoryPolicy"/>, <see cref="ErrorCode.PolicyConflict"/> when another version holds than the policy says it replaces, and as <see cref="IngestAsync"/>.
    /// </summary>
    ValueTask<TrafficPolicy> SetTrafficPolicyAsync(TrafficPolicy policy, CancellationToken cancellationToken = default);

    /// <summary>What the policy promised, what was delivered of it and what it costs.</summary>
    ValueTask<TrafficShares> GetTrafficAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// The plan of traffic that is worth most under its bounds, exactly; seconds of work for the largest ones, apart from events and other
    /// questions. Throws <see cref="ErrorCode.InvalidPlan"/>, <see cref="ErrorCode.PlanTooLarge"/>; bounds that contradict each other are an answer.
    /// </summary>
    ValueTask<TrafficPlan> PlanTrafficAsync(TrafficPlanRequest request, CancellationToken cancellationToken = default);

    /// <summary>A sample of the events accepted lately; never waits. Null: this engine keeps none. Sampling goes on for some seconds after each call and then rests.</summary>
    EventTail? ReadTail() => null;

    /// <summary>Health and counters; never waits.</summary>
    EngineStatus GetStatus();

    /// <summary>The limits of requests that this engine enforces.</summary>
    RequestLimits Limits { get; }
}

/// <summary>Limits of one request (SPEC 6).</summary>
public sealed record RequestLimits
{
    /// <summary>Bytes of a body as sent; default 8 MiB.</summary>
    public int MaxBodyBytes { get; init; } = 8 << 20;
    /// <summary>Bytes of a body after gunzip; default 64 MiB.</summary>
    public int MaxInflatedBytes { get; init; } = 64 << 20;
    /// <summary>Bytes of one event; default 32 KiB.</summary>
    public int MaxEventBytes { get; init; } = 32 << 10;
    /// <summary>Events in one request; default 10,000.</summary>
    public int MaxEvents { get; init; } = 10_000;
    /// <summary>Depth of JSON; default 8.</summary>
    public int MaxDepth { get; init; } = 8;
}
