using M = LiveGrains.Core.RoomMetric;

namespace LiveGrains.Core;

/// <summary>Reads series of rooms.</summary>
internal static unsafe class RoomSeriesAnswers
{
    /// <summary>Most points of one answer.</summary>
    public const int MaxPoints = 100_000;

    /// <summary>Most steps of the curves of a broadcast.</summary>
    public const int MaxCurveSteps = 17_280;

    // Buckets of a step: two days of 10 s, twelve of a minute, 120 of ten minutes, two years of hours.
    private static readonly int[] CurveSteps = [1, 6, 60, 360];

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

    /// <summary>All series of the broadcast from its first bucket on: to the clock, or when it ended to its last bucket.</summary>
    public static RoomCurves ReadAll(ShardState state, uint number)
    {
        var room = state.RoomAt(number);
        long first = long.MaxValue, last = long.MinValue;
        state.RoomSeries.Visit(room->Series, long.MinValue, long.MaxValue, (bucket, _, _) =>
        {
            first = Math.Min(first, bucket);
            last = Math.Max(last, bucket);
        });
        if ((room->Flags & RoomFlags.HasStart) != 0) first = Math.Min(first, ShardState.BucketOf(room->StartedClockMs));
        var now = ShardState.BucketOf(state.ClockMs);
        last = (room->Flags & RoomFlags.Ended) != 0 ? Math.Max(last, ShardState.BucketOf(room->EndedClockMs)) : Math.Max(last, now);
        first = Math.Min(first, last);
        var step = Array.Find(CurveSteps, s => last / s - first / s < MaxCurveSteps) is var fits and not 0 ? fits : CurveSteps[^1];
        // Beyond two years of hours the oldest are left out.
        first = Math.Max(Align(first, step), Align(last, step) - (MaxCurveSteps - 1L) * step);
        var steps = (int)((Align(last, step) - first) / step) + 1;
        return new RoomCurves(AnswerValues.Time(first * SeriesStore.BucketMs), step * 10, AllValues(state, room, first, steps, step));
    }

    private static Dictionary<string, double[]> AllValues(ShardState state, RoomRow* room, long first, int steps, int step)
    {
        var metrics = Metrics.Where(m => m.Value.Minus.Length == 0).ToArray();
        var sums = Array.ConvertAll(metrics, _ => new long[steps]);
        var end = first + (long)steps * step - 1;
        state.RoomSeries.Visit(room->Series, first, end, (bucket, counters, _) =>
        {
            var at = (bucket - first) / step;
            for (var i = 0; i < metrics.Length; i++)
            {
                foreach (var counter in metrics[i].Value.Plus)
                {
                    if (counters[counter] != 0) sums[i][at] = Total.Of(sums[i][at], counters[counter]);
                }
            }
        });
        var values = new Dictionary<string, double[]>(StringComparer.Ordinal) { ["online"] = Online(state, room, first, end, steps, step) };
        for (var i = 0; i < metrics.Length; i++) values[metrics[i].Key] = Scaled(sums[i], metrics[i].Value.Scale);
        return values;
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
        return Scaled(sums, metric.Scale);
    }

    private static double[] Scaled(long[] sums, double scale) => Array.ConvertAll(sums, s => scale == 1 ? s : s / 1000.0);

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
