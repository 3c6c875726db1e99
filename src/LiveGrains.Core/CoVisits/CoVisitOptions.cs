namespace LiveGrains.Core;

/// <summary>How co-visits are counted. All of it is part of the state: another value needs a replay of the log.</summary>
internal sealed record CoVisitOptions
{
    /// <summary>How many items back a live platform looks; what a shard's feed tells of a history.</summary>
    public const int DefaultWindow = 20;

    /// <summary>Items before a touch that count as its predecessors, 1 to 512. Default 20.</summary>
    public int Window { get; init; } = DefaultWindow;

    /// <summary>
    /// Most cache lines of an item's successors, of seven each; a power of two from 1 to 2,048. Default 32: up to 224
    /// successors, 2 KiB.
    /// </summary>
    public int MostLines { get; init; } = 32;

    /// <summary>
    /// How much less a pair counts with each item between the two: gap^(−n/4), 0 to 8; 0 is "the order does not matter".
    /// Default 1.
    /// </summary>
    public int GapQuarters { get; init; } = 1;

    /// <summary>
    /// How much less the pairs of busy users count: (1 + length of history ÷ 5)^(−n/4), 0 to 8. Default 1.
    /// </summary>
    public int ActivityQuarters { get; init; } = 1;

    /// <summary>In which the counts halve, seconds. Default: never.</summary>
    public float HalfLifeSeconds { get; init; } = ExponentialDecay.Never;

    /// <summary>In which a pair's worth halves with the time between its two touches, seconds. Default: never.</summary>
    public float PairHalfLifeSeconds { get; init; } = ExponentialDecay.Never;
}
