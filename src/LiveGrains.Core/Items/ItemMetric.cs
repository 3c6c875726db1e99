namespace LiveGrains.Core;

/// <summary>The counters of a product or video. Numbers are part of the snapshot format.</summary>
internal static class ItemMetric
{
    // Counts with distinct users; also the bit in the mask of an (item, user) pair.
    public const int Impressions = 0, Clicks = 1, Likes = 2, Comments = 3, Shares = 4, Dislikes = 5, Reports = 6, Plays = 7,
        Carts = 8, Orders = 9, Pays = 10, Refunds = 11;
    public const int UserMetrics = 12;

    public const int OrderAmount = 12, PayAmount = 13, RefundAmount = 14, WatchMs = 15;
    public const int Counters = 16;

    /// <summary>What most events of a product or video count.</summary>
    public static ReadOnlySpan<int> FrequentInBuckets => [Impressions, Clicks, Plays, WatchMs];

    private static readonly sbyte[] OfType = RoomMetric.Map(
        (EventType.Impression, Impressions), (EventType.Click, Clicks), (EventType.Like, Likes), (EventType.Comment, Comments),
        (EventType.Share, Shares), (EventType.Dislike, Dislikes), (EventType.Report, Reports), (EventType.Play, Plays),
        (EventType.Cart, Carts), (EventType.Order, Orders), (EventType.Pay, Pays), (EventType.Refund, Refunds));

    private static readonly sbyte[] AmountOfType = RoomMetric.Map(
        (EventType.Order, OrderAmount), (EventType.Pay, PayAmount), (EventType.Refund, RefundAmount), (EventType.Play, WatchMs));

    /// <summary>The count that an event adds to, or −1.</summary>
    public static int Of(EventType type) => OfType[(int)type];

    /// <summary>The amount (or watched ms) that an event adds to, or −1.</summary>
    public static int AmountOf(EventType type) => AmountOfType[(int)type];
}

/// <summary>The counters of one item in one room.</summary>
internal static class RoomItemMetric
{
    public const int Impressions = 0, Clicks = 1, Carts = 2, Orders = 3, Pays = 4, Refunds = 5, OrderAmount = 6, PayAmount = 7, RefundAmount = 8;
    public const int Counters = 9;

    private static readonly sbyte[] OfType = RoomMetric.Map(
        (EventType.Impression, Impressions), (EventType.Click, Clicks), (EventType.Cart, Carts), (EventType.Order, Orders),
        (EventType.Pay, Pays), (EventType.Refund, Refunds));

    /// <summary>The count that an event adds to, or −1.</summary>
    public static int Of(EventType type) => OfType[(int)type];
}
