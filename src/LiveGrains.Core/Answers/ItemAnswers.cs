using M = LiveGrains.Core.ItemMetric;

namespace LiveGrains.Core;

/// <summary>Reads what is known of products and videos.</summary>
internal static unsafe class ItemAnswers
{
    private const int MaxRooms = 100;

    /// <summary>The item of a key, when this shard owns it; else 0.</summary>
    public static uint Find(ShardState state, bool video, ReadOnlySpan<byte> key)
    {
        var number = (video ? state.Videos : state.Products).Find(state.Hash.Of(key), key);
        return number != 0 && state.ItemAt(video, number)->Owned != 0 ? number : 0;
    }

    /// <summary>SPEC 3, products and videos.</summary>
    public static ItemMetrics Metrics(ShardState state, bool video, uint number)
    {
        var item = state.ItemAt(video, number);
        var catalog = state.Blobs[item->Catalog];
        var kind = video ? PairKey.VideoUser : PairKey.ProductUser;
        var users = new long[M.UserMetrics];
        var sketches = item->Approximate != 0 ? state.Sketches[(kind, number)] : null;
        for (var i = 0; i < users.Length; i++) users[i] = sketches == null ? item->Users[i] : sketches[i].Estimate();
        Counted Count(int metric) => new(item->Counts[metric], users[metric]);
        Counted Money(int metric, int amount) => new(item->Counts[metric], users[metric], item->Counts[amount]);
        var c = item->Counts;
        var key = AnswerValues.Name((video ? state.Videos : state.Products).Key(number));
        return new ItemMetrics
        {
            Product = video ? null : key,
            Video = video ? key : null,
            Title = AnswerValues.Text(catalog, Members.Title),
            Host = AnswerValues.Text(catalog, Members.Host),
            Category = AnswerValues.Text(catalog, Members.Category),
            Tags = AnswerValues.Tags(catalog),
            Price = AnswerValues.Number(catalog, Members.Price),
            Stock = AnswerValues.Number(catalog, Members.Stock),
            Status = Status(catalog),
            Impressions = Count(M.Impressions),
            Clicks = Count(M.Clicks),
            Likes = Count(M.Likes),
            Comments = Count(M.Comments),
            Shares = Count(M.Shares),
            Dislikes = Count(M.Dislikes),
            Reports = Count(M.Reports),
            Plays = Count(M.Plays),
            WatchSeconds = c[M.WatchMs] / 1000.0,
            Carts = Count(M.Carts),
            Orders = Money(M.Orders, M.OrderAmount),
            Pays = Money(M.Pays, M.PayAmount),
            Refunds = Money(M.Refunds, M.RefundAmount),
            Gmv = c[M.PayAmount],
            RefundAmount = c[M.RefundAmount],
            NetGmv = c[M.PayAmount] - c[M.RefundAmount],
            Rates = new ItemRates(
                AnswerValues.Ratio(c[M.Clicks], c[M.Impressions]), AnswerValues.Ratio(users[M.Pays], users[M.Clicks]),
                AnswerValues.Ratio(users[M.Pays], users[M.Orders]), AnswerValues.Ratio(users[M.Dislikes], users[M.Impressions])),
            AverageOrder = AnswerValues.Ratio(c[M.PayAmount], c[M.Pays]),
            PerBuyer = AnswerValues.Ratio(c[M.PayAmount], users[M.Pays]),
            Windows = Windows(state, video ? state.VideoSeries : state.ProductSeries, item),
            Rooms = RoomsOf(state, item),
            OtherCurrencies = AnswerValues.Foreign(state, kind, number),
            Late = item->Late,
            Approximate = item->Approximate != 0,
            AsOf = AnswerValues.Time(state.ClockMs),
        };
    }

    /// <summary>The items of a room's current broadcast.</summary>
    public static RoomProducts OfRoom(ShardState state, uint roomNumber)
    {
        var room = state.RoomAt(roomNumber);
        var parts = new List<ItemInRoom>();
        for (var number = room->Items; number != 0;)
        {
            var part = (RoomItemRow*)state.RoomItems[number];
            if (part->Broadcast == room->Broadcast) parts.Add(Part(state, part, current: true));
            number = part->NextOfRoom;
        }

        Sort(parts);
        return new RoomProducts(AnswerValues.Name(state.Rooms.Key(roomNumber)), parts, AnswerValues.Time(state.ClockMs));
    }

    /// <summary>The rows of the products in a room's current broadcast.</summary>
    public static List<uint> ProductRowsOf(ShardState state, uint roomNumber)
    {
        var room = state.RoomAt(roomNumber);
        var rows = new List<uint>();
        for (var number = room->Items; number != 0;)
        {
            var part = (RoomItemRow*)state.RoomItems[number];
            if (part->Broadcast == room->Broadcast && part->Item >> 31 == 0) rows.Add(part->Item);
            number = part->NextOfRoom;
        }

        return rows;
    }

