namespace LiveGrains.Core;

/// <summary>How interest is learned and scored. The first three are part of the state; the rest may change at any time.</summary>
internal sealed record InterestOptions
{
    /// <summary>What comes next for a user, by order and recency: live platforms, shops, music. The default.</summary>
    public static InterestOptions Sequences { get; } = new();

    /// <summary>
    /// What else fits to all that a user likes, for histories without a meaningful order (ratings): every pair of a history
    /// counts, whatever is between. Learning costs as much as the history is long; scored with <see cref="LocalRegression"/>.
    /// </summary>
    public static InterestOptions Sets { get; } = new()
    {
        CoVisits = new CoVisitOptions { Window = HistoryStore.MostItems, GapQuarters = 0, ActivityQuarters = 1, MostLines = 1024 },
    };

    /// <summary>How pairs are counted.</summary>
    public CoVisitOptions CoVisits { get; init; } = new();

    /// <summary>Most items of a history, 1 to 512. Default 512.</summary>
    public int HistoryItems { get; init; } = HistoryStore.MostItems;

    /// <summary>In which the weight of a history's entry halves, seconds. Default: never.</summary>
    public float WeightHalfLifeSeconds { get; init; } = ExponentialDecay.Never;

    /// <summary>How many of the last items speak in a recommendation. Default 8.</summary>
    public int SpeakingItems { get; init; } = 8;

    /// <summary>What an item's successors count against those of the item after it. Default 0.6.</summary>
    public float Recency { get; init; } = 0.6f;

    /// <summary>What an item's attributes count against those of the item after it. Default 0.8.</summary>
    public float AttributeRecency { get; init; } = 0.8f;

    /// <summary>How much a cosine of 1 raises what co-visits say: by this share. Default 1.5.</summary>
    public float AttributeBoost { get; init; } = 1.5f;

    /// <summary>What the cosine of attributes counts. Default 0.01: it decides where co-visits say little.</summary>
    public float AttributeWeight { get; init; } = 0.01f;

    /// <summary>Touches added to every item's, so that few touches do not make a strong opinion. Default 4.</summary>
    public float Shrinkage { get; init; } = 4;

    /// <summary>How much less the successors of often touched items count, (touches + shrinkage)^(−n/4). Default 3.</summary>
    public int SourceQuarters { get; init; } = 3;

    /// <summary>How much less often touched candidates count, (touches + shrinkage)^(−n/4). Default 1.</summary>
    public int TargetQuarters { get; init; } = 1;
}
