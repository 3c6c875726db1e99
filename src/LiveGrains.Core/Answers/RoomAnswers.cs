using M = LiveGrains.Core.RoomMetric;

namespace LiveGrains.Core;

/// <summary>Reads what is known of rooms. Called by the shard's thread between blocks, after <see cref="ShardState.AdvanceTo"/>.</summary>
internal static unsafe class RoomAnswers
{
    // Ten minutes, in which online changes in nearly every room.
    private const int BucketsBeforeWindows = 60;

    /// <summary>The room of a key, when this shard owns it; else 0.</summary>
    public static uint Find(ShardState state, ReadOnlySpan<byte> key)
    {
        var number = state.Rooms.Find(state.Hash.Of(key), key);
        return number != 0 && (state.RoomAt(number)->Flags & RoomFlags.Owned) != 0 ? number : 0;
    }

    /// <summary>SPEC 3.</summary>
    public static RoomMetrics Metrics(ShardState state, uint number)
    {
        var room = state.RoomAt(number);
        var catalog = state.Blobs[room->Catalog];
        var users = Users(state, number, room);
        var c = room->Counts;
        Counted Count(int metric) => new(room->Counts[metric], users[metric]);
        Counted Money(int metric, int amount) => new(room->Counts[metric], users[metric], room->Counts[amount]);
        long views = c[M.Views], viewers = users[M.Views], gmv = c[M.PayAmount];
        var watchSeconds = c[M.WatchMs] / 1000.0;
        var interactions = Interactions(c);
        return new RoomMetrics
        {
            Room = AnswerValues.Name(state.Rooms.Key(number)),
            Title = AnswerValues.Text(catalog, Members.Title),
            Host = AnswerValues.Text(catalog, Members.Host),
            Category = AnswerValues.Text(catalog, Members.Category),
            Tags = AnswerValues.Tags(catalog),
            Live = (room->Flags & RoomFlags.Live) != 0,
            StartedAt = (room->Flags & RoomFlags.HasStart) != 0 ? AnswerValues.Time(room->StartedMs) : null,
            EndedAt = (room->Flags & RoomFlags.Ended) != 0 ? AnswerValues.Time(room->EndedMs) : null,
            Online = room->Online,
            PeakOnline = room->PeakOnline,
            AverageOnline = AverageOnline(state, room),
            Impressions = Count(M.Impressions),
            Views = views,
            Viewers = viewers,
            WatchSeconds = watchSeconds,
            WatchSecondsPerViewer = AnswerValues.Ratio(watchSeconds, viewers),
            WatchSecondsPerView = AnswerValues.Ratio(watchSeconds, views),
            Likes = Count(M.Likes),
            Comments = Count(M.Comments),
            Shares = Count(M.Shares),
            Follows = Count(M.Follows),
            Unfollows = Count(M.Unfollows),
            Subscribes = Money(M.Subscribes, M.SubscribeAmount),
            Dislikes = Count(M.Dislikes),
            Reports = Count(M.Reports),
            Gifts = Money(M.Gifts, M.GiftAmount),
            Interactions = interactions,
            InteractionUsers = users[M.InteractionUsers],
            Engagement = AnswerValues.Ratio(interactions, watchSeconds),
            Products = new Funnel(
                Count(M.CardImpressions), Count(M.CardClicks), Count(M.Carts), Money(M.Orders, M.OrderAmount),
                Money(M.Pays, M.PayAmount), Money(M.Refunds, M.RefundAmount)),
            Gmv = gmv,
            RefundAmount = c[M.RefundAmount],
            NetGmv = gmv - c[M.RefundAmount],
            Rates = Rates(c, users),
            Gpm = AnswerValues.Ratio(gmv * 1000.0, views),
            UvValue = AnswerValues.Ratio(gmv, viewers),
            AverageOrder = AnswerValues.Ratio(gmv, c[M.Pays]),
            PerBuyer = AnswerValues.Ratio(gmv, users[M.Pays]),
            Windows = Windows(state, room, AnswerValues.Windows),
            Heat = Heat(state, room),
            Channels = ChannelsOf(state, room),
            OtherCurrencies = AnswerValues.Foreign(state, PairKey.RoomUser, number),
            Late = room->Late,
            Approximate = (room->Flags & RoomFlags.Approximate) != 0,
            AsOf = AnswerValues.Time(state.ClockMs),
        };
    }

