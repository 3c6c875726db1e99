using System.Text.Json.Serialization;

namespace LiveGrains;

/// <summary>Everything known about a product or a video, over all rooms (SPEC 3). Exactly one of product and video is set.</summary>
public sealed record ItemMetrics
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Product { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Video { get; init; }
    public string? Title { get; init; }
    public string? Host { get; init; }
    public string? Category { get; init; }
    public required IReadOnlyList<string> Tags { get; init; }
    public long? Price { get; init; }
    public long? Stock { get; init; }
    /// <summary>`on`, `off`, or null when no catalog event named it yet.</summary>
    public string? Status { get; init; }

    public required Counted Impressions { get; init; }
    public required Counted Clicks { get; init; }
    public required Counted Likes { get; init; }
    public required Counted Comments { get; init; }
    public required Counted Shares { get; init; }
    public required Counted Dislikes { get; init; }
    public required Counted Reports { get; init; }
    public required Counted Plays { get; init; }
    public required double WatchSeconds { get; init; }
    public required Counted Carts { get; init; }
    public required Counted Orders { get; init; }
    public required Counted Pays { get; init; }
    public required Counted Refunds { get; init; }
    public required long Gmv { get; init; }
    public required long RefundAmount { get; init; }
    public required long NetGmv { get; init; }
    public required ItemRates Rates { get; init; }
    public double? AverageOrder { get; init; }
    public double? PerBuyer { get; init; }
    public required IReadOnlyDictionary<string, ItemWindow> Windows { get; init; }
    /// <summary>Each room's part, highest gmv first, at most 100.</summary>
    public required IReadOnlyList<ItemInRoom> Rooms { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, ForeignAmounts>? OtherCurrencies { get; init; }
    public required long Late { get; init; }
    public required bool Approximate { get; init; }
    public required DateTimeOffset AsOf { get; init; }
}

/// <summary>`productClick` clicks ÷ impressions; `clickToPay` pay users ÷ click users; `orderToPay` pay users ÷ order users; `negative` dislike users ÷ impression users.</summary>
public sealed record ItemRates(double? ProductClick, double? ClickToPay, double? OrderToPay, double? Negative);

/// <summary>Counts of a window of a product or video.</summary>
public sealed record ItemWindow
{
    public required Counted Impressions { get; init; }
    public required Counted Clicks { get; init; }
    public required Counted Likes { get; init; }
    public required Counted Comments { get; init; }
    public required Counted Shares { get; init; }
    public required Counted Dislikes { get; init; }
    public required Counted Reports { get; init; }
    public required Counted Plays { get; init; }
    public required double WatchSeconds { get; init; }
    public required Counted Carts { get; init; }
    public required Counted Orders { get; init; }
    public required Counted Pays { get; init; }
    public required Counted Refunds { get; init; }
    public required long Gmv { get; init; }
    public required long RefundAmount { get; init; }
    public required long NetGmv { get; init; }
}

/// <summary>One item's part in one room. Exactly one of product and video is set.</summary>
public sealed record ItemInRoom
{
    public required string Room { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Product { get; init; }
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Video { get; init; }
    public string? Title { get; init; }
    public required long Impressions { get; init; }
    public required long Clicks { get; init; }
    public required long Carts { get; init; }
    public required Counted Orders { get; init; }
    public required Counted Pays { get; init; }
    public required Counted Refunds { get; init; }
    public required long Gmv { get; init; }
    public required long NetGmv { get; init; }
}

/// <summary>The items of a room, highest gmv first, then clicks, then id.</summary>
public sealed record RoomProducts(string Room, IReadOnlyList<ItemInRoom> Products, DateTimeOffset AsOf);
