using System.Globalization;
using static LiveGrains.Server.Metrics.MetricKind;

namespace LiveGrains.Server.Metrics;

/// <summary>
/// Every metric of engine and server but the histograms. No label names a room, a user or an item: the number of series does not grow with
/// the platform.
/// </summary>
internal static class MetricCatalogue
{
    private static readonly string[] _states = ["starting", "ready", "full", "unavailable", "stopped", "closing"];

    /// <summary>All, in the order in which `/metrics` has them.</summary>
    internal static readonly IReadOnlyList<MetricFamily> All = [.. Engine(), .. Tables(), .. Log(), .. Snapshots(), .. Recommender(), .. Server()];

    private static IEnumerable<MetricFamily> Engine() =>
    [
        new("livegrains.engine.state", Gauge, "", "1 for the state that the engine is in.",
            r => _states.Union([r.Engine.State]).Select(state => new MetricSample(state == r.Engine.State ? 1 : 0, ("state", state)))),
        new("livegrains.engine.info", Gauge, "", "1, with the currency of amounts.", r => [new(1, ("currency", r.Engine.Currency))]),
        new("livegrains.clock.timestamp", Gauge, "s", "The engine's clock, seconds since 1970.", r => [new(r.Engine.Clock.ToUnixTimeMilliseconds() / 1000.0)]),
        new("livegrains.events", Counter, "{event}", "Events folded since the log began, by outcome. An event counts in each shard it goes to.",
            r => r.Engine.Shards.SelectMany(shard => new MetricSample[]
            {
                new(shard.Accepted, Label(shard), ("outcome", "accepted")),
                new(shard.Duplicates, Label(shard), ("outcome", "duplicate")),
            })),
        Each("livegrains.events.late", Counter, "{event}", "Accepted events that came too late for windows and series.", shard => shard.Late),
        new("livegrains.events.rejected", Counter, "{event}", "Events refused, by code.",
            r => r.Engine.RejectedByCode.OrderBy(row => row.Key, StringComparer.Ordinal).Select(row => new MetricSample(row.Value, ("code", row.Key)))),
    ];

    private static IEnumerable<MetricFamily> Tables() =>
    [
        Each("livegrains.capacity.refusals", Counter, "{event}", "Events refused because a table is full.", shard => shard.CapacityRefusals),
        Each("livegrains.rooms", Gauge, "{room}", "Rooms known.", shard => shard.Rooms),
        Each("livegrains.users", Gauge, "{user}", "Users known.", shard => shard.Users),
        Each("livegrains.products", Gauge, "{product}", "Products known.", shard => shard.Products),
        Each("livegrains.videos", Gauge, "{video}", "Videos known.", shard => shard.Videos),
        Each("livegrains.online.sessions", Gauge, "{session}", "Open sessions.", shard => shard.Online),
        Each("livegrains.audience.pairs", Gauge, "{pair}", "Pairs of an item and a user, for distinct counts.", shard => shard.AudiencePairs),
        Each("livegrains.dedupe.window.ids", Gauge, "{id}", "Ids in the dedupe window.", shard => shard.DedupeIds),
        Each("livegrains.dedupe.window", Gauge, "By", "Memory of the dedupe window.", shard => shard.DedupeBytes),
        Each("livegrains.table", Gauge, "By", "Memory of the tables.", shard => shard.TableBytes),
        Each("livegrains.fold", Counter, "s", "Time spent folding events.", shard => shard.FoldMicrosecondsTotal / 1e6),
        Each("livegrains.queue", Gauge, "By", "Bytes of events that wait for the shard.", shard => shard.QueueBytes),
        Each("livegrains.queue.blocks", Gauge, "{block}", "Blocks of events that wait for the shard.", shard => shard.QueueBlocks),
    ];

    private static IEnumerable<MetricFamily> Log() =>
    [
        Each("livegrains.log", Gauge, "By", "Bytes of the log on disk.", shard => shard.LogBytes),
        Each("livegrains.log.position", Gauge, "By", "Position of the end of the log.", shard => shard.LogPosition),
        Each("livegrains.log.frames", Counter, "{frame}", "Frames written to the log since it began.", shard => shard.LogFrames),
        Each("livegrains.log.segments", Gauge, "{segment}", "Segments of the log.", shard => shard.LogSegments),
        Each("livegrains.log.sync", Counter, "s", "Time spent making the log durable.", shard => shard.SyncMicrosecondsTotal / 1e6),
        Each("livegrains.log.last_sync", Gauge, "s", "Time the last sync of the log took.", shard => shard.SyncMicroseconds / 1e6),
    ];