    /// <summary>What is kept of a room's broadcast, but for the words of its comments, which are found elsewhere.</summary>
    public static (RoomBroadcast Broadcast, CommentSample Comments) Broadcast(ShardState state, uint number)
    {
        var comments = state.Comments.Read(state.RoomAt(number)->Comments);
        return (new RoomBroadcast
        {
            Room = Metrics(state, number),
            Items = ItemAnswers.OfRoom(state, number).Products,
            Currency = state.Settings.CurrencyName,
            Curves = RoomSeriesAnswers.ReadAll(state, number),
            Words = new CommentWords(comments.Offered, comments.Comments.Count, []),
        }, comments);
    }

    /// <summary>A row of a list, with the counts of a window of <see cref="AnswerValues.Windows"/> when one is named.</summary>
    public static RoomListRow Row(ShardState state, uint number, string? window)
    {
        var room = state.RoomAt(number);
        var catalog = state.Blobs[room->Catalog];
        var users = Users(state, number, room);
        return new RoomListRow(
            AnswerValues.Name(state.Rooms.Key(number)), AnswerValues.Text(catalog, Members.Title),
            AnswerValues.Text(catalog, Members.Host), AnswerValues.Text(catalog, Members.Category),
            (room->Flags & RoomFlags.Live) != 0,
            (room->Flags & RoomFlags.HasStart) != 0 ? AnswerValues.Time(room->StartedMs) : null, Heat(state, room), room->Online,
            room->PeakOnline, room->Counts[M.Views], users[M.Views], Interactions(room->Counts), room->Counts[M.Gifts],
            room->Counts[M.GiftAmount], room->Counts[M.PayAmount])
        {
            Window = window == null ? null : Windows(state, room, [Array.Find(AnswerValues.Windows, w => w.Name == window)])[window],
        };
    }

    /// <summary>The value by which a list is sorted.</summary>
    public static double SortValue(ShardState state, uint number, RoomSort sort)
    {
        var room = state.RoomAt(number);
        return sort switch
        {
            RoomSort.Heat => Heat(state, room),
            RoomSort.Online => room->Online,
            RoomSort.Views => room->Counts[M.Views],
            RoomSort.Viewers => room->Users[M.Views],
            RoomSort.Gmv => room->Counts[M.PayAmount],
            RoomSort.Interactions => Interactions(room->Counts),
            RoomSort.StartedAt => (room->Flags & RoomFlags.HasStart) != 0 ? room->StartedMs : double.MinValue,
            _ => throw new ArgumentOutOfRangeException(nameof(sort)),
        };
    }

    /// <summary>Points of heat at the clock, to four decimals.</summary>
    public static double Heat(ShardState state, RoomRow* room) =>
        Math.Round(room->Heat.Value(ShardState.BucketOf(state.ClockMs)), 4);

    internal static long Interactions(long* c) =>
        c[M.Likes] + c[M.Comments] + c[M.Shares] + c[M.Follows] + c[M.Gifts] + c[M.Subscribes];

    private static long[] Users(ShardState state, uint number, RoomRow* room)
    {
        var users = new long[M.UserMetrics];
        var sketches = (room->Flags & RoomFlags.Approximate) != 0 ? state.Sketches[(PairKey.RoomUser, number)] : null;
        for (var i = 0; i < users.Length; i++) users[i] = sketches == null ? room->Users[i] : sketches[i].Estimate();
        return users;
    }

    private static double? AverageOnline(ShardState state, RoomRow* room)
    {
        if ((room->Flags & RoomFlags.HasStart) == 0) return null;
        var ended = (room->Flags & RoomFlags.Ended) != 0;
        var end = ended ? room->EndedClockMs : state.ClockMs;
        var integral = ended ? room->EndedIntegral : room->OnlineIntegral + room->Online * state.ClockMs;
        return AnswerValues.Ratio(integral, end - room->StartedClockMs);
    }

    private static RoomRates Rates(long* c, long[] users) => new()
    {
        Enter = AnswerValues.Ratio(c[M.Views], c[M.Impressions]),
        Interaction = AnswerValues.Ratio(users[M.InteractionUsers], users[M.Views]),
        Follow = AnswerValues.Ratio(users[M.Follows], users[M.Views]),
        Negative = AnswerValues.Ratio(users[M.Dislikes], users[M.Views]),
        ProductClick = AnswerValues.Ratio(c[M.CardClicks], c[M.CardImpressions]),
        ClickToPay = AnswerValues.Ratio(users[M.Pays], users[M.CardClicks]),
        ViewToPay = AnswerValues.Ratio(users[M.Pays], users[M.Views]),
        OrderToPay = AnswerValues.Ratio(users[M.Pays], users[M.Orders]),
        Conversion = AnswerValues.Ratio(c[M.Pays], c[M.Views]),
    };

