using System.Text.Json.Serialization;

namespace LiveGrains;

/// <summary>How often something happened, to how many distinct users, for how much.</summary>
/// <param name="Count">Sum of the events' `count`.</param>
/// <param name="Users">Distinct users; absent in windows.</param>
/// <param name="Amount">Sum of amounts in minor units; absent where there is no money.</param>
public sealed record Counted(
    long Count,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Users = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Amount = null);

/// <summary>The purchase funnel of the cards shown in a room.</summary>
public sealed record Funnel(Counted Impressions, Counted Clicks, Counted Carts, Counted Orders, Counted Pays, Counted Refunds);

/// <summary>Amounts in a currency that is not the engine's, in its minor units.</summary>
public sealed record ForeignAmounts(long Gifts, long Subscribes, long Orders, long Gmv, long Refunds);

/// <summary>What one channel brought to a room.</summary>
public sealed record ChannelMetrics(long Views, long Viewers, long Gmv);
