using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

/// <summary>Reads what is known of users.</summary>
internal static unsafe class UserAnswers
{
    /// <summary>What a dislike or report takes from an interest, in visits.</summary>
    internal const float DislikeWeight = 2;

    private const int MaxInterests = 20;

    /// <summary>The user of a key, when this shard owns it; else 0.</summary>
    public static uint Find(ShardState state, ReadOnlySpan<byte> key)
    {
        var number = state.Users.Find(state.Hash.Of(key), key);
        return number != 0 && state.UserAt(number)->Owned != 0 ? number : 0;
    }

    /// <summary>SPEC 3, users.</summary>
    public static UserProfile Profile(ShardState state, uint number)
    {
        var user = state.UserAt(number);
        var detail = state.UserDetailAt(number);
        return new UserProfile
        {
            User = AnswerValues.Name(state.Users.Key(number)),
            Attrs = AnswerValues.Attributes(state.Blobs[detail->Attributes]),
            Counts = Counts(state, number, user, detail),
            Spend = Spend(state, detail),
            WatchSeconds = user->WatchMs / 1000.0,
            Watching = Watching(state, detail),
            Recent = Recent(state, user, detail),
            Interest = Interest(state, detail),
            AsOf = AnswerValues.Time(state.ClockMs),
        };
    }

    // Shares of the decayed strengths of what the user touched, by what the items are now.
    private static UserInterest Interest(ShardState state, UserDetail* user)
    {
        var categories = new Dictionary<string, float>(StringComparer.Ordinal);
        var tags = new Dictionary<string, float>(StringComparer.Ordinal);
        var hosts = new Dictionary<string, float>(StringComparer.Ordinal);
        var entries = state.Histories.Entries(user->History);
        var now = ShardState.SecondsOf(state.ClockMs);
        float all = 0;
        foreach (ref readonly var entry in entries)
        {
            var weight = entry.WeightAt(now);
            all += Math.Abs(weight);
            var catalog = state.CatalogOf(entry.Item);
            Add(categories, AnswerValues.Text(catalog, Members.Category), weight);
            Add(hosts, AnswerValues.Text(catalog, Members.Host), weight);
            foreach (var tag in AnswerValues.Tags(catalog)) Add(tags, tag, weight);
        }

        return new UserInterest(Largest(categories, all), Largest(tags, all), Largest(hosts, all), entries.Length);
    }

    private static void Add(Dictionary<string, float> sums, string? name, float weight)
    {
        if (!string.IsNullOrEmpty(name)) sums[name] = sums.GetValueOrDefault(name) + weight;
    }

    private static List<InterestShare> Largest(Dictionary<string, float> sums, float all) => all == 0
        ? []
        : [.. sums.OrderByDescending(s => Math.Abs(s.Value)).ThenBy(s => s.Key, StringComparer.Ordinal).Take(MaxInterests).Select(s => new InterestShare(s.Key, s.Value / all))];

    private static UserSpend Spend(ShardState state, UserDetail* user)
    {
        if (user->Money == 0) return new UserSpend(0, 0, 0);
        var money = (MoneyRow*)state.Money[user->Money];
        return new UserSpend(money->Paid, money->Gifted, money->Refunded);
    }

    private static Dictionary<string, long> Counts(ShardState state, uint number, UserRow* user, UserDetail* detail)
    {
        var counts = new Dictionary<string, long>();
        for (var type = UserRow.FirstType; type <= EventType.Refund; type++)
        {
            var index = (int)type - (int)UserRow.FirstType;
            long count = index < UserRow.Types ? user->Counts[index] : detail->Counts[index - UserRow.Types];
            if (count == ushort.MaxValue) count = state.LargeCounts[(number, index)];
            if (count != 0) counts[type.Name()] = count;
        }

        return counts;
    }

    private static List<string> Watching(ShardState state, UserDetail* user)
    {
        var rooms = new List<string>();
        for (var number = user->Visits; number != 0;)
        {
            var visit = state.VisitAt(number);
            var roomNumber = ((BroadcastRow*)state.Broadcasts[visit->Broadcast])->Room;
            var room = state.RoomAt(roomNumber);
            if ((visit->Mask & VisitRow.Open) != 0 && visit->Broadcast == room->Broadcast && visit->IsOfEpoch(room->Epoch))
                rooms.Add(AnswerValues.Name(state.Rooms.Key(roomNumber)));
            number = state.VisitOwnerAt(number)->NextOfUser;
        }

        rooms.Sort(StringComparer.Ordinal);
        return rooms;
    }

    private static List<RecentInteraction> Recent(ShardState state, UserRow* user, UserDetail* detail)
    {
        var recent = new List<RecentInteraction>();
        var kept = Math.Min((int)user->RecentCount, UserDetail.RecentInteractions);
        for (var i = 1; i <= kept; i++)
        {
            var place = (user->RecentCount - i + UserDetail.RecentInteractions) & (UserDetail.RecentInteractions - 1);
            var entry = detail->Recent + place * UserDetail.RecentBytes;
            var item = Unsafe.ReadUnaligned<uint>(entry);
            var time = (long)(Unsafe.ReadUnaligned<uint>(entry + 4) | (ulong)Unsafe.ReadUnaligned<ushort>(entry + 8) << 32);
            var number = item & UserDetail.MaxItemRows;
            string? room = null, product = null, video = null;
            if (item >> 30 == 1) product = AnswerValues.Name(state.Products.Key(number));
            else if (item >> 30 == 2) video = AnswerValues.Name(state.Videos.Key(number));
            else if (number != 0) room = AnswerValues.Name(state.Rooms.Key(number));
            recent.Add(new(((EventType)(item >> 25 & 31)).Name(), room, product, video, AnswerValues.Time(time)));
        }

        return recent;
    }
}
