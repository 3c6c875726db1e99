using System.Text.Json.Serialization;

namespace LiveGrains;

/// <summary>Everything known about a room (SPEC 3). A ratio whose denominator is 0 is null. Amounts are minor units.</summary>
public sealed record RoomMetrics
{
    public required string Room { get; init; }
    public string? Title { get; init; }
    public string? Host { get; init; }
    public string? Category { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }
    /// <summary>On air.</summary>
    public required bool Live { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    public required long Online { get; init; }
    public required long PeakOnline { get; init; }
    public double? AverageOnline { get; init; }
    public required Counted Impressions { get; init; }
    public required long Views { get; init; }
    public required long Viewers { get; init; }
    public required double WatchSeconds { get; init; }
    public double? WatchSecondsPerViewer { get; init; }
    public double? WatchSecondsPerView { get; init; }
    public required Counted Likes { get; init; }
    public required Counted Comments { get; init; }
    public required Counted Shares { get; init; }
    public required Counted Follows { get; init; }
    public required Counted Unfollows { get; init; }
    public required Counted Subscribes { get; init; }
    public required Counted Dislikes { get; init; }
    public required Counted Reports { get; init; }
    public required Counted Gifts { get; init; }
    public required long Interactions { get; init; }
    public required long InteractionUsers { get; init; }
    public double? Engagement { get; init; }
    public required Funnel Products { get; init; }
    public required long Gmv { get; init; }
    public required long RefundAmount { get; init; }
    public required long NetGmv { get; init; }
    public required RoomRates Rates { get; init; }
    public double? Gpm { get; init; }
    public double? UvValue { get; init; }
    public double? AverageOrder { get; init; }
    public double? PerBuyer { get; init; }
    /// <summary>`10s`, `1m`, `5m`, `10m`, `1h`.</summary>
    public required IReadOnlyDictionary<string, RoomWindow> Windows { get; init; }
    public required double Heat { get; init; }
    public required IReadOnlyDictionary<string, ChannelMetrics> Channels { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ForeignAmounts>? OtherCurrencies { get; init; }
    public required long Late { get; init; }
    /// <summary>True when distinct users are estimates (standard error at most 1 %).</summary>
    public required bool Approximate { get; init; }
    public required DateTimeOffset AsOf { get; init; }
}

/// <summary>The rates of SPEC 3; null where the denominator is 0.</summary>
public sealed record RoomRates
{
    public double? Enter { get; init; }
    public double? Interaction { get; init; }
    public double? Follow { get; init; }
    public double? Negative { get; init; }
    public double? ProductClick { get; init; }
    public double? ClickToPay { get; init; }
    public double? ViewToPay { get; init; }
    public double? OrderToPay { get; init; }
    public double? Conversion { get; init; }
}

/// <summary>Counts of a window or a bucket: the same members as of the room, without users.</summary>
public sealed record RoomWindow
{
    public required Counted Impressions { get; init; }
    public required long Views { get; init; }
    public required double WatchSeconds { get; init; }
    public required Counted Likes { get; init; }
    public required Counted Comments { get; init; }
    public required Counted Shares { get; init; }
    public required Counted Follows { get; init; }
    public required Counted Unfollows { get; init; }
    public required Counted Subscribes { get; init; }
    public required Counted Dislikes { get; init; }
    public required Counted Reports { get; init; }
    public required Counted Gifts { get; init; }
    public required long Interactions { get; init; }
    public required Funnel Products { get; init; }
    public required long Gmv { get; init; }
    public required long RefundAmount { get; init; }
    public required long NetGmv { get; init; }
    public required long PeakOnline { get; init; }
}