    private static List<ItemInRoom> RoomsOf(ShardState state, ItemRow* item)
    {
        var parts = new List<ItemInRoom>();
        for (var number = item->Rooms; number != 0;)
        {
            var part = (RoomItemRow*)state.RoomItems[number];
            parts.Add(Part(state, part, current: false));
            number = part->NextOfItem;
        }

        Sort(parts);
        if (parts.Count > MaxRooms) parts.RemoveRange(MaxRooms, parts.Count - MaxRooms);
        return parts;
    }

    private static void Sort(List<ItemInRoom> parts) => parts.Sort((a, b) =>
    {
        var order = b.Gmv.CompareTo(a.Gmv);
        if (order == 0) order = b.Clicks.CompareTo(a.Clicks);
        if (order == 0) order = string.CompareOrdinal(a.Room, b.Room);
        if (order == 0) order = string.CompareOrdinal(a.Product ?? a.Video, b.Product ?? b.Video);
        return order == 0 ? (a.Video == null).CompareTo(b.Video == null) * -1 : order;
    });

    private static ItemInRoom Part(ShardState state, RoomItemRow* part, bool current)
    {
        var video = part->Item >> 31 != 0;
        var number = part->Item & ~(1u << 31);
        var key = AnswerValues.Name((video ? state.Videos : state.Products).Key(number));
        var values = new long[RoomItemMetric.Counters];
        for (var i = 0; i < values.Length; i++) values[i] = part->Counts[i] - (current ? part->Before[i] : 0);
        return new ItemInRoom
        {
            Room = AnswerValues.Name(state.Rooms.Key(part->Room)),
            Product = video ? null : key,
            Video = video ? key : null,
            Title = AnswerValues.Text(state.Blobs[state.ItemAt(video, number)->Catalog], Members.Title),
            Impressions = values[RoomItemMetric.Impressions],
            Clicks = values[RoomItemMetric.Clicks],
            Carts = values[RoomItemMetric.Carts],
            Orders = new(values[RoomItemMetric.Orders], null, values[RoomItemMetric.OrderAmount]),
            Pays = new(values[RoomItemMetric.Pays], null, values[RoomItemMetric.PayAmount]),
            Refunds = new(values[RoomItemMetric.Refunds], null, values[RoomItemMetric.RefundAmount]),
            Gmv = values[RoomItemMetric.PayAmount],
            NetGmv = values[RoomItemMetric.PayAmount] - values[RoomItemMetric.RefundAmount],
        };
    }

    private static string? Status(ReadOnlySpan<byte> catalog)
    {
        if (catalog.IsEmpty) return null;
        var status = CatalogBlob.Get(catalog, Members.Status);
        return status.IsEmpty ? "on" : AnswerValues.Name(CatalogStatus.Name(status[0]));
    }

    private static Dictionary<string, ItemWindow> Windows(ShardState state, SeriesStore series, ItemRow* item)
    {
        var now = ShardState.BucketOf(state.ClockMs);
        var sums = new long[AnswerValues.Windows.Length, M.Counters];
        series.Visit(item->Series, now - 359, now, (bucket, values, _) =>
        {
            for (var w = 0; w < AnswerValues.Windows.Length; w++)
            {
                if (bucket <= now - AnswerValues.Windows[w].Buckets) continue;
                for (var i = 0; i < M.Counters; i++) Total.Add(ref sums[w, i], values[i]);
            }
        });
        var windows = new Dictionary<string, ItemWindow>();
        for (var w = 0; w < AnswerValues.Windows.Length; w++)
        {
            var at = w;
            Counted Count(int metric) => new(sums[at, metric]);
            Counted Money(int metric, int amount) => new(sums[at, metric], null, sums[at, amount]);
            windows[AnswerValues.Windows[w].Name] = new ItemWindow
            {
                Impressions = Count(M.Impressions),
                Clicks = Count(M.Clicks),
                Likes = Count(M.Likes),
                Comments = Count(M.Comments),
                Shares = Count(M.Shares),
                Dislikes = Count(M.Dislikes),
                Reports = Count(M.Reports),
                Plays = Count(M.Plays),
                WatchSeconds = sums[w, M.WatchMs] / 1000.0,
                Carts = Count(M.Carts),
                Orders = Money(M.Orders, M.OrderAmount),
                Pays = Money(M.Pays, M.PayAmount),
                Refunds = Money(M.Refunds, M.RefundAmount),
                Gmv = sums[w, M.PayAmount],
                RefundAmount = sums[w, M.RefundAmount],
                NetGmv = sums[w, M.PayAmount] - sums[w, M.RefundAmount],
            };
        }

        return windows;
    }
}
