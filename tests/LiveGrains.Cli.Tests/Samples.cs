using System.Text;

namespace LiveGrains.Cli.Tests;

/// <summary>Answers and events with plausible numbers.</summary>
internal static class Samples
{
    private static readonly Counted _one = new(1, 1);
    private static readonly Counted _money = new(1, 1, 1_250);

    public static DateTimeOffset Now { get; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static string Lines(int from, int count) => string.Concat(Enumerable.Range(from, count).Select(Line));

    public static byte[] Bytes(int from, int count) => Encoding.UTF8.GetBytes(Lines(from, count));

    public static string Line(int number) =>
        $"{{\"id\":\"e{number}\",\"type\":\"like\",\"time\":{Now.ToUnixTimeMilliseconds() + number * 10},\"room\":\"room-1\",\"user\":\"u{number}\"}}\n";

    public static RoomListRow RoomRow(string room) => new(room, "A title", "host", "music", true, Now, 12.5, 3, 5, 7, 6, 4, 1, 1_250, 99_900);

    public static ItemInRoom ItemInRoom(string room, string product, long gmv) => new()
    {
        Room = room,
        Product = product,
        Impressions = 1,
        Clicks = 1,
        Carts = 1,
        Orders = _money,
        Pays = _money,
        Refunds = _money,
        Gmv = gmv,
        NetGmv = gmv,
    };

    public static RoomMetrics Room(string room) => new()
    {
        Room = room,
        Title = "A title",
        Tags = [],
        Live = true,
        Online = 3,
        PeakOnline = 5,
        Impressions = _one,
        Views = 7,
        Viewers = 6,
        WatchSeconds = 120,
        Likes = _one,
        Comments = _one,
        Shares = _one,
        Follows = _one,
        Unfollows = _one,
        Subscribes = _money,
        Dislikes = _one,
        Reports = _one,
        Gifts = _money,
        Interactions = 4,
        InteractionUsers = 3,
        Products = Funnel,
        Gmv = 99_900,
        RefundAmount = 0,
        NetGmv = 99_900,
        Rates = new RoomRates(),
        Windows = new Dictionary<string, RoomWindow>(),
        Heat = 12.5,
        Channels = new Dictionary<string, ChannelMetrics>(),
        Late = 0,
        Approximate = false,
        AsOf = Now,
    };

    public static ItemMetrics Product(string product) => new()
    {
        Product = product,
        Tags = [],
        Impressions = _one,
        Clicks = _one,
        Likes = _one,
        Comments = _one,
        Shares = _one,
        Dislikes = _one,
        Reports = _one,
        Plays = _one,
        WatchSeconds = 0,
        Carts = _one,
        Orders = _money,
        Pays = _money,
        Refunds = _money,
        Gmv = 1_250,
        RefundAmount = 0,
        NetGmv = 1_250,
        Rates = new ItemRates(1, 1, 1, null),
        Windows = new Dictionary<string, ItemWindow>(),
        Rooms = [],
        Late = 0,
        Approximate = false,
        AsOf = Now,
    };

    public static Overview Overview() => new()
    {
        Events = 1_000,
        Duplicates = 1,
        Late = 0,
        EventsPerSecond = 81_234,
        Rooms = 2,
        RoomsLive = 2,
        Users = 3,
        Products = 1,
        Videos = 0,
        Online = 6,
        Views = 14,
        WatchSeconds = 240,
        Impressions = _one,
        Likes = _one,
        Comments = _one,
        Shares = _one,
        Follows = _one,
        Subscribes = _money,
        Gifts = _money,
        Interactions = 8,
        Funnel = Funnel,
        Gmv = 199_800,
        RefundAmount = 0,
        NetGmv = 199_800,
        Rates = new OverviewRates(1, 1, null),
        TopRooms = [],
        AsOf = Now,
    };

    private static Funnel Funnel => new(_one, _one, _one, _money, _money, _money);
}
