namespace LiveGrains.Core;

/// <summary>What a rule of a policy does.</summary>
internal enum TrafficRuleKind : byte
{
    /// <summary>An upper bound in tumbling windows.</summary>
    Cap,
    /// <summary>A lower bound in tumbling windows.</summary>
    Floor,
    /// <summary>Impressions for rooms of new hosts.</summary>
    Guarantee,
    /// <summary>Impressions that were bought.</summary>
    Boost,
}

/// <summary>A rule of a policy and what became of it so far. Each group that it is about has a <see cref="TrafficLine"/>.</summary>
internal sealed class TrafficRule
{
    /// <summary>Equal in the next policy when the rule goes on.</summary>
    public required string Name { get; init; }
    public required TrafficRuleKind Kind { get; init; }
    /// <summary>Which groups have it.</summary>
    public required PricedGroupKind About { get; init; }
    /// <summary>Of which one; null: of each.</summary>
    public string? Id { get; init; }
    /// <summary>Share of all impressions, where the rule is about shares; else 0.</summary>
    public double Share { get; init; }
    /// <summary>A part of the equal share of all groups on air in place of <see cref="Share"/>: max–min.</summary>
    public bool IsEqualShare { get; init; }
    /// <summary>The Gini coefficient above which the equal share is raised; 0: none.</summary>
    public double GiniCeiling { get; init; }
    /// <summary>Impressions, where the rule is about a number.</summary>
    public long Impressions { get; init; }
    /// <summary>Of a guarantee: hosts with fewer are new.</summary>
    public long HostBelow { get; init; }
    /// <summary>Length of a window or of a guarantee, ms.</summary>
    public long WindowMs { get; init; }
    /// <summary>Of a boost.</summary>
    public long FromMs { get; init; }
    /// <summary>Of a boost.</summary>
    public long UntilMs { get; init; }

    /// <summary>Begin of the window that runs, ms.</summary>
    public long WindowStartMs;
    /// <summary>All impressions of the window.</summary>
    public long Seen;
    /// <summary>Of the window before.</summary>
    public long SeenBefore;
    /// <summary>What new lines begin with: prices of lines that have learned theirs, averaged.</summary>
    public double PriorPrice;
    /// <summary>The part of the equal share that a Gini ceiling came to.</summary>
    public double Level;
    /// <summary>Lines or windows that are over and were kept.</summary>
    public long Kept;
    /// <summary>And those that were not.</summary>
    public long Missed;
    /// <summary>Impressions that those were short of, or above.</summary>
    public double Shortfall;
    /// <summary>Impressions delivered under the rule.</summary>
    public long Delivered;
    /// <summary>Of these each with its price: what the rule cost, in mean values of an impression.</summary>
    public double Cost;
    /// <summary>True: it counts in windows.</summary>
    public bool IsWindowed => Kind is TrafficRuleKind.Cap or TrafficRuleKind.Floor;
    public bool IsShare => Share > 0 || IsEqualShare;
}

/// <summary>A rule for one group. The price is of one impression, in mean values of an impression, never below 0.</summary>
internal sealed class TrafficLine
{
    public required int Rule { get; init; }
    public required int Group { get; init; }
    /// <summary>Of guarantees and boosts.</summary>
    public long FromMs;
    /// <summary>Of guarantees and boosts.</summary>
    public long UntilMs;
    /// <summary>Impressions in the window, or since the begin.</summary>
    public long Delivered;
    /// <summary>All impressions in the time of a guarantee or boost.</summary>
    public long Seen;
    /// <summary>Impressions that the price was learned from.</summary>
    public double Evidence;
    /// <summary>Impressions lately, where a Gini coefficient is to be known.</summary>
    public double Recent;
    /// <summary>The dual price; of a cap 0, see <see cref="DemandCurves"/>.</summary>
    public double Price;
}

/// <summary>A room, product, host or category whose impressions are counted.</summary>
internal sealed class PricedGroup
{
    public required PricedGroupKind Kind { get; init; }
    public required string Key { get; init; }
    /// <summary>Rooms of it on air.</summary>
    public int Live;
    /// <summary>Impressions since the first policy, and what was known before.</summary>
    public long Lifetime;
    /// <summary>Impressions since the last tick.</summary>
    public long Pending;
    public List<TrafficLine> Lines { get; } = [];
}

/// <summary>What a group is.</summary>
internal enum PricedGroupKind : byte
{
    Room, Host, Category, Product,
}
