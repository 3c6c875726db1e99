namespace LiveGrains.Server.Tests;

/// <summary>Records with every kind of value in them.</summary>
public static class Samples
{
    private static readonly Counted _some = new(12, 3);
    private static readonly Counted _money = new(2, 2, 1999);
    private static readonly Funnel _cards = new(_some, _some, _some, _money, _money, _money);

    public static RoomMetrics Room() => new()
    {
        Room = "r1",
        Title = "直播间 <\"美食\"> & 🎉",
        Tags = ["美食"],
        Live = true,
        StartedAt = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero),
        Online = 5,
        PeakOnline = 9_007_199_254_740_993,
        AverageOnline = 0.1 + 0.2,
        Impressions = _some,
        Views = 4,
        Viewers = 3,
        WatchSeconds = 12.5,
        Likes = _some,
        Comments = _some,
        Shares = _some,
        Follows = _some,
        Unfollows = _some,
        Subscribes = _money,
        Dislikes = _some,
        Reports = _some,
        Gifts = _money,
        Interactions = 9,
        InteractionUsers = 2,
        Products = _cards,
        Gmv = 1999,
        RefundAmount = 0,
        NetGmv = -5,
        Rates = new RoomRates { Enter = 1.0 / 3 },
        Windows = new Dictionary<string, RoomWindow> { ["10s"] = Window() },
        Heat = 1e21,
        Channels = new Dictionary<string, ChannelMetrics> { ["推荐"] = new(1, 1, 0) },
        Late = 0,
        Approximate = false,
        AsOf = FakeEngine.Clock,
    };

    /// <summary>An hour of r1: two comments in the first bucket, a payment in the last.</summary>
    public static RoomBroadcast Broadcast() => new()
    {
        Room = Room(),
        Items = [Part()],
        Currency = "CNY",
        Curves = new RoomCurves(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero), 10, Curves()),
        Words = new CommentWords(2, 2, [new CommentWord("<b>好看</b>", 2, 2, 1, 0)]),
    };

    private static Dictionary<string, double[]> Curves()
    {
        string[] metrics =
        [
            "online", "impressions", "views", "watchSeconds", "likes", "comments", "shares", "follows", "unfollows", "subscribes", "subscribes.amount", "dislikes", "reports", "gifts",
            "gifts.amount", "interactions", "products.impressions", "products.clicks", "products.carts", "products.orders", "products.orders.amount", "products.pays",
            "products.pays.amount", "products.refunds", "products.refunds.amount", "gmv", "refundAmount",
        ];
        var curves = metrics.ToDictionary(m => m, _ => new double[360]);
        curves["comments"][0] = curves["interactions"][0] = 2;
        curves["gmv"][359] = 1999;
        return curves;
    }

    public static RoomListRow Row() => new("r1", "直播间", null, null, true, FakeEngine.Clock, 1.5, 5, 9, 4, 3, 9, 2, 1999, 1999);

    public static ItemInRoom Part() => new()
    {
        Room = "r1",
        Product = "p1",
        Title = "苹果",
        Impressions = 1,
        Clicks = 1,
        Carts = 1,
        Orders = _money,
        Pays = _money,
        Refunds = _money,
        Gmv = 1,
        NetGmv = 1,
    };

    public static ItemMetrics Item() => new()
    {
        Tags = [],
        Price = 990,
        Impressions = _some,
        Clicks = _some,
        Likes = _some,
        Comments = _some,
        Shares = _some,
        Dislikes = _some,
        Reports = _some,
        Plays = _some,
        WatchSeconds = 0,
        Carts = _some,
        Orders = _money,
        Pays = _money,
        Refunds = _money,
        Gmv = 1,
        RefundAmount = 0,
        NetGmv = 1,
        Rates = new ItemRates(null, null, null, null),
        Windows = new Dictionary<string, ItemWindow>(),
        Rooms = [Part()],
        Late = 0,
        Approximate = true,
        AsOf = FakeEngine.Clock,
    };

    public static UserProfile User() => new()
    {
        User = "u1",
        Attrs = new Dictionary<string, string> { ["region"] = "上海" },
        Counts = new Dictionary<string, long> { ["room.start"] = 1 },
        Spend = new UserSpend(1, 2, 3),
        WatchSeconds = 1.5,
        Watching = ["r1"],
        Recent = [new RecentInteraction("like", "r1", null, null, FakeEngine.Clock)],
        Interest = new UserInterest([new InterestShare("游戏", 0.75)], [], [new InterestShare("h1", 0.75)], 2),
        AsOf = FakeEngine.Clock,
    };

    public static RecommendationList Recommendations(string user, RecommendationQuery query) => new()
    {
        User = user,
        Kind = query.Kind,
        Items =
        [
            new Recommendation
            {
                Kind = ItemKind.Room,
                Id = "r1",
                Title = "标题",
                Host = "h1",
                Category = "游戏",
                Score = 0.25,
                Probability = 0.5,
                Explain = query.Explain ? new RecommendationReasons(["heat"], 0.5, [new ObjectiveReason("watch", 0.1, 1)], [new TermReason("bias", 1, -3, -4, -6)], ["available"]) : null,
            },
        ],
        Candidates = 3,
        Diversity = 0.9,
        AsOf = FakeEngine.Clock,
    };

    public static TrafficShares Traffic() => new()
    {
        Version = 3,
        Impressions = 100,
        ImpressionsPerSecond = 2,
        MeanValue = 20,
        Gini = 0.4,
        MaxMin = 0.1,
        ExplorationShare = 0.005,
        Rules = [new TrafficRuleShare("cap", "at most 5 %", 10, 1, 2, 0, 0, 0, null)],
        Shares = [new TrafficShare("host", "小美", "cap", 50, 10, 0.1, 0.5, "at most 5 %")],
        AsOf = FakeEngine.Clock,
    };

    public static RankingModel Model() =>
        new([new TermWeights("bias", -3, -4, -6)], [new ObjectiveModel("watch", 1, 0, null, null, null, null)], 30, 0, 0, 7, 0, 1_000, [new SegmentShare(1, 1)], 2);

    public static Overview Overview() => new()
    {
        Events = 10,
        Duplicates = 1,
        Late = 0,
        EventsPerSecond = 0.5,
        Rooms = 1,
        RoomsLive = 1,
        Users = 1,
        Products = 1,
        Videos = 1,
        Online = 1,
        Views = 1,
        WatchSeconds = 1,
        Impressions = _some,
        Likes = _some,
        Comments = _some,
        Shares = _some,
        Follows = _some,
        Subscribes = _money,
        Gifts = _money,
        Interactions = 1,
        Funnel = _cards,
        Gmv = 1,
        RefundAmount = 0,
        NetGmv = 1,
        Rates = new OverviewRates(null, 0.5, null),
        TopRooms = [Row()],
        AsOf = FakeEngine.Clock,
    };

    public static EngineStatus Status(string state) => new()
    {
        State = state,
        Clock = FakeEngine.Clock,
        Shards = [Shard(0), Shard(1)],
        RejectedByCode = new Dictionary<string, long> { ["invalid_json"] = 3, ["invalid_type"] = 1 },
        Recommender = new RecommenderStatus
        {
            Questions = new QuestionDurations([0.001, 0.01], [3, 2, 1], 0.25),
            QueueBytes = 24,
            Dropped = 1,
            Visits = 50,
            Items = 9,
            Impressions = 40,
            Waiting = 4,
            Segments = 6,
            Groups = 12,
            Bytes = 4096,
            Objectives = [new ObjectiveStatus("watch", 7, 0.3, 0.02), new ObjectiveStatus("pay", 0, null, null)],
        },
    };

    private static ShardStatus Shard(int shard) => new()
    {
        Shard = shard,
        Accepted = 100,
        Duplicates = 7,
        Late = 2,
        CapacityRefusals = 0,
        Rooms = 1,
        Users = 1,
        Products = 1,
        Videos = 1,
        Online = 1,
        AudiencePairs = 1,
        DedupeIds = 107,
        DedupeBytes = 4096,
        TableBytes = 1,
        LogBytes = 1,
        LogPosition = 1,
        LogFrames = 1,
        LogSegments = 1,
        SyncMicroseconds = 93,
        SyncMicrosecondsTotal = 1500,
        FoldMicrosecondsTotal = 1,
        QueueBytes = 0,
        QueueBlocks = 0,
        Snapshots = 0,
        SnapshotPosition = 0,
        SnapshotSeconds = 0,
        RecoverySeconds = 0,
    };

    public static RoomWindow Window() => new()
    {
        Impressions = new(1),
        Views = 1,
        WatchSeconds = 0,
        Likes = new(1),
        Comments = new(1),
        Shares = new(1),
        Follows = new(1),
        Unfollows = new(1),
        Subscribes = new(1, null, 5),
        Dislikes = new(1),
        Reports = new(1),
        Gifts = new(1, null, 5),
        Interactions = 1,
        Products = _cards,
        Gmv = 0,
        RefundAmount = 0,
        NetGmv = 0,
        PeakOnline = 1,
    };
}
