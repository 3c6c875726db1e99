namespace LiveGrains.Model;

/// <summary>The names of metrics.</summary>
internal static class Metrics
{
    /// <summary>The metric that counts an event of a type; types that count in none are absent.</summary>
    public static readonly IReadOnlyDictionary<string, string> Of = new Dictionary<string, string>
    {
        ["impression"] = "impressions",
        ["click"] = "clicks",
        ["play"] = "plays",
        ["like"] = "likes",
        ["comment"] = "comments",
        ["share"] = "shares",
        ["dislike"] = "dislikes",
        ["report"] = "reports",
        ["follow"] = "follows",
        ["unfollow"] = "unfollows",
        ["subscribe"] = "subscribes",
        ["gift"] = "gifts",
        ["cart"] = "carts",
        ["order"] = "orders",
        ["pay"] = "pays",
        ["refund"] = "refunds",
    };

    /// <summary>What counts as an interaction.</summary>
    public static readonly string[] Interactions = ["likes", "comments", "shares", "follows", "gifts", "subscribes"];

    /// <summary>The purchase funnel; in a room under `products`.</summary>
    public static readonly string[] Funnel = ["impressions", "clicks", "carts", "orders", "pays", "refunds"];

    /// <summary>The metrics that have an amount.</summary>
    public static readonly string[] Money = ["gifts", "subscribes", "orders", "pays", "refunds"];

    /// <summary>Of these types a product or a video named beside a room counts too.</summary>
    public static readonly string[] OfBoth = ["likes", "comments", "shares", "dislikes", "reports"];

    /// <summary>The member of `otherCurrencies` that holds a metric's amounts.</summary>
    public static string ForeignName(string metric) => metric == "pays" ? "gmv" : metric;

    /// <summary>Counts an event: its count, its user, and the amount that goes with money.</summary>
    public static void Count(Tally tally, string metric, string kind, ModelEvent e, long? bucket, string currency)
    {
        tally.AddEvent(metric, e, bucket);
        if (!Money.Contains(kind))
            return;
        if (IsForeign(e, currency))
            tally.AddForeign(CurrencyOf(e), ForeignName(kind), e.Amount!.Value);
        else
            tally.Add(metric + ".amount", e.Amount!.Value, bucket);
    }

    /// <summary>The event's amount is not in the engine's currency.</summary>
    public static bool IsForeign(ModelEvent e, string currency) => CurrencyOf(e) != currency;

    /// <summary>Without `currency` an amount is in CNY, also when that is not the engine's.</summary>
    private static string CurrencyOf(ModelEvent e) => e.Currency ?? "CNY";
}
