using System.Text.Json.Nodes;

namespace LiveGrains.Model;

/// <summary>Pieces of answers.</summary>
internal static class Json
{
    private static readonly (string Name, int Buckets)[] _windowSizes = [("10s", 1), ("1m", 6), ("5m", 30), ("10m", 60), ("1h", 360)];

    /// <summary>A ratio, or null when nothing can be divided by.</summary>
    public static JsonNode? Ratio(double numerator, double denominator) =>
        denominator == 0 ? null : JsonValue.Create(numerator / denominator);

    public static JsonNode? Time(long? ms) => ms is long at ? JsonValue.Create(DateTimeOffset.FromUnixTimeMilliseconds(at)) : null;

    public static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode?)JsonValue.Create(value))]);

    /// <summary>`{count, users, amount}` of a metric: users not in windows, amount where there is money.</summary>
    public static JsonObject Counted(Tally tally, string metric, bool users = true)
    {
        var counted = new JsonObject { ["count"] = tally.Total(metric) };
        if (users)
            counted["users"] = (long)tally.Users(metric);
        if (Metrics.Money.Contains(metric.Split('.')[^1]))
            counted["amount"] = tally.Total(metric + ".amount");
        return counted;
    }

    public static JsonObject Funnel(Tally tally, bool users = true)
    {
        var funnel = new JsonObject();
        foreach (var kind in Metrics.Funnel)
            funnel[kind] = Counted(tally, "products." + kind, users);
        return funnel;
    }

    public static long Interactions(Tally tally) => Metrics.Interactions.Sum(tally.Total);

    /// <summary>Adds `gmv`, `refundAmount` and `netGmv`.</summary>
    public static void AddGmv(JsonObject to, Tally tally, string prefix)
    {
        var gmv = tally.Total(prefix + "pays.amount");
        var refunds = tally.Total(prefix + "refunds.amount");
        to["gmv"] = gmv;
        to["refundAmount"] = refunds;
        to["netGmv"] = gmv - refunds;
    }

    /// <summary>Adds `otherCurrencies` when there are any.</summary>
    public static void AddForeign(JsonObject to, Tally tally)
    {
        if (tally.Foreign.Count == 0)
            return;
        var currencies = new JsonObject();
        foreach (var (currency, amounts) in tally.Foreign)
        {
            var row = new JsonObject();
            foreach (var what in new[] { "gifts", "subscribes", "orders", "gmv", "refunds" })
                row[what] = amounts.GetValueOrDefault(what);
            currencies[currency] = row;
        }

        to["otherCurrencies"] = currencies;
    }

    /// <summary>The `windows` member: for each window its answer, from its sums, its first bucket and its last.</summary>
    public static JsonObject Windows(Tally tally, long clock, Func<Tally, long, long, JsonObject> answer)
    {
        var windows = new JsonObject();
        var last = Tally.BucketOf(clock);
        foreach (var (name, buckets) in _windowSizes)
        {
            var first = last - buckets + 1;
            windows[name] = answer(tally.Window(first, last), first, last);
        }

        return windows;
    }
}
