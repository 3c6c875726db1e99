using System.Text.Json.Nodes;

namespace LiveGrains.Model;

/// <summary>The series of a room's metric.</summary>
internal static class Series
{
    public static JsonObject Of(Room room, string metric, int stepSeconds, long? from, long? to, long clock)
    {
        if (stepSeconds <= 0 || stepSeconds % 10 != 0)
            throw new ArgumentOutOfRangeException(nameof(stepSeconds), "The step must be a multiple of 10 s.");
        var broadcast = room.Broadcast;
        broadcast.Presence.AdvanceTo(clock);
        var value = Reader(broadcast, metric);
        var stepMs = stepSeconds * 1000L;

        // Steps are aligned to 1970, as buckets are; a step that holds `from` is shown whole.
        var firstBucket = Math.Min(Tally.BucketOf(broadcast.FirstClock), broadcast.Tally.FirstBucket ?? long.MaxValue);
        var start = (from ?? firstBucket * Tally.BucketMs) / stepMs * stepMs;
        var end = to ?? clock + 1;
        var points = new JsonArray();
        for (; start < end; start += stepMs)
        {
            var buckets = stepMs / Tally.BucketMs;
            var bucket = Tally.BucketOf(start);
            points.Add((JsonNode)new JsonArray(JsonValue.Create(start), JsonValue.Create(value(bucket, bucket + buckets - 1))));
        }

        return new JsonObject { ["metric"] = metric, ["step"] = stepSeconds, ["points"] = points };
    }

    /// <summary>How a metric is read from a range of buckets, both ends included.</summary>
    private static Func<long, long, double> Reader(Broadcast broadcast, string metric)
    {
        var tally = broadcast.Tally;
        double Sum(string name, long first, long last) => tally.Sum(name, first, last);
        switch (metric)
        {
            case "online":
                return (first, last) => broadcast.Presence.History.HighestIn(first * Tally.BucketMs, (last + 1) * Tally.BucketMs);
            case "watchSeconds":
                return (first, last) => tally.Sum("watchMs", first, last) / 1000.0;
            case "interactions":
                return (first, last) => Metrics.Interactions.Sum(name => tally.Sum(name, first, last));
            case "gmv":
                return (first, last) => Sum("products.pays.amount", first, last);
            case "refundAmount":
                return (first, last) => Sum("products.refunds.amount", first, last);
            case "netGmv":
                return (first, last) => Sum("products.pays.amount", first, last) - Sum("products.refunds.amount", first, last);
            case "views":
                return (first, last) => Sum("views", first, last);
        }

        var isAmount = metric.EndsWith(".amount", StringComparison.Ordinal);
        var counted = isAmount ? metric[..^".amount".Length] : metric;
        var inFunnel = counted.StartsWith("products.", StringComparison.Ordinal);
        var kind = inFunnel ? counted["products.".Length..] : counted;
        var known = Metrics.Of.Values.Contains(kind) && kind != "plays"
            && (inFunnel ? Metrics.Funnel.Contains(kind) : kind == "impressions" || !Metrics.Funnel.Contains(kind))
            && (!isAmount || Metrics.Money.Contains(kind));
        if (!known)
            throw new ArgumentException($"No metric {metric}.", nameof(metric));
        return (first, last) => Sum(metric, first, last);
    }
}
