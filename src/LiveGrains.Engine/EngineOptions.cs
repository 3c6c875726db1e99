using LiveGrains.Core;

namespace LiveGrains.Engine;

/// <summary>Where the engine's clock comes from.</summary>
public enum ClockMode
{
    /// <summary>The server's time.</summary>
    Wall,
    /// <summary>The highest event time seen, for replays.</summary>
    Event,
}

/// <summary>
/// Everything that can be set. Values marked <em>in the log</em> are written into the log when it is opened, because the
/// fold depends on them: the same log always gives the same state, whatever the options of the process that reads it.
/// </summary>
public sealed record EngineOptions
{
    /// <summary>The data directory; made when it is not there. Null: in memory, nothing is durable.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>In place of a data directory: where logs and snapshots are kept. Not together with <see cref="DataDirectory"/>.</summary>
    public ShardStore? Store { get; init; }

    /// <summary>Clock mode; in the log, fixed when the directory is made.</summary>
    public ClockMode Clock { get; init; } = ClockMode.Wall;

    /// <summary>Number of shards, 1–64, default 1; fixed when the directory is made.</summary>
    public int Shards { get; init; } = 1;

    /// <summary>Which of the shards are this engine's; null: all. Fewer only in a <see cref="Store"/> that others share, and then records come cut (docs/cluster.md).</summary>
    internal IReadOnlyList<int>? Owned { get; init; }

    /// <summary>How much later than its time an event still counts in buckets, default 5 min, at most 1 h; in the log.</summary>
    public TimeSpan Lateness { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After this time without a signal a session closes, default 90 s, at most 10 min; in the log.</summary>
    public TimeSpan PresenceTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Users of a room (product, video) up to which distinct users are exact, default 1,000,000; in the log.</summary>
    public int ExactAudience { get; init; } = 1_000_000;

    /// <summary>Limit of rooms a shard, default 1,000,000; in the log.</summary>
    public int MaxRooms { get; init; } = 1_000_000;

    /// <summary>Limit of users a shard, default 50,000,000; in the log.</summary>
    public int MaxUsers { get; init; } = 50_000_000;

    /// <summary>Limit of products a shard, and of videos, default 5,000,000; in the log.</summary>
    public int MaxProducts { get; init; } = 5_000_000;

    /// <summary>Limit of (item, user) pairs a shard, default 200,000,000; in the log.</summary>
    public long MaxAudiencePairs { get; init; } = 200_000_000;

    /// <summary>Age of an id in the dedupe window, default 1 h; in the log.</summary>
    public TimeSpan DedupeWindow { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Ids in the dedupe window, default 20,000,000, rounded up to a power of two; in the log.</summary>
    public int DedupeIds { get; init; } = 20_000_000;

    /// <summary>The engine's currency, ISO 4217; in the log.</summary>
    public string Currency { get; init; } = "CNY";

    /// <summary>Limits of requests.</summary>
    public RequestLimits Limits { get; init; } = new();

    /// <summary>Bytes of events that may wait for a shard before requests are refused with `busy`, default 64 MiB.</summary>
    public long MaxQueueBytes { get; init; } = 64L << 20;

    /// <summary>Bytes of a log segment, default 64 MiB.</summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>A snapshot is made when this many bytes of log came since the last, default 1 GiB; 0: only when closing.</summary>
    public long SnapshotLogBytes { get; init; } = 1L << 30;

    /// <summary>Bytes of log kept although two snapshots cover them, default 0.</summary>
    public long RetainLogBytes { get; init; }

    /// <summary>Takes the slots that were shown under a policy of traffic; null: nobody does.</summary>
    public IImpressionLog? ImpressionLog { get; init; }

    /// <summary>What the probability that a recommended item is watched counts in its score, 0–1,000, default 1.</summary>
    public double WatchWeight { get; init; } = ObjectiveWeights.Default.Watch;

    /// <summary>What the probability of an interaction counts, 0–1,000, default 1.</summary>
    public double InteractWeight { get; init; } = ObjectiveWeights.Default.Interact;

    /// <summary>What the probability of a payment counts, 0–1,000, default 5: payments are rare. Of the three weights one must be above 0.</summary>
    public double PayWeight { get; init; } = ObjectiveWeights.Default.Pay;
}
