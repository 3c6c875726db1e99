using LiveGrains.Core;
using M = LiveGrains.Core.RoomMetric;

namespace LiveGrains.Engine.Queries;

/// <summary>The platform: each shard gives its sums, the engine adds them.</summary>
internal static unsafe class OverviewAnswers
{
    internal sealed record Part(Totals Totals, RoomLists.Part Top, DateTimeOffset AsOf);

    public static Part Read(ShardState state) =>
        new(state.Totals, RoomLists.Read(state, new RoomListQuery(true, RoomSort.Heat, 10), null), AnswerValues.Time(state.ClockMs));

    public static Overview Merge(IReadOnlyList<Part> parts, double eventsPerSecond)
    {
        var sums = new long[M.Counters];
        foreach (var part in parts)
        {
            var totals = part.Totals;
            for (var i = 0; i < sums.Length; i++) sums[i] = Total.Of(sums[i], totals.Counts[i]);
        }

        Counted Count(int metric) => new(sums[metric]);
        Counted Money(int metric, int amount) => new(sums[metric], null, sums[amount]);
        return new Overview
        {
            Events = parts.Sum(p => p.Totals.Primary),
            Duplicates = parts.Sum(p => p.Totals.Duplicates),
            Late = parts.Sum(p => p.Totals.PrimaryLate),
            EventsPerSecond = eventsPerSecond,
            Rooms = parts.Sum(p => p.Totals.RoomsOwned),
            RoomsLive = parts.Sum(p => p.Totals.RoomsLive),
            Users = parts.Sum(p => p.Totals.UsersOwned),
            Products = parts.Sum(p => p.Totals.ProductsOwned),
            Videos = parts.Sum(p => p.Totals.VideosOwned),
            Online = parts.Sum(p => p.Totals.Online),
            Views = sums[M.Views],
            WatchSeconds = sums[M.WatchMs] / 1000.0,
            Impressions = Count(M.Impressions),
            Likes = Count(M.Likes),
            Comments = Count(M.Comments),
            Shares = Count(M.Shares),
            Follows = Count(M.Follows),
            Subscribes = Money(M.Subscribes, M.SubscribeAmount),
            Gifts = Money(M.Gifts, M.GiftAmount),
            Interactions = sums[M.Likes] + sums[M.Comments] + sums[M.Shares] + sums[M.Follows] + sums[M.Gifts] + sums[M.Subscribes],
            Funnel = new Funnel(Count(M.CardImpressions), Count(M.CardClicks), Count(M.Carts), Money(M.Orders, M.OrderAmount),
                Money(M.Pays, M.PayAmount), Money(M.Refunds, M.RefundAmount)),
            Gmv = sums[M.PayAmount],
            RefundAmount = sums[M.RefundAmount],
            NetGmv = sums[M.PayAmount] - sums[M.RefundAmount],
            Rates = new OverviewRates(AnswerValues.Ratio(sums[M.Views], sums[M.Impressions]),
                AnswerValues.Ratio(sums[M.CardClicks], sums[M.CardImpressions]), AnswerValues.Ratio(sums[M.Pays], sums[M.Views])),
            TopRooms = RoomLists.Merge([.. parts.Select(p => p.Top)], new RoomListQuery(true, RoomSort.Heat, 10)).Rooms,
            AsOf = parts.Max(p => p.AsOf),
        };
    }
}
