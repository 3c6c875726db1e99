namespace LiveGrains.Server.Rooms;

/// <summary>The last ten minutes of the rooms on air, as they were at one moment. Immutable.</summary>
internal sealed class RoomField
{
    /// <summary>The window that is compared.</summary>
    internal const string Window = "10m";

    // The hottest of a larger platform; the answer says how many there are.
    private const int MostPages = 10;
    private const int RoomsOfPage = 200;

    private static readonly (string Name, Func<RoomWindow, long> Of)[] _metrics =
    [
        ("peakOnline", w => w.PeakOnline), ("views", w => w.Views), ("interactions", w => w.Interactions), ("comments", w => w.Comments.Count),
        ("likes", w => w.Likes.Count), ("follows", w => w.Follows.Count), ("gifts.amount", w => w.Gifts.Amount ?? 0),
        ("products.clicks", w => w.Products.Clicks.Count), ("products.pays", w => w.Products.Pays.Count), ("gmv", w => w.Gmv),
    ];

    private readonly Dictionary<string, RoomWindow> _rooms;
    private readonly long[][] _sorted;
    private readonly long _total;
    private readonly DateTimeOffset _asOf;

    private RoomField(Dictionary<string, RoomWindow> rooms, long total, DateTimeOffset asOf)
    {
        _rooms = rooms;
        _total = total;
        _asOf = asOf;
        _sorted = [.. _metrics.Select(metric => rooms.Values.Select(metric.Of).Order().ToArray())];
    }

    /// <summary>Reads the rooms on air, hottest first, at most 2,000.</summary>
    internal static async Task<RoomField> ReadAsync(ILiveGrains engine)
    {
        var rooms = new Dictionary<string, RoomWindow>(StringComparer.Ordinal);
        var query = new RoomListQuery(Live: true, RoomSort.Heat, RoomsOfPage, Window: Window);
        for (var page = 1; ; page++)
        {
            var answer = await engine.ListRoomsAsync(query, CancellationToken.None).ConfigureAwait(false);
            // Heat moves between two pages, and a room with it.
            foreach (var row in answer.Rooms) rooms[row.Room] = row.Window!;
            if (answer.Next is null || page == MostPages) return new RoomField(rooms, answer.Total, answer.AsOf);
            query = query with { Cursor = answer.Next };
        }
    }

    /// <summary>Where a room stands.</summary>
    internal RoomStanding Of(RoomMetrics room)
    {
        var percentiles = new Dictionary<string, double?>(_metrics.Length);
        // A room that went on air since, or that is not among the hottest, is compared all the same.
        var isIn = _rooms.TryGetValue(room.Room, out var window);
        window ??= room.Windows[Window];
        var others = _rooms.Count - (isIn ? 1 : 0);
        for (var i = 0; i < _metrics.Length && room.Live; i++)
        {
            var value = _metrics[i].Of(window);
            var less = CountLess(_sorted[i], value);
            var same = CountLess(_sorted[i], value + 1) - less - (isIn ? 1 : 0);
            percentiles[_metrics[i].Name] = same == others ? null : (less + same / 2.0) / others;
        }

        return new RoomStanding(room.Room, Window, room.Live ? others + 1 : _rooms.Count, Math.Max(_total, others + (room.Live ? 1 : 0)), percentiles, _asOf);
    }

    private static int CountLess(long[] sorted, long value)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (sorted[middle] < value) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
