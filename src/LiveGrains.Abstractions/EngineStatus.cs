namespace LiveGrains;

/// <summary>Health and counters of an engine, for probes, /metrics and `top`. Totals are since the process started unless said otherwise.</summary>
public sealed record EngineStatus
{
    /// <summary>`starting`, `ready`, `full` (disk full, queries go on), `stopped` (a write failed), `closing`.</summary>
    public required string State { get; init; }
    public string? StateDetail { get; init; }
    public required DateTimeOffset Clock { get; init; }
    /// <summary>The currency of amounts, ISO 4217.</summary>
    public string Currency { get; init; } = "CNY";
    public required IReadOnlyList<ShardStatus> Shards { get; init; }
    /// <summary>Refused events by code.</summary>
    public required IReadOnlyDictionary<string, long> RejectedByCode { get; init; }
}

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
