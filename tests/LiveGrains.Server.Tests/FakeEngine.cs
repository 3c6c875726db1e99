namespace LiveGrains.Server.Tests;

/// <summary>An engine that keeps the bodies it was given and answers what the test wants.</summary>
public sealed class FakeEngine : ILiveGrains
{
    private readonly Lock _lock = new();
    private readonly List<Ingested> _ingested = [];
    private int _roomQuestions;

    public static readonly DateTimeOffset Clock = new(2026, 11, 22, 20, 30, 15, 250, TimeSpan.FromHours(8));

    public IReadOnlyList<Ingested> AllIngested
    {
        get { lock (_lock) return [.. _ingested]; }
    }

    public Ingested LastIngested => AllIngested[^1];

    public Func<ReadOnlyMemory<byte>, ValueTask<IngestAnswer>> OnIngest { get; set; } = _ => ValueTask.FromResult(Accepted(1));

    /// <summary>Thrown by every question when set.</summary>
    public Exception? Failure { get; set; }

    public EngineStatus Status { get; set; } = Samples.Status("ready");

    public RequestLimits Limits { get; set; } = new();

    public RoomListQuery? LastList { get; private set; }

    public SeriesQuery? LastSeries { get; private set; }

    public static IngestAnswer Accepted(int count) => new(count, 0, 0, []);

    public ValueTask<IngestAnswer> IngestAsync(ReadOnlyMemory<byte> body, EventFormat format, CloudEventAttributes? attributes = null,
        CancellationToken cancellationToken = default)
    {
        lock (_lock) _ingested.Add(new Ingested(body.ToArray(), format, attributes));
        return OnIngest(body);
    }

    public ValueTask<RoomMetrics?> GetRoomAsync(string room, CancellationToken cancellationToken = default) =>
        Answer(room == "r1" ? AskRoom() : null);

    /// <summary>What is answered about room r1.</summary>
    public RoomMetrics? Room { get; set; } = Samples.Room();

    /// <summary>When set, instead: the answer to the nth question.</summary>
    public Func<int, RoomMetrics>? OnRoom { get; set; }

    /// <summary>How often r1 was asked for.</summary>
    public int RoomQuestions => _roomQuestions;

    public EventTail ReadTail() => new([new TailEvent(1, "like", Clock, "r1", null, null, 3, null, null, "feed")], Clock);

    private RoomMetrics? AskRoom()
    {
        var question = Interlocked.Increment(ref _roomQuestions);
        return OnRoom is { } answer ? answer(question) : Room;
    }

    /// <summary>What is answered about the rooms.</summary>
    public Func<RoomListQuery, RoomListPage> OnList { get; set; } = _ => new([Samples.Row()], 1, null, Clock);

    public ValueTask<RoomListPage> ListRoomsAsync(RoomListQuery query, CancellationToken cancellationToken = default)
    {
        LastList = query;
        return Answer(OnList(query));
    }

    public ValueTask<SeriesAnswer?> GetRoomSeriesAsync(string room, SeriesQuery query, CancellationToken cancellationToken = default)
    {
        LastSeries = query;
        return Answer(room == "r1" ? new SeriesAnswer(query.Metric, query.StepSeconds, [new(1000, 2), new(11000, 0.5)]) : null);
    }

    public ValueTask<RoomProducts?> GetRoomProductsAsync(string room, CancellationToken cancellationToken = default) =>
        Answer(room == "r1" ? new RoomProducts(room, [Samples.Part()], Clock) : null);

    /// <summary>What is answered about the broadcast of r1.</summary>
    public RoomBroadcast Broadcast { get; set; } = Samples.Broadcast();

    public ValueTask<RoomBroadcast?> GetBroadcastAsync(string room, CancellationToken cancellationToken = default) =>
        Answer(room == "r1" ? Broadcast : null);

    public ValueTask<ItemMetrics?> GetProductAsync(string product, CancellationToken cancellationToken = default) =>
        Answer(product == "p1" ? Samples.Item() with { Product = product } : null);

    public ValueTask<ItemMetrics?> GetVideoAsync(string video, CancellationToken cancellationToken = default) =>
        Answer(video == "v1" ? Samples.Item() with { Video = video } : null);

    public ValueTask<UserProfile?> GetUserAsync(string user, CancellationToken cancellationToken = default) =>
        Answer(user == "u1" ? Samples.User() : null);

    public ValueTask<Overview> GetOverviewAsync(CancellationToken cancellationToken = default) => Answer(Samples.Overview());

    public RecommendationQuery? LastQuery { get; private set; }

    public ValueTask<RecommendationList> RecommendAsync(string user, RecommendationQuery query, CancellationToken cancellationToken = default)
    {
        LastQuery = query;
        return Answer(Samples.Recommendations(user, query));
    }

    public ValueTask<SimilarItems?> GetSimilarAsync(ItemKind kind, string id, int limit, CancellationToken cancellationToken = default) =>
        Answer(id == "r1" ? new SimilarItems(kind, id, [new SimilarItem("r2", "另一间", 0.5, 0.5, 0)]) : null);

    public ValueTask<RankingModel> GetModelAsync(CancellationToken cancellationToken = default) => Answer(Samples.Model());

    public Func<TrafficPlanRequest, CancellationToken, Task<TrafficPlan>> OnPlan { get; set; } = (_, _) => Task.FromException<TrafficPlan>(new NotSupportedException());

    public TrafficPolicy? LastPolicy { get; private set; }

    public ValueTask<TrafficPolicy> GetTrafficPolicyAsync(CancellationToken cancellationToken = default) => Answer(LastPolicy ?? new TrafficPolicy { Version = 3 });

    public ValueTask<TrafficPolicy> SetTrafficPolicyAsync(TrafficPolicy policy, CancellationToken cancellationToken = default)
    {
        LastPolicy = policy;
        return Answer(policy with { Version = 4 });
    }

    public ValueTask<TrafficShares> GetTrafficAsync(CancellationToken cancellationToken = default) => Answer(Samples.Traffic());

    public ValueTask<TrafficPlan> PlanTrafficAsync(TrafficPlanRequest request, CancellationToken cancellationToken = default) => new(OnPlan(request, cancellationToken));

    public EngineStatus GetStatus() => Status;

    private ValueTask<T> Answer<T>(T answer) => Failure is null ? ValueTask.FromResult(answer) : ValueTask.FromException<T>(Failure);
}

/// <summary>One call of IngestAsync.</summary>
public sealed record Ingested(byte[] Body, EventFormat Format, CloudEventAttributes? Attributes);
