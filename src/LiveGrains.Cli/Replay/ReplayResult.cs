namespace LiveGrains.Cli.Replay;

/// <summary>The JSON document of `replay --format json`.</summary>
public sealed record ReplayResult
{
    /// <summary>The inputs.</summary>
    public required IReadOnlyList<string> Files { get; init; }
    /// <summary>A server's address, a data directory, or `memory`.</summary>
    public required string Target { get; init; }
    /// <summary>Events with an outcome: accepted + duplicates + rejected.</summary>
    public required long Events { get; init; }
    /// <summary>Events that were kept.</summary>
    public required long Accepted { get; init; }
    /// <summary>Events that were there before.</summary>
    public required long Duplicates { get; init; }
    /// <summary>Events that were refused.</summary>
    public required long Rejected { get; init; }
    /// <summary>Refusals by code.</summary>
    public required IReadOnlyDictionary<string, long> RejectedByCode { get; init; }
    /// <summary>The first refusals with their place.</summary>
    public required IReadOnlyList<ReplayError> Errors { get; init; }
    /// <summary>Requests that were answered.</summary>
    public required long Requests { get; init; }
    /// <summary>Requests that were sent again.</summary>
    public required long Retries { get; init; }
    /// <summary>Time from the first read to the last answer.</summary>
    public required double Seconds { get; init; }
    /// <summary>Events ÷ seconds.</summary>
    public required double EventsPerSecond { get; init; }
    /// <summary>Full metrics of the top rooms, most views first.</summary>
    public required IReadOnlyList<RoomMetrics> Rooms { get; init; }
    /// <summary>Full metrics of the top products, highest gmv first.</summary>
    public required IReadOnlyList<ItemMetrics> Products { get; init; }
}
