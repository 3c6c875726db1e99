namespace LiveGrains.Model.Tests;

public class WindowTests
{
    private readonly Scenario _s = new();

    [Fact]
    public void A_window_is_the_bucket_of_the_clock_and_those_before() =>
        // With the clock at 69.999 the minute is 10..70; at 70 it is 20..80.
        _s.Send("like", 9.999, "room=r user=u").Send("like", 10, "room=r user=u").Send("like", 19.999, "room=r user=u count=2")
            .AdvanceTo(69.999).Room("windows.10s.likes.count=0 windows.1m.likes.count=3 windows.5m.likes.count=4 likes.count=4")
            .AdvanceTo(70).Room("windows.1m.likes.count=0 windows.5m.likes.count=4");

    [Theory]
    [InlineData("10s", 10)]
    [InlineData("1m", 60)]
    [InlineData("5m", 300)]
    [InlineData("10m", 600)]
    [InlineData("1h", 3600)]
    public void An_event_leaves_a_window_when_the_clock_enters_the_bucket_after(string window, int seconds) =>
        _s.Send("like", 5, "room=r user=u").AdvanceTo(seconds - 0.001).Room($"windows.{window}.likes.count=1 windows.{window}.views=1")
            .AdvanceTo(seconds).Room($"windows.{window}.likes.count=0 windows.{window}.views=0 likes.count=1");

    [Fact]
    public void An_event_out_of_order_counts_in_the_bucket_of_its_own_time()
    {
        _s.Send("like", 100, "room=r user=u").Send("comment", 35, "room=r user=u").Room("windows.1m.comments.count=0 windows.5m.comments.count=1 late=0");
        Assert.Equal("30:1", _s.Series("comments"));
    }

    [Fact]
    public void An_event_as_old_as_the_lateness_is_not_late_and_one_older_is()
    {
        _s.Send("enter", 1000, "room=r user=a").Send("comment", 700, "room=r user=b").Room("late=0 windows.10m.comments.count=1")
            .Send("comment", 699.999, "room=r user=c product=p").Room("late=1 comments.count=2 comments.users=2 windows.1h.comments.count=1 viewers=3 windows.1h.views=2")
            .Product("late=1 comments.count=1 windows.1h.comments.count=0").Overview("late=1");
        Assert.Equal("700:1", _s.Series("comments"));
    }

    [Fact]
    public void An_event_ahead_of_the_clock_enters_the_window_with_the_clock()
    {
        var s = Scenario.OnWallClock();
        s.Send("like", 50, "room=r user=u", 0).Room("windows.1h.likes.count=0 likes.count=1").AdvanceTo(49.9).Room("windows.10s.likes.count=0")
            .AdvanceTo(50).Room("windows.10s.likes.count=1");
    }

    [Fact]
    public void A_view_counts_in_the_bucket_of_the_opening_signal_and_watch_time_in_that_of_the_extending_one()
    {
        _s.Send("enter", 5, "room=r user=u").Send("heartbeat", 25, "room=r user=u").Send("heartbeat", 31, "room=r user=u").Send("heartbeat", 2, "room=r user=u");
        Assert.Equal("0:1", _s.Series("views"));
        Assert.Equal("0:3 20:20 30:6", _s.Series("watchSeconds"));
        _s.Room("watchSeconds=29 windows.10s.watchSeconds=6");
    }

    [Fact]
    public void A_bucket_shows_the_highest_online_in_it()
    {
        _s.Send("enter", 2, "room=r user=u").Send("enter", 4, "room=r user=v").Send("leave", 5, "room=r user=v").Send("leave", 31, "room=r user=u").AdvanceTo(45);
        Assert.Equal("0:2 10:1 20:1 30:1", _s.Series("online"));
        Assert.Equal("0:2 20:1", _s.Series("online", 20));
        _s.Room("windows.10s.peakOnline=0 windows.1m.peakOnline=2").AdvanceTo(60).Room("windows.1m.peakOnline=1");
    }

    [Fact]
    public void A_session_that_expires_at_the_start_of_a_bucket_was_not_online_in_it()
    {
        _s.Send("enter", 9.999, "room=r user=u").AdvanceTo(105);
        Assert.Equal("0:1 10:1 20:1 30:1 40:1 50:1 60:1 70:1 80:1 90:1", _s.Series("online"));
    }

    [Fact]
    public void A_session_closed_by_an_event_at_the_start_of_a_bucket_was_online_in_it()
    {
        _s.Send("enter", 9, "room=r user=u").Send("leave", 10, "room=r user=u");
        Assert.Equal("0:1 10:1", _s.Series("online"));
    }

    [Fact]
    public void A_series_has_a_point_a_step_from_the_first_bucket_to_that_of_the_clock()
    {
        _s.Send("comment", 15, "room=r user=u").Send("comment", 47, "room=r user=u count=2").Send("gift", 47, "room=r user=u amount=30");
        var points = _s.Model.Series("r", "comments")!["points"]!;
        Assert.Equal("[[1700000010000,1],[1700000020000,0],[1700000030000,0],[1700000040000,2]]", points.ToJsonString());
        Assert.Equal("0:1 40:2", _s.Series("comments", 20));
        Assert.Equal("40:30", _s.Series("gifts.amount"));
        Assert.Equal("10:1 40:3", _s.Series("interactions"));
    }

    [Fact]
    public void A_series_ends_before_its_end()
    {
        _s.Send("comment", 15, "room=r user=u").Send("comment", 47, "room=r user=u");
        Assert.Equal("[[1700000010000,1],[1700000020000,0]]", _s.Model.Series("r", "comments", 10, Scenario.Ms(10), Scenario.Ms(30))!["points"]!.ToJsonString());
        Assert.Equal("40:1", _s.Series("comments", 10, 20, 100));
    }

    [Fact]
    public void Money_has_series_and_its_difference_can_be_negative()
    {
        _s.Send("pay", 5, "room=r user=u product=p amount=100").Send("refund", 12, "room=r user=u product=p amount=30");
        Assert.Equal("0:100 10:-30", _s.Series("netGmv"));
        Assert.Equal("0:100", _s.Series("products.pays.amount"));
        Assert.Equal("10:30", _s.Series("refundAmount"));
        Assert.Equal("10:1", _s.Series("products.refunds"));
    }

    [Fact]
    public void An_unknown_metric_or_step_is_refused()
    {
        _s.Send("like", 0, "room=r user=u");
        Assert.Throws<ArgumentException>(() => _s.Model.Series("r", "hearts"));
        Assert.Throws<ArgumentException>(() => _s.Model.Series("r", "likes.amount"));
        Assert.Throws<ArgumentOutOfRangeException>(() => _s.Model.Series("r", "likes", 15));
        Assert.Throws<ArgumentOutOfRangeException>(() => _s.Model.Series("r", "likes", 0));
    }
}
