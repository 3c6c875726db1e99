namespace LiveGrains;

/// <summary>What a policy promised and what became of it: `GET /v1/traffic`.</summary>
public sealed record TrafficShares
{
    /// <summary>Version of the policy; 0: there is none, and nothing is counted.</summary>
    public required long Version { get; init; }
    /// <summary>Impressions of rooms since the first policy.</summary>
    public required long Impressions { get; init; }
    /// <summary>Impressions a second, averaged over about five minutes.</summary>
    public required double ImpressionsPerSecond { get; init; }
    /// <summary>Mean expected value of a slot, in the units of the objective; null: no slot was given away yet.</summary>
    public required double? MeanValue { get; init; }
    /// <summary>Gini coefficient of the lifetime impressions over hosts on air, 0 to 1; null: none is on air.</summary>
    public required double? Gini { get; init; }
    /// <summary>The least of these ÷ their mean (max–min fairness), 0 to 1.</summary>
    public required double? MaxMin { get; init; }
    /// <summary>Share of the slots that were given away by chance.</summary>
    public required double? ExplorationShare { get; init; }
    /// <summary>The rules of the policy, in its order.</summary>
    public required IReadOnlyList<TrafficRuleShare> Rules { get; init; }
    /// <summary>Rooms, hosts, categories and products with rules: those with the highest prices, then with the most impressions; at most 500.</summary>
    public required IReadOnlyList<TrafficShare> Shares { get; init; }
    /// <summary>The clock.</summary>
    public required DateTimeOffset AsOf { get; init; }
}

/// <summary>One rule.</summary>
/// <param name="Rule">Its kind: `cap`, `floor`, `guarantee`, `boost`.</param>
/// <param name="Reason">What it says, for people.</param>
/// <param name="Delivered">Impressions delivered under it.</param>
/// <param name="Running">Groups that it is about now.</param>
/// <param name="Kept">Windows, guarantees or boosts that are over and were kept.</param>
/// <param name="Missed">And those that were not.</param>
/// <param name="Shortfall">Impressions that those were short of.</param>
/// <param name="Behind">Impressions that those that run are behind their way now: what cannot be reached falls short by more and more.</param>
/// <param name="CostPerThousand">Value given up for a thousand impressions under it, in the units of the objective; null: none was delivered.</param>
public sealed record TrafficRuleShare(string Rule, string Reason, long Delivered, int Running, long Kept, long Missed, double Shortfall, double Behind, double? CostPerThousand);

/// <summary>One rule for one room, host, category or product.</summary>
/// <param name="Over">`room`, `host`, `category` or `product`.</param>
/// <param name="Id">Which one.</param>
/// <param name="Rule">`cap`, `floor`, `guarantee` or `boost`.</param>
/// <param name="Target">Impressions that it should have, or may have, by now in its window.</param>
/// <param name="Delivered">Impressions that it had in its window.</param>
/// <param name="Share">Of all impressions of the window; null where the rule has no window.</param>
/// <param name="Price">Value that the next impression of it is charged (cap) or given (else), in the units of the objective.</param>
/// <param name="Reason">Why it has this price.</param>
public sealed record TrafficShare(string Over, string Id, string Rule, double Target, long Delivered, double? Share, double Price, string Reason);
