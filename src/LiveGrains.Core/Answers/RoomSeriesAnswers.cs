using M = LiveGrains.Core.RoomMetric;

namespace LiveGrains.Core;

/// <summary>Reads series of rooms.</summary>
internal static unsafe class RoomSeriesAnswers
{
    /// <summary>Most points of one answer.</summary>
    public const int MaxPoints = 100_000;

    private static readonly Dictionary<string, (int[] Plus, int[] Minus, double Scale)> Metrics = new(StringComparer.Ordinal)
    {
        ["impressions"] = ([M.Impressions], [], 1),
        ["views"] = ([M.Views], [], 1),
        ["watchSeconds"] = ([M.WatchMs], [], 0.001),
        ["likes"] = ([M.Likes], [], 1),
        ["comments"] = ([M.Comments], [], 1),
        ["shares"] = ([M.Shares], [], 1),
        ["follows"] = ([M.Follows], [], 1),
        ["unfollows"] = ([M.Unfollows], [], 1),
        ["subscribes"] = ([M.Subscribes], [], 1),
        ["subscribes.amount"] = ([M.SubscribeAmount], [], 1),
        ["dislikes"] = ([M.Dislikes], [], 1),
        ["reports"] = ([M.Reports], [], 1),
        ["gifts"] = ([M.Gifts], [], 1),
        ["gifts.amount"] = ([M.GiftAmount], [], 1),
        ["interactions"] = ([M.Likes, M.Comments, M.Shares, M.Follows, M.Gifts, M.Subscribes], [], 1),
        ["products.impressions"] = ([M.CardImpressions], [], 1),
        ["products.clicks"] = ([M.CardClicks], [], 1),
        ["products.carts"] = ([M.Carts], [], 1),
        ["products.orders"] = ([M.Orders], [], 1),
        ["products.orders.amount"] = ([M.OrderAmount], [], 1),
        ["products.pays"] = ([M.Pays], [], 1),
        ["products.pays.amount"] = ([M.PayAmount], [], 1),
        ["products.refunds"] = ([M.Refunds], [], 1),
        ["products.refunds.amount"] = ([M.RefundAmount], [], 1),
        ["gmv"] = ([M.PayAmount], [], 1),
        ["refundAmount"] = ([M.RefundAmount], [], 1),
        ["netGmv"] = ([M.PayAmount], [M.RefundAmount], 1),
    };

    /// <summary>True for `online`, and for every count and amount, also with `.count` behind it.</summary>
    public static bool Knows(string metric) => metric is "online" or "peakOnline" || Metrics.ContainsKey(Base(metric));

    /// <summary>A series; from and to are already multiples of the step.</summary>
    public static SeriesAnswer Read(ShardState state, uint number, SeriesQuery query)
    {
        var room = state.RoomAt(number);
        var stepBuckets = query.StepSeconds / 10;
        var now = ShardState.BucketOf(state.ClockMs);
        var first = long.MaxValue;
        state.RoomSeries.Visit(room->Series, long.MinValue, long.MaxValue, (bucket, _, _) => first = Math.Min(first, bucket));
        if ((room->Flags & RoomFlags.HasStart) != 0) first = Math.Min(first, ShardState.BucketOf(room->StartedClockMs));
        var from = Align(query.From is { } f ? ShardState.BucketOf(f) : Math.Min(first, now), stepBuckets);
        var to = query.To is { } t ? ShardState.BucketOf(t - 1) : now;
        if (to < from) return new SeriesAnswer(query.Metric, query.StepSeconds, []);
        var points = (to - from) / stepBuckets + 1;
        if (points > MaxPoints)
            throw new LiveGrainsException(ErrorCode.InvalidParameter, $"The series has {points} points, at most {MaxPoints} are given: raise step, or set from and to.");
        var values = query.Metric is "online" or "peakOnline"
            ? Online(state, room, from, to, (int)points, stepBuckets)
            : Sums(state, room, from, to, (int)points, stepBuckets, Metrics[Base(query.Metric)]);
        var result = new SeriesPoint[points];
        for (var i = 0; i < points; i++)
            result[i] = new SeriesPoint((from + (long)i * stepBuckets) * SeriesStore.BucketMs, values[i]);
        return new SeriesAnswer(query.Metric, query.StepSeconds, result);
    }

    private static double[] Sums(ShardState state, RoomRow* room, long from, long to, int points, int stepBuckets, (int[] Plus, int[] Minus, double Scale) metric)
    {
        var sums = new long[points];
        state.RoomSeries.Visit(room->Series, from, to, (bucket, counters, _) =>
        {
            ref var sum = ref sums[(bucket - from) / stepBuckets];
            foreach (var i in metric.Plus) sum = Total.Of(sum, counters[i]);
            foreach (var i in metric.Minus) sum = Math.Max(sum - counters[i], -Total.Most);
        });
        return Array.ConvertAll(sums, s => metric.Scale == 1 ? s : s / 1000.0);
    }

    private static double[] Online(ShardState state, RoomRow* room, long from, long to, int points, int stepBuckets)
    {
        var highest = new double[points];
        var changes = new SortedDictionary<long, (long Highest, long Last)>();
        state.RoomSeries.Visit(room->Series, long.MinValue, to, (bucket, counters, _) =>
        {
            if (counters[M.OnlineLast] != 0) changes[bucket] = (counters[M.OnlineHighest] - 1, counters[M.OnlineLast] - 1);
        });
        long carried = 0;
        var bucket = from;
        foreach (var (at, online) in changes)
        {
            for (; bucket < at; bucket++) Raise(bucket, carried);
            carried = online.Last;
            if (at < from) continue;
            Raise(at, online.Highest);
            bucket = at + 1;
        }

        // Nothing is known of buckets that the clock has not reached.
        for (var end = Math.Min(to, ShardState.BucketOf(state.ClockMs)); bucket <= end; bucket++) Raise(bucket, carried);
        return highest;

        void Raise(long at, long value)
        {
            if (at < from) return;
            ref var point = ref highest[(at - from) / stepBuckets];
            point = Math.Max(point, value);
        }
    }

    private static long Align(long bucket, int stepBuckets) => bucket - (bucket % stepBuckets + stepBuckets) % stepBuckets;

    private static string Base(string metric) => metric.EndsWith(".count", StringComparison.Ordinal) ? metric[..^6] : metric;
}