    private static SortedDictionary<string, ChannelMetrics> ChannelsOf(ShardState state, RoomRow* room)
    {
        var found = new SortedDictionary<string, ChannelMetrics>(StringComparer.Ordinal);
        if (room->Channels == 0) return found;
        var channels = (ChannelRow*)state.Channels[room->Channels];
        for (var i = 0; i < channels->Count; i++)
            found[AnswerValues.Name(state.ChannelNames.Key(channels->Names[i]))] = new(channels->Views(i), channels->Viewers(i), channels->Gmv(i));
        const int Other = ChannelRow.Other;
        if (channels->OtherUsed != 0) found["other"] = new(channels->Views(Other), channels->Viewers(Other), channels->Gmv(Other));
        return found;
    }

    // Each window lies within the next.
    private static Dictionary<string, RoomWindow> Windows(ShardState state, RoomRow* room, (string Name, int Buckets)[] asked)
    {
        var now = ShardState.BucketOf(state.ClockMs);
        var sums = new long[asked.Length, M.BucketCounters];
        // Online before a window began is the last known of an earlier bucket.
        var highest = new long[asked.Length];
        var carried = new (long Bucket, long Online)[asked.Length];
        Array.Fill(carried, (long.MinValue, 0));
        // A bucket is added to the shortest that has it, and the sums are added up at the end.
        void Take(long bucket, long* values, uint mask)
        {
            var shortest = 0;
            for (; shortest < highest.Length && bucket <= now - asked[shortest].Buckets; shortest++)
            {
                if (values[M.OnlineLast] != 0 && bucket > carried[shortest].Bucket) carried[shortest] = (bucket, values[M.OnlineLast] - 1);
            }

            if (shortest == highest.Length) return;
            for (var i = 0; i < M.Counters; i++) Total.Add(ref sums[shortest, i], values[i]);
            if (values[M.OnlineHighest] == 0) return;
            highest[shortest] = Math.Max(highest[shortest], values[M.OnlineHighest] - 1);
            for (var w = shortest; w < highest.Length; w++)
            {
                // The first bucket has its own beginning in it.
                if (bucket == now - asked[w].Buckets + 1) carried[w] = (long.MaxValue, 0);
            }
        }

        // Pages that are open ask four times a second, of broadcasts of many hours: only a room that was still for long is read
        // from its beginning. What is known before the longest window began is known before the shorter ones, too.
        var from = now - asked[^1].Buckets - BucketsBeforeWindows;
        state.RoomSeries.Visit(room->Series, from, now, Take);
        if (carried[^1].Bucket == long.MinValue) state.RoomSeries.Visit(room->Series, long.MinValue, from - 1, Take);
        for (var w = 1; w < highest.Length; w++)
        {
            highest[w] = Math.Max(highest[w], highest[w - 1]);
            for (var i = 0; i < M.Counters; i++) Total.Add(ref sums[w, i], sums[w - 1, i]);
        }

        var windows = new Dictionary<string, RoomWindow>(highest.Length);
        var window = stackalloc long[M.BucketCounters];
        for (var w = 0; w < highest.Length; w++)
        {
            for (var i = 0; i < M.BucketCounters; i++) window[i] = sums[w, i];
            windows[asked[w].Name] = Window(window, Math.Max(highest[w], carried[w].Online));
        }

        return windows;
    }

    private static RoomWindow Window(long* c, long peak) => new()
    {
        Impressions = new(c[M.Impressions]),
        Views = c[M.Views],
        WatchSeconds = c[M.WatchMs] / 1000.0,
        Likes = new(c[M.Likes]),
        Comments = new(c[M.Comments]),
        Shares = new(c[M.Shares]),
        Follows = new(c[M.Follows]),
        Unfollows = new(c[M.Unfollows]),
        Subscribes = new(c[M.Subscribes], null, c[M.SubscribeAmount]),
        Dislikes = new(c[M.Dislikes]),
        Reports = new(c[M.Reports]),
        Gifts = new(c[M.Gifts], null, c[M.GiftAmount]),
        Interactions = Interactions(c),
        Products = new(new(c[M.CardImpressions]), new(c[M.CardClicks]), new(c[M.Carts]), new(c[M.Orders], null, c[M.OrderAmount]),
            new(c[M.Pays], null, c[M.PayAmount]), new(c[M.Refunds], null, c[M.RefundAmount])),
        Gmv = c[M.PayAmount],
        RefundAmount = c[M.RefundAmount],
        NetGmv = c[M.PayAmount] - c[M.RefundAmount],
        PeakOnline = peak,
    };
}
