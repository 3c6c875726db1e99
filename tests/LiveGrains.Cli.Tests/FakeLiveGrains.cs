using System.Text;
using System.Text.Json;

namespace LiveGrains.Cli.Tests;

/// <summary>An engine in memory that counts lines: an event without `type` is refused, an id that it knows is a duplicate.</summary>
internal sealed class FakeLiveGrains : ILiveGrains, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _ids = [];

    public List<string> Accepted { get; } = [];

    public int Refusals { get; set; }

    public int MaxEvents { get; init; } = 10_000;

    public TaskCompletionSource FirstEvents { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool Disposed { get; private set; }

    public RequestLimits Limits { get; } = new();

    public ValueTask<IngestAnswer> IngestAsync(ReadOnlyMemory<byte> body, EventFormat format, CloudEventAttributes? attributes = null, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (Refusals-- > 0) throw new LiveGrainsException(ErrorCode.Busy);
            var lines = Encoding.UTF8.GetString(body.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            if (lines.Length > MaxEvents) throw new LiveGrainsException(ErrorCode.TooManyEvents);
            var errors = new List<IngestError>();
            int accepted = 0, duplicates = 0;
            for (var i = 0; i < lines.Length; i++)
            {
                if (Id(lines[i]) is not { } id)
                {
                    errors.Add(new IngestError(i, null, "invalid_json", "Not an event."));
                }
                else if (_ids.Add(id))
                {
                    Accepted.Add(lines[i]);
                    accepted++;
                }
                else
                {
                    duplicates++;
                }
            }
            if (accepted > 0) FirstEvents.TrySetResult();
            return new(new IngestAnswer(accepted, duplicates, errors.Count, errors));
        }
    }

    public ValueTask<RoomMetrics?> GetRoomAsync(string room, CancellationToken cancellationToken = default) => new(Samples.Room(room));

    public ValueTask<RoomListPage> ListRoomsAsync(RoomListQuery query, CancellationToken cancellationToken = default) =>
        new(new RoomListPage([Samples.RoomRow("room-1"), Samples.RoomRow("room-2")], 2, null, Samples.Now));

    public ValueTask<SeriesAnswer?> GetRoomSeriesAsync(string room, SeriesQuery query, CancellationToken cancellationToken = default) =>
        new(new SeriesAnswer(query.Metric, query.StepSeconds, [new SeriesPoint(0, 1), new SeriesPoint(60_000, 3)]));

    public ValueTask<RoomBroadcast?> GetBroadcastAsync(string room, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<RoomProducts?> GetRoomProductsAsync(string room, CancellationToken cancellationToken = default) =>
        new(new RoomProducts(room, [Samples.ItemInRoom(room, "product-1", 100), Samples.ItemInRoom(room, "product-2", 900)], Samples.Now));

    public ValueTask<ItemMetrics?> GetProductAsync(string product, CancellationToken cancellationToken = default) => new(Samples.Product(product));

    public ValueTask<ItemMetrics?> GetVideoAsync(string video, CancellationToken cancellationToken = default) => new((ItemMetrics?)null);

    public ValueTask<UserProfile?> GetUserAsync(string user, CancellationToken cancellationToken = default) => new((UserProfile?)null);

    public ValueTask<Overview> GetOverviewAsync(CancellationToken cancellationToken = default) => new(Samples.Overview());

    public ValueTask<RecommendationList> RecommendAsync(string user, RecommendationQuery query, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<SimilarItems?> GetSimilarAsync(ItemKind kind, string id, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<RankingModel> GetModelAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<TrafficPolicy> GetTrafficPolicyAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<TrafficPolicy> SetTrafficPolicyAsync(TrafficPolicy policy, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<TrafficShares> GetTrafficAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<TrafficPlan> PlanTrafficAsync(TrafficPlanRequest request, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public EngineStatus GetStatus() => new() { State = "ready", Clock = Samples.Now, Shards = [], RejectedByCode = new Dictionary<string, long>() };

    public ValueTask DisposeAsync()
    {
        Disposed = true;
        return default;
    }

    private static string? Id(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.TryGetProperty("type", out _) ? document.RootElement.GetProperty("id").GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
