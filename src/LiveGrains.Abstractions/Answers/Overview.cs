namespace LiveGrains;

/// <summary>The whole platform.</summary>
public sealed record Overview
{
    public required long Events { get; init; }
    public required long Duplicates { get; init; }
    public required long Late { get; init; }
    /// <summary>Accepted events a second, mean of the last 10 s of the server's time.</summary>
    public required double EventsPerSecond { get; init; }
    /// <summary>Rooms known.</summary>
    public required long Rooms { get; init; }
    public required long RoomsLive { get; init; }
    public required long Users { get; init; }
    public required long Products { get; init; }
    public required long Videos { get; init; }
    public required long Online { get; init; }
    public required long Views { get; init; }
    public required double WatchSeconds { get; init; }
    public required Counted Impressions { get; init; }
    public required Counted Likes { get; init; }
    public required Counted Comments { get; init; }
    public required Counted Shares { get; init; }
    public required Counted Follows { get; init; }
    public required Counted Subscribes { get; init; }
    public required Counted Gifts { get; init; }
    public required long Interactions { get; init; }
    /// <summary>The purchase funnel, in rooms and outside.</summary>
    public required Funnel Funnel { get; init; }
    public required long Gmv { get; init; }
    public required long RefundAmount { get; init; }
    public required long NetGmv { get; init; }
    public required OverviewRates Rates { get; init; }
    /// <summary>The ten rooms with most heat that are on air.</summary>
    public required IReadOnlyList<RoomListRow> TopRooms { get; init; }
    public required DateTimeOffset AsOf { get; init; }
}

/// <summary>`enter` views ÷ impressions; `productClick` clicks ÷ impressions; `conversion` pays ÷ views.</summary>
public sealed record OverviewRates(double? Enter, double? ProductClick, double? Conversion);
