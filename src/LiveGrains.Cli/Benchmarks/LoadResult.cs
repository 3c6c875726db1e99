namespace LiveGrains.Cli.Benchmarks;

/// <summary>What the load generator saw.</summary>
public sealed record LoadResult
{
    /// <summary>Answers with a 2xx status.</summary>
    public required long Succeeded { get; init; }

    /// <summary>Answers with another status, by status; 0: the connection failed.</summary>
    public required IReadOnlyDictionary<int, long> Failed { get; init; }

    /// <summary>From the first send to the last answer.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>From the intended send time (open loop) or the send (closed loop) to the end of the answer.</summary>
    public required LatencyHistogram Latency { get; init; }

    /// <summary>Open loop: requests that were due in time but never sent, because all connections waited until the end.</summary>
    public required long Unsent { get; init; }

    /// <summary>Successful answers a second.</summary>
    public double RequestsPerSecond => Succeeded / Math.Max(Elapsed.TotalSeconds, 1e-9);
}
