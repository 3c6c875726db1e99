namespace LiveGrains.Core;

/// <summary>The counters of a room, in its row and in each bucket of its series. Numbers are part of the snapshot format.</summary>
internal static class RoomMetric
{
    // Counts that have distinct users; the number is also the bit in the mask of a (room, user) pair.
    public const int Impressions = 0, Views = 1, Likes = 2, Comments = 3, Shares = 4, Follows = 5, Unfollows = 6, Subscribes = 7,
        Dislikes = 8, Reports = 9, Gifts = 10, CardImpressions = 11, CardClicks = 12, Carts = 13, Orders = 14, Pays = 15, Refunds = 16;

    /// <summary>Distinct users of any interaction; has no counter.</summary>
    public const int InteractionUsers = 17;
    public const int UserMetrics = 18;

    public const int SubscribeAmount = 17, GiftAmount = 18, OrderAmount = 19, PayAmount = 20, RefundAmount = 21, WatchMs = 22;
    public const int Counters = 23;

    // Only in buckets: the highest online and the last, both plus one, so that 0 is "did not change in this bucket".
    public const int OnlineHighest = 23, OnlineLast = 24;
    public const int BucketCounters = 25;

    /// <summary>What presence and impressions count, which is most events.</summary>
    public static ReadOnlySpan<int> FrequentInBuckets => [WatchMs, OnlineHighest, OnlineLast, Views, Impressions, Likes, Comments, CardImpressions, CardClicks];

    private static readonly sbyte[] OfType = Map(
        (EventType.Impression, Impressions), (EventType.Like, Likes), (EventType.Comment, Comments), (EventType.Share, Shares),
        (EventType.Follow, Follows), (EventType.Unfollow, Unfollows), (EventType.Subscribe, Subscribes), (EventType.Dislike, Dislikes),
        (EventType.Report, Reports), (EventType.Gift, Gifts), (EventType.Cart, Carts), (EventType.Order, Orders),
        (EventType.Pay, Pays), (EventType.Refund, Refunds));

    private static readonly sbyte[] AmountOfType = Map(
        (EventType.Subscribe, SubscribeAmount), (EventType.Gift, GiftAmount), (EventType.Order, OrderAmount),
        (EventType.Pay, PayAmount), (EventType.Refund, RefundAmount));

    /// <summary>The count that an event adds to, or −1. With an item, impressions and clicks are of its card.</summary>
    public static int Of(EventType type, bool item) => type switch
    {
        EventType.Impression when item => CardImpressions,
        EventType.Click => CardClicks,
        _ => OfType[(int)type],
    };

    /// <summary>The amount that an event adds to, or −1.</summary>
    public static int AmountOf(EventType type) => AmountOfType[(int)type];

    /// <summary>True for the counts that make up `interactions`.</summary>
    public static bool IsInteraction(int metric) => metric is Likes or Comments or Shares or Follows or Gifts or Subscribes;

    internal static sbyte[] Map(params (EventType Type, int Metric)[] rows)
    {
        var map = new sbyte[EventTypes.Count];
        Array.Fill(map, (sbyte)-1);
        foreach (var (type, metric) in rows) map[(int)type] = (sbyte)metric;
        return map;
    }
}
