namespace LiveGrains.Cli.Benchmarks;

/// <summary>All benchmarks, in the order in which they run.</summary>
public static class BenchmarkCatalogue
{
    /// <summary>The benchmarks.</summary>
    public static IReadOnlyList<IBenchmark> All { get; } =
    [
        new ActorPerEntity(),
        new RedisPipeline(RedisDurability.None),
        new RedisPipeline(RedisDurability.AppendOnlyAlways),
    ];
}
