namespace LiveGrains.Core;

/// <summary>What is asked of the recommender.</summary>
internal sealed class RecommendationRequest
{
    /// <summary>The kinds that may be in the list; null: all.</summary>
    public InterestKind? Kind { get; init; }
    /// <summary>Items wanted, 1 to 50.</summary>
    public required int Limit { get; init; }
    /// <summary>Only these items (the products of a room); null: any.</summary>
    public HashSet<uint>? Only { get; init; }
    /// <summary>Leave out what the user paid for.</summary>
    public bool WithoutBought { get; init; } = true;
    /// <summary>Leave out what the user touched within the last half hour.</summary>
    public bool WithoutSeen { get; init; }
    /// <summary>Leave out everything in the user's history: what is new to them.</summary>
    public bool OnlyNew { get; init; }
    /// <summary>At most one room of a host.</summary>
    public bool HostOnce { get; init; } = true;
    /// <summary>λ of the diversity, 0 to 1; 1: by score alone.</summary>
    public float Lambda { get; init; } = Diversity.DefaultLambda;

    /// <summary>The same, of these items only.</summary>
    public RecommendationRequest Within(HashSet<uint> only) =>
        new() { Kind = Kind, Limit = Limit, Only = only, WithoutBought = WithoutBought, WithoutSeen = WithoutSeen, OnlyNew = OnlyNew, HostOnce = HostOnce, Lambda = Lambda };
}

/// <summary>One item of a list.</summary>
internal sealed class RecommendedItem
{
    public required uint Item { get; init; }
    public required float Score { get; init; }
    public required float Probability { get; init; }
    public required CandidateSource Sources { get; init; }
    public required float[] Terms { get; init; }
    public required float[] Objectives { get; init; }
    /// <summary>Its place by score alone, from 1.</summary>
    public required int PlaceByScore { get; init; }
}

/// <summary>A list and how it came about.</summary>
internal sealed class RecommendedList
{
    public required IReadOnlyList<RecommendedItem> Items { get; init; }
    /// <summary>Candidates that were ranked.</summary>
    public required int Candidates { get; init; }
    /// <summary>Mean of 1 − cosine over the pairs of the list.</summary>
    public required double Diversity { get; init; }
}
