namespace LiveGrains.Simulator.Tests;

/// <summary>The targets of the simulator's README, with their tolerances.</summary>
public sealed class MixTests(MixTests.TwoHours stream) : IClassFixture<MixTests.TwoHours>
{
    private readonly Census _census = stream.Census;

    [Fact]
    public void Events_per_user_are_near_their_targets()
    {
        Assert.InRange(PerUser(_census.Lines), 15, 23);
        Assert.InRange(PerUser(_census.ByType["enter"]), 2.0, 3.0);
        Assert.InRange(PerUser(_census.Visits.Count), 1.6, 2.3);
        Assert.InRange(PerUser(_census.RoomImpressionCount), 4.0, 5.2);
        Assert.InRange(PerUser(_census.ProductImpressions.Count), 1.6, 2.5);
    }

    [Fact]
    public void Every_type_of_the_contract_occurs() => Assert.Equal(25, _census.ByType.Count);

    [Fact]
    public void Interactions_have_a_believable_order_of_frequency()
    {
        long Count(string type) => _census.ByType[type];
        Assert.True(Count("like") > Count("comment") && Count("comment") > Count("gift"));
        Assert.True(Count("follow") > 5 * Count("unfollow"));
        Assert.True(Count("dislike") > Count("report") && Count("dislike") < Count("enter") / 100);
        Assert.True(Count("click") > Count("cart") && Count("cart") > Count("order"));
        Assert.True(Count("order") > Count("pay") && Count("pay") > 10 * Count("refund"));
    }

    [Fact]
    public void About_seven_of_ten_visits_end_with_leave() =>
        Assert.InRange(_census.ByType["leave"] / (double)_census.ByType["enter"], 0.62, 0.75);

    [Fact]
    public void A_quarter_to_a_third_of_the_feed_cards_are_entered() =>
        Assert.InRange(_census.EntersByChannel["feed"] / (double)_census.RoomImpressionCount, 0.25, 0.36);

    [Fact]
    public void All_channels_bring_visits()
    {
        Assert.Equal(["ad", "feed", "follow", "search", "share"], _census.EntersByChannel.Keys.Order());
        Assert.True(_census.EntersByChannel["feed"] > _census.ByType["enter"] / 2);
    }

    [Fact]
    public void Stays_have_a_short_median_and_a_heavy_tail()
    {
        var stays = _census.Stays.Order().ToArray();
        Assert.InRange(stays[stays.Length / 2], 25_000, 50_000);
        Assert.True(stays.Average() > 2 * stays[stays.Length / 2]);
        Assert.True(stays[stays.Length * 99 / 100] > 600_000);
    }

    [Fact]
    public void Few_rooms_have_much_of_the_audience_and_many_have_little()
    {
        var rooms = _census.EntersByRoom.Values.OrderDescending().ToArray();
        double total = rooms.Sum();
        Assert.InRange(rooms.Take(TwoHours.Options.Rooms / 100).Sum() / total, 0.20, 0.50);
        Assert.InRange(rooms.Skip(TwoHours.Options.Rooms / 2).Sum() / total, 0.01, 0.12);
    }

    [Fact]
    public void Few_users_come_often_and_many_once_or_never()
    {
        var users = _census.EntersByUser.Values.OrderDescending().ToArray();
        Assert.True(users[0] >= 15);
        Assert.True(users.Length < 0.85 * TwoHours.Options.Users);
        Assert.True(users.Count(visits => visits == 1) > 0.15 * users.Length);
    }

    [Fact]
    public void Gifts_are_half_free_and_the_dearest_percent_pays_most()
    {
        var amounts = _census.GiftAmounts.OrderDescending().ToArray();
        Assert.InRange(amounts.Count(a => a == 0) / (double)amounts.Length, 0.4, 0.6);
        Assert.True(amounts.Take(amounts.Length / 50).Sum() > amounts.Sum() / 2);
    }

    [Fact]
    public void Rooms_are_on_air_and_watched_within_seconds()
    {
        var census = StreamOf.Census(TwoHours.Options with { Minutes = 1 });
        Assert.InRange(census.OnAir, TwoHours.Options.Rooms * 0.35, TwoHours.Options.Rooms * 0.65);
        var early = census.EnteredMs.Values.Count(ms => ms < census.FirstMs + 10_000);
        Assert.True(early > TwoHours.Options.Users / 100);
    }

    [Fact]
    public void Rooms_come_back() => Assert.True(_census.RestartedRooms > TwoHours.Options.Rooms / 10);

    private static double PerUser(long count) => count / (double)TwoHours.Options.Users;

    public sealed class TwoHours
    {
        internal static readonly SimulatorOptions Options = new() { Seed = 11, Rooms = 1_000, Users = 30_000 };

        internal Census Census { get; } = StreamOf.Census(Options);
    }
}
