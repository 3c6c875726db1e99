namespace LiveGrains.Cli.Benchmarks;

/// <summary>All benchmarks, in the order in which they run.</summary>
public static class BenchmarkCatalogue
{
    /// <summary>The benchmarks.</summary>
    public static IReadOnlyList<IBenchmark> All { get; } =
    [
        new FoldBenchmark(),
        new LearnBenchmark(),
        new GarbageBenchmark(),
        new BytesPerUserBenchmark(),
        new HotRoomBenchmark(),
        new DurableBenchmark(),
        new PostgresDurableBenchmark(),
        new SnapshotPauseBenchmark(),
        new RestartBenchmark(),
        new ExactTopBenchmark(),
        new RankingPieces(),
        new RecommendBenchmark(),
        new TrafficBenchmark(),
        new PlanBenchmark(overlapping: false),
        new PlanBenchmark(overlapping: true),
        new HttpBatchBenchmark("httpBatch", "HTTP NDJSON, 100 a request, 16 connections, durable, load generator on the same machine", r => r.EventsPerSecond, "events/s", 250e3, 600e3, false),
        new HttpBatchBenchmark("ackP50", "acknowledgement at half of httpBatch, from the intended send time", r => r.AckP50Ms, "ms", 2, 0.6, true),
        new HttpBatchBenchmark("ackP99", "the same, 99th percentile", r => r.AckP99Ms, "ms", 10, 2, true),
        new HttpBatchBenchmark("roomQueryP99", "one room's metrics over HTTP at half load", r => r.RoomP99Ms, "ms", 5, 1, true),
        new HttpBatchBenchmark("recommendP99", "20 rooms of 10,000 live for a user over HTTP at half load", r => r.RecommendP99Ms, "ms", 5, 1, true),
        new HttpSingleBenchmark(),
        new PushBenchmark(),
        new ClusterBatchBenchmark("clusterBatch", connections: 60),
        new ClusterBatchBenchmark("clusterFew", connections: 18),
        new ClusterRoomBenchmark(),
        new ReportBenchmark(),
        new ActorPerEntity(),
        new RedisPipeline(RedisDurability.None),
        new RedisPipeline(RedisDurability.AppendOnlyAlways),
    ];
}
