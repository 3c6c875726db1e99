using System.Text.Json.Serialization;

namespace LiveGrains;

/// <summary>Over what a cap, a floor or fairness goes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TrafficDimension>))]
public enum TrafficDimension : byte
{
    /// <summary>Each room by itself.</summary>
    [JsonStringEnumMemberName("room")] Room,
    /// <summary>All rooms of a host together.</summary>
    [JsonStringEnumMemberName("host")] Host,
    /// <summary>All rooms of a category together.</summary>
    [JsonStringEnumMemberName("category")] Category,
}

/// <summary>
/// What the platform wants of its traffic: `GET`/`PUT /v1/traffic/policy`. All parts are optional; a policy without parts ranks by
/// expected value. Impressions are those of room cards, of a boosted product those of its cards.
/// </summary>
/// <remarks>Members with defaults have setters: generated readers of JSON give init-only members that are left out the default of their type.</remarks>
public sealed record TrafficPolicy
{
    /// <summary>In answers the policy's version, from 1; 0: none was ever set. In a request the version that it replaces; null: whatever it is.</summary>
    public long? Version { get; set; }
    /// <summary>What an impression is worth.</summary>
    public TrafficObjective Objective { get; set; } = new();
    /// <summary>What new hosts get; at most 8.</summary>
    public IReadOnlyList<TrafficGuarantee> Guarantees { get; set; } = [];
    /// <summary>Upper bounds; at most 32.</summary>
    public IReadOnlyList<TrafficCap> Caps { get; set; } = [];
    /// <summary>Lower bounds of single hosts, categories and rooms; at most 200.</summary>
    public IReadOnlyList<TrafficFloor> Floors { get; set; } = [];
    /// <summary>How even traffic has to be; null: as it comes.</summary>
    public TrafficFairness? Fairness { get; set; }
    /// <summary>Impressions that were bought; at most 500.</summary>
    public IReadOnlyList<TrafficBoost> Boosts { get; set; } = [];
    /// <summary>What is in no list.</summary>
    public TrafficExclusions Exclusions { get; set; } = new();
    /// <summary>How much is tried out.</summary>
    public TrafficExploration Exploration { get; set; } = new();
}

/// <summary>What an impression is worth: the expected sum of what follows it, weighted. Weights 0 to 1,000,000, one above 0.</summary>
public sealed record TrafficObjective
{
    /// <summary>Of a second of watching, default 1.</summary>
    public double WatchSeconds { get; set; } = 1;
    /// <summary>Of a like, comment, share, follow or cart, default 10.</summary>
    public double Interactions { get; set; } = 10;
    /// <summary>Of a minor unit that is paid, default 0.1.</summary>
    public double PaidAmount { get; set; } = 0.1;
}

/// <summary>A room whose host is new gets a number of impressions soon after it goes on air.</summary>
public sealed record TrafficGuarantee
{
    /// <summary>How many impressions the host had in its life when it is no longer new: 1 to 10^12.</summary>
    public required long HostImpressionsBelow { get; init; }
    /// <summary>Impressions that the room gets, 1 to 10^9.</summary>
    public required long Impressions { get; init; }
    /// <summary>Minutes from its going on air, 1 to 1,440.</summary>
    public required int Minutes { get; init; }
}

/// <summary>An upper bound that is never passed. Of `share` and `impressions` one.</summary>
public sealed record TrafficCap
{
    /// <summary>What is counted.</summary>
    public required TrafficDimension Over { get; init; }
    /// <summary>Of which one; null: of each.</summary>
    public string? Id { get; set; }
    /// <summary>Share of all impressions of the window, above 0 to 1; a window counts as 1,000 impressions, and as half of the window before, at least.</summary>
    public double? Share { get; set; }
    /// <summary>Impressions in the window, 0 to 10^12.</summary>
    public long? Impressions { get; set; }
    /// <summary>Length of the windows, aligned to 1970: 1 to 1,440 minutes, default 60.</summary>
    public int Minutes { get; set; } = 60;
}

/// <summary>A lower bound of one host, category or room, while it has a room on air.</summary>
public sealed record TrafficFloor
{
    /// <summary>What is counted.</summary>
    public required TrafficDimension Over { get; init; }
    /// <summary>Which one.</summary>
    public required string Id { get; init; }
    /// <summary>Share of all impressions of the window, above 0 to 1.</summary>
    public required double Share { get; init; }
    /// <summary>Length of the windows: 1 to 1,440 minutes, default 60.</summary>
    public int Minutes { get; set; } = 60;
}

/// <summary>How even traffic has to be over all hosts or categories that are on air. Of `floor` and `giniCeiling` one.</summary>
public sealed record TrafficFairness
{
    /// <summary>`host` or `category`.</summary>
    public required TrafficDimension Over { get; init; }
    /// <summary>What each gets at least, as a part of the equal share, above 0 to 0.95 (max–min).</summary>
    public double? Floor { get; set; }
    /// <summary>Highest Gini coefficient, 0.05 to below 1.</summary>
    public double? GiniCeiling { get; set; }
    /// <summary>Length of the windows: 1 to 1,440 minutes, default 60.</summary>
    public int Minutes { get; set; } = 60;
}

/// <summary>Impressions that were bought for a room or a product. Paced evenly by the demand of the day, stopped at the target.</summary>
public sealed record TrafficBoost
{
    /// <summary>Its name, an id; unique.</summary>
    public required string Id { get; init; }
    /// <summary>Of `room` and `product` one.</summary>
    public string? Room { get; set; }
    /// <summary>The product.</summary>
    public string? Product { get; set; }
    /// <summary>Impressions bought, 1 to 10^12; or `amount`.</summary>
    public long? Impressions { get; set; }
    /// <summary>Money to spend, minor units, with <see cref="CostPerThousand"/>.</summary>
    public long? Amount { get; set; }
    /// <summary>What a thousand impressions cost, minor units.</summary>
    public long? CostPerThousand { get; set; }
    /// <summary>Begin.</summary>
    public required DateTimeOffset From { get; init; }
    /// <summary>End; later than the begin, at most 90 days.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Impressions to deliver.</summary>
    [JsonIgnore]
    public long Target => Impressions ?? (long)((decimal)Amount!.Value * 1000 / CostPerThousand!.Value);
}

/// <summary>What is in no list; each at most 1,000 ids or names.</summary>
public sealed record TrafficExclusions
{
    /// <summary>Rooms.</summary>
    public IReadOnlyList<string> Rooms { get; set; } = [];
    /// <summary>Hosts.</summary>
    public IReadOnlyList<string> Hosts { get; set; } = [];
    /// <summary>Categories of rooms, products and videos.</summary>
    public IReadOnlyList<string> Categories { get; set; } = [];
    /// <summary>Products.</summary>
    public IReadOnlyList<string> Products { get; set; } = [];
}

/// <summary>How much is tried out.</summary>
public sealed record TrafficExploration
{
    /// <summary>Standard deviations of the estimate that are added to an item's expected value (UCB), 0 to 10, default 1.</summary>
    public double Bound { get; set; } = 1;
    /// <summary>Share of the slots that go to a candidate by chance, with known probability, 0 to 0.05, default 0.005: what off-policy evaluation needs.</summary>
    public double Share { get; set; } = 0.005;
}