    private static IEnumerable<MetricFamily> Snapshots() =>
    [
        Each("livegrains.snapshots", Counter, "{snapshot}", "Snapshots made.", shard => shard.Snapshots),
        Each("livegrains.snapshot.position", Gauge, "By", "Log position of the last snapshot; -1 before the first.", shard => shard.SnapshotPosition),
        Each("livegrains.snapshot.last", Gauge, "s", "Time the last snapshot took.", shard => shard.SnapshotSeconds),
        Each("livegrains.recovery", Gauge, "s", "Time the last recovery took.", shard => shard.RecoverySeconds),
    ];

    private static IEnumerable<MetricFamily> Recommender() =>
    [
        Of("feed", Gauge, "By", "Bytes of visits and outcomes that wait to be learned.", s => s.QueueBytes),
        Of("feeds.dropped", Counter, "{part}", "Parts of the feed left out because learning was behind.", s => s.Dropped),
        Of("visits", Counter, "{visit}", "Visits learned from.", s => s.Visits),
        Of("items", Gauge, "{item}", "Items that can be recommended when they are available.", s => s.Items),
        Of("impressions", Counter, "{impression}", "Impressions of recommended items learned from, since the ranker began.", s => s.Impressions),
        Of("impressions.waiting", Gauge, "{impression}", "Recommended items whose window is not over.", s => s.Waiting),
        Of("segments", Gauge, "{segment}", "Segments of users in use.", s => s.Segments),
        Of("groups", Gauge, "{group}", "Groups of users with the same static features.", s => s.Groups),
        new("livegrains.recommender", Gauge, "By", "Memory of the models.", r => r.Engine.Recommender is { } s ? [new(s.Bytes)] : []),
        Objective("positives", Counter, "{impression}", "Impressions learned from in which an objective came about.", o => o.Positives),
        Objective("log_loss", Gauge, "", "Progressive log loss of the last impressions, nats; none before the first.", o => o.LogLoss),
        Objective("calibration_error", Gauge, "", "Expected calibration error of the last impressions; none before the first.", o => o.CalibrationError),
    ];

    private static IEnumerable<MetricFamily> Server() =>
    [
        new("http.server.active_requests", Gauge, "{request}", "Requests being answered now.", r => [new(r.Requests.Active)]),
        new("livegrains.http.body", Gauge, "By", "Memory of bodies being read now.", r => [new(r.Requests.BodyBytes())]),
        new("livegrains.push.subscribers", Gauge, "{connection}", "Connections that are subscribed to live changes now.", r => [new(r.Requests.Subscribers())]),
        new("livegrains.push.topics", Gauge, "{topic}", "Rooms and other things that are watched now.", r => [new(r.Requests.WatchedTopics())]),
        new("livegrains.http.problems", Counter, "{request}", "Requests answered with problem details, by code.", r => Enum.GetValues<ErrorCode>()
            .Select(code => (Code: code, Count: r.Requests.RefusedWith(code))).Where(row => row.Count > 0)
            .Select(row => new MetricSample(row.Count, ("code", row.Code.Describe().Code)))),
    ];

    private static MetricFamily Each(string name, MetricKind kind, string unit, string help, Func<ShardStatus, double> value) =>
        new(name, kind, unit, help, r => r.Engine.Shards.Select(shard => new MetricSample(value(shard), Label(shard))));

    private static MetricFamily Of(string name, MetricKind kind, string unit, string help, Func<RecommenderStatus, double> value) =>
        new("livegrains.recommender." + name, kind, unit, help, r => r.Engine.Recommender is { } status ? [new(value(status))] : []);

    private static MetricFamily Objective(string name, MetricKind kind, string unit, string help, Func<ObjectiveStatus, double?> value) =>
        new("livegrains.recommender." + name, kind, unit, help, r => (r.Engine.Recommender?.Objectives ?? [])
            .Where(objective => value(objective) is not null).Select(objective => new MetricSample(value(objective)!.Value, ("objective", objective.Name))));

    private static (string, string) Label(ShardStatus shard) => ("shard", shard.Shard.ToString(CultureInfo.InvariantCulture));
}
