namespace LiveGrains;

/// <summary>Health and counters of an engine, for probes, /metrics and `top`. Totals are since the process started unless said otherwise.</summary>
public sealed record EngineStatus
{
    /// <summary>`starting`, `ready`, `full` (disk full, queries go on), `unavailable` (the database cannot be reached, queries go on), `stopped` (a write failed, or another engine has the shard), `closing`.</summary>
    public required string State { get; init; }
    public string? StateDetail { get; init; }
    public required DateTimeOffset Clock { get; init; }
    /// <summary>The currency of amounts, ISO 4217.</summary>
    public string Currency { get; init; } = "CNY";
    public required IReadOnlyList<ShardStatus> Shards { get; init; }
    /// <summary>Refused events by code.</summary>
    public required IReadOnlyDictionary<string, long> RejectedByCode { get; init; }
    /// <summary>The recommender; null where there is none.</summary>
    public RecommenderStatus? Recommender { get; init; }
}

/// <summary>Counters of the recommender. What its models know is as of the last second.</summary>
public sealed record RecommenderStatus
{
    /// <summary>Lists made, and how long each took on the recommender's thread.</summary>
    public required QuestionDurations Questions { get; init; }
    /// <summary>Bytes of what shards told that wait to be learned.</summary>
    public required long QueueBytes { get; init; }
    /// <summary>Parts of what shards told that were left out because learning was behind.</summary>
    public required long Dropped { get; init; }
    /// <summary>Visits learned from.</summary>
    public required long Visits { get; init; }
    /// <summary>Items that can be recommended when they are available.</summary>
    public required long Items { get; init; }
    /// <summary>Impressions of recommended items learned from, since the ranker began.</summary>
    public required long Impressions { get; init; }
    /// <summary>Recommended items whose window is not over.</summary>
    public required long Waiting { get; init; }
    /// <summary>Segments of users in use.</summary>
    public required int Segments { get; init; }
    /// <summary>Groups of users with the same static features.</summary>
    public required int Groups { get; init; }
    /// <summary>Memory of the models.</summary>
    public required long Bytes { get; init; }
    /// <summary>How well each objective is predicted.</summary>
    public required IReadOnlyList<ObjectiveStatus> Objectives { get; init; }
}

/// <summary>Durations in buckets.</summary>
/// <param name="BoundsSeconds">The buckets' upper bounds.</param>
/// <param name="Counts">How many in each; one bucket more, for what is above the last bound.</param>
/// <param name="Seconds">The sum of all.</param>
public sealed record QuestionDurations(IReadOnlyList<double> BoundsSeconds, IReadOnlyList<long> Counts, double Seconds);

/// <summary>How well an objective is predicted.</summary>
/// <param name="Name">`watch`, `interact` or `pay`.</param>
/// <param name="Positives">Impressions in which it came about, since the ranker began.</param>
/// <param name="LogLoss">Progressive, of the last examples (a memory of 20,000); null before the first.</param>
/// <param name="CalibrationError">Expected calibration error of the same; null before the first.</param>
public sealed record ObjectiveStatus(string Name, long Positives, double? LogLoss, double? CalibrationError);

/// <summary>One shard.</summary>
public sealed record ShardStatus
{
    public required int Shard { get; init; }
    /// <summary>Events folded since the log began: accepted, duplicates, late (part of accepted).</summary>
    public required long Accepted { get; init; }
    public required long Duplicates { get; init; }
    public required long Late { get; init; }
    public required long CapacityRefusals { get; init; }
    public required long Rooms { get; init; }
    public required long Users { get; init; }
    public required long Products { get; init; }
    public required long Videos { get; init; }
    public required long Online { get; init; }
    /// <summary>Pairs of an item and a user for distinct counts.</summary>
    public required long AudiencePairs { get; init; }
    public required long DedupeIds { get; init; }
    public required long DedupeBytes { get; init; }
    public required long TableBytes { get; init; }
    public required long LogBytes { get; init; }
    public required long LogPosition { get; init; }
    public required long LogFrames { get; init; }
    public required long LogSegments { get; init; }
    /// <summary>Time of the last fdatasync and the sum of all, microseconds.</summary>
    public required double SyncMicroseconds { get; init; }
    public required double SyncMicrosecondsTotal { get; init; }
    public required double FoldMicrosecondsTotal { get; init; }
    public required long QueueBytes { get; init; }
    public required long QueueBlocks { get; init; }
    public required long Snapshots { get; init; }
    public required long SnapshotPosition { get; init; }
    public required double SnapshotSeconds { get; init; }
    public required double RecoverySeconds { get; init; }
}
