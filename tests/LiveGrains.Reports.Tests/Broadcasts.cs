namespace LiveGrains.Reports.Tests;

/// <summary>Makes broadcasts.</summary>
internal static class Broadcasts
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 30, TimeSpan.Zero);

    private static readonly string[] _metrics =
    [
        "online", "impressions", "views", "watchSeconds", "likes", "comments", "shares", "follows", "unfollows", "subscribes", "subscribes.amount", "dislikes", "reports", "gifts",
        "gifts.amount", "interactions", "products.impressions", "products.clicks", "products.carts", "products.orders", "products.orders.amount", "products.pays", "products.pays.amount",
        "products.refunds", "products.refunds.amount", "gmv", "refundAmount",
    ];

    /// <summary>A broadcast of some steps in which nothing happened but what a test sets.</summary>
    public static RoomBroadcast Of(int steps, int stepSeconds, Action<Dictionary<string, double[]>>? set = null, DateTimeOffset? start = null, Func<RoomMetrics, RoomMetrics>? room = null)
    {
        var values = _metrics.ToDictionary(m => m, _ => new double[steps]);
        set?.Invoke(values);
        var begin = start ?? Start;
        var end = begin.AddSeconds((double)steps * stepSeconds);
        var metrics = Room(begin, end);
        return new RoomBroadcast
        {
            Room = room?.Invoke(metrics) ?? metrics,
            Items = [],
            Currency = "CNY",
            Curves = new RoomCurves(begin, stepSeconds, values),
            Words = new CommentWords(0, 0, []),
        };
    }

    /// <summary>A broadcast with something in every part of the report.</summary>
    public static RoomBroadcast Full(string text = "夏日新品") => Of(360, 10, values =>
    {
        for (var i = 0; i < 360; i++)
        {
            values["online"][i] = 100 + i % 17;
            values["watchSeconds"][i] = 1000 + i % 5;
            foreach (var metric in new[] { "views", "comments", "likes", "follows", "products.clicks" }) values[metric][i] = 2 + i % 3;
            values["interactions"][i] = values["comments"][i] + values["likes"][i] + values["follows"][i];
        }

        values["gifts"][120] = 50;
        values["gifts.amount"][120] = 123_456;
        values["interactions"][120] += 50;
        values["products.pays"][200] = 9;
        values["gmv"][200] = 99_900;
    }, room: room => room with
    {
        Title = text,
        Host = text,
        Category = text,
        Impressions = new(1000, 500),
        Views = 1080,
        Viewers = 400,
        WatchSeconds = 360_720,
        WatchSecondsPerViewer = 901.8,
        Follows = new(1080, 40),
        Gifts = new(50, 8, 123_456),
        Interactions = 3290,
        InteractionUsers = 200,
        Products = new(new(2000, 300), new(1080, 90), new(20, 15), new(12, 12, 130_000), new(9, 9, 99_900), new(0, 0, 0)),
        Gmv = 99_900,
        NetGmv = 99_900,
        Rates = new RoomRates { Enter = 1.08, Interaction = 0.5, Follow = 0.1, ProductClick = 0.54 },
        Channels = new Dictionary<string, ChannelMetrics> { ["feed"] = new(700, 300, 50_000), [text] = new(380, 100, 49_900) },
        OtherCurrencies = new Dictionary<string, ForeignAmounts> { ["JPY"] = new(500, 0, 0, 1200, 0) },
        Late = 3,
        Approximate = true,
    }) with
    {
        Items = [Item("p1", text, 99_900), Item("p2", null, 0)],
        Words = new CommentWords(5000, 1500, [new CommentWord(text, 300, 120, 0.2, 0.0087), new CommentWord("666", 30, 20, 0.02, 0.003)]),
    };

    private static ItemInRoom Item(string id, string? title, long gmv) => new()
    {
        Room = "r1",
        Product = id,
        Title = title,
        Impressions = 1000,
        Clicks = 540,
        Carts = 10,
        Orders = new(6, null, 65_000),
        Pays = new(gmv > 0 ? 9 : 0, null, gmv),
        Refunds = new(0, null, 0),
        Gmv = gmv,
        NetGmv = gmv,
    };

    private static RoomMetrics Room(DateTimeOffset start, DateTimeOffset end)
    {
        var none = new Counted(0, 0);
        var noMoney = new Counted(0, 0, 0);
        return new RoomMetrics
        {
            Room = "r1",
            Tags = [],
            Live = false,
            StartedAt = start,
            EndedAt = end,
            Online = 0,
            PeakOnline = 116,
            AverageOnline = 108.2,
            Impressions = none,
            Views = 0,
            Viewers = 0,
            WatchSeconds = 0,
            Likes = none,
            Comments = none,
            Shares = none,
            Follows = none,
            Unfollows = none,
            Subscribes = noMoney,
            Dislikes = none,
            Reports = none,
            Gifts = noMoney,
            Interactions = 0,
            InteractionUsers = 0,
            Products = new(none, none, none, noMoney, noMoney, noMoney),
            Gmv = 0,
            RefundAmount = 0,
            NetGmv = 0,
            Rates = new RoomRates(),
            Windows = new Dictionary<string, RoomWindow>(),
            Heat = 0,
            Channels = new Dictionary<string, ChannelMetrics>(),
            Late = 0,
            Approximate = false,
            AsOf = end,
        };
    }
}
