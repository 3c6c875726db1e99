namespace LiveGrains.Model.Tests;

public class PresenceTests
{
    private readonly Scenario _event = new();

    [Fact]
    public void The_first_signal_opens_a_session_also_when_it_is_not_enter() =>
        _event.Send("like", 0, "room=r user=u").Room("views=1 viewers=1 online=1 peakOnline=1 watchSeconds=0");

    [Fact]
    public void Signals_extend_a_session_and_watch_time_is_last_minus_first() =>
        _event.Send("enter", 0, "room=r user=u").Send("heartbeat", 30, "room=r user=u").Send("comment", 75, "room=r user=u")
            .Room("views=1 watchSeconds=75 watchSecondsPerView=75 watchSecondsPerViewer=75");

    [Fact]
    public void A_signal_exactly_at_the_timeout_extends() =>
        _event.Send("enter", 0, "room=r user=u").Send("heartbeat", 90, "room=r user=u").Room("views=1 watchSeconds=90");

    [Fact]
    public void A_signal_a_millisecond_after_the_timeout_opens_another_session() =>
        _event.Send("enter", 0, "room=r user=u").Send("heartbeat", 90.001, "room=r user=u").Room("views=2 viewers=1 watchSeconds=0 online=1");

    [Fact]
    public void A_session_is_online_until_the_timeout_and_no_longer_a_millisecond_after() =>
        _event.Send("enter", 0, "room=r user=u").AdvanceTo(90).Room("online=1").AdvanceTo(90.001).Room("online=0 peakOnline=1 views=1");

    [Fact]
    public void Leave_closes_the_session_at_its_time() =>
        _event.Send("enter", 0, "room=r user=u").Send("leave", 20, "room=r user=u").Room("online=0 watchSeconds=20 views=1 peakOnline=1");

    [Fact]
    public void A_signal_up_to_the_end_of_the_closed_session_belongs_to_it() =>
        _event.Send("enter", 0, "room=r user=u").Send("leave", 20, "room=r user=u").Send("comment", 20, "room=r user=u")
            .Send("comment", 5, "room=r user=u").Room("views=1 online=0 watchSeconds=20 comments.count=2")
            .Send("comment", 20.001, "room=r user=u").Room("views=2 online=1 watchSeconds=20");

    [Fact]
    public void A_signal_before_the_end_of_the_closed_session_does_not_touch_the_open_one() =>
        _event.Send("enter", 0, "room=r user=u").Send("leave", 20, "room=r user=u").Send("enter", 30, "room=r user=u")
            .Send("leave", 15, "room=r user=u").Room("online=1 views=2 watchSeconds=20")
            .Send("like", 25, "room=r user=u").Room("online=1 views=2 watchSeconds=25");

    [Fact]
    public void An_earlier_signal_moves_the_start_of_the_session() =>
        _event.Send("enter", 50, "room=r user=u").Send("heartbeat", 10, "room=r user=u").Room("views=1 watchSeconds=40 online=1");

    [Fact]
    public void An_earlier_leave_closes_the_session_at_its_last_signal() =>
        _event.Send("enter", 0, "room=r user=u").Send("heartbeat", 50, "room=r user=u").Send("leave", 40, "room=r user=u")
            .Room("online=0 watchSeconds=50").Send("heartbeat", 50, "room=r user=u").Room("views=1");

    [Fact]
    public void An_impression_opens_no_session_but_extends_one() =>
        _event.Send("impression", 0, "room=r user=u").Room("views=0 viewers=0 online=0 impressions.count=1 impressions.users=1")
            .Send("enter", 10, "room=r user=u").Send("impression", 40, "room=r user=u product=p").Room("views=1 watchSeconds=30");

    [Fact]
    public void An_impression_after_the_timeout_closes_and_opens_nothing()
    {
        var s = Scenario.OnWallClock();
        s.Send("enter", 0, "room=r user=u", 0).Send("impression", 95, "room=r user=u", 40).Room("online=0 views=1 watchSeconds=0");
    }

    [Fact]
    public void A_lone_leave_is_a_view_that_was_never_online() =>
        _event.Send("leave", 0, "room=r user=u").Room("views=1 viewers=1 online=0 peakOnline=0 watchSeconds=0")
            .Send("like", 0, "room=r user=u").Room("views=1").Send("like", 1, "room=r user=u").Room("views=2 online=1");

    [Fact]
    public void A_signal_older_than_the_timeout_is_a_view_that_was_never_online() =>
        _event.Send("enter", 200, "room=r user=a").Send("enter", 109.999, "room=r user=u").Room("views=2 online=1 peakOnline=1")
            .Send("enter", 110, "room=r user=v").Room("views=3 online=2 peakOnline=2");

    [Fact]
    public void Rule_1_closes_at_the_last_signal_before_an_older_signal_is_judged() =>
        _event.Send("enter", 0, "room=r user=u").Send("heartbeat", 10, "room=r user=u").Send("enter", 101, "room=r user=a")
            .Send("heartbeat", 60, "room=r user=u").Room("views=3 viewers=2 watchSeconds=10 online=2")
            .Send("heartbeat", 9, "room=r user=u").Room("views=3 watchSeconds=10 online=2");

    [Fact]
    public void A_signal_ahead_of_the_clock_beyond_the_timeout_closes_and_opens()
    {
        var s = Scenario.OnWallClock();
        s.Send("enter", 0, "room=r user=u", 0).Send("heartbeat", 100, "room=r user=u", 45).Room("views=2 viewers=1 online=1 peakOnline=1 watchSeconds=0")
            .Send("leave", 100, "room=r user=u", 46).Room("online=0 views=2");
    }

    [Fact]
    public void A_session_whose_last_signal_is_ahead_of_the_clock_expires_by_that_signal()
    {
        var s = Scenario.OnWallClock();
        s.Send("enter", 60, "room=r user=u", 0).AdvanceTo(150).Room("online=1").AdvanceTo(150.001).Room("online=0");
    }

    [Fact]
    public void A_late_signal_extends_presence_like_any_other() =>
        new Scenario(new ModelOptions { PresenceTimeout = TimeSpan.FromMinutes(10) })
            .Send("enter", 400, "room=r user=u").Send("heartbeat", 50, "room=r user=u").Room("watchSeconds=350 late=1 windows.1h.watchSeconds=0");

    [Fact]
    public void Presence_is_by_room_and_user() =>
        _event.Send("enter", 0, "room=r user=u").Send("enter", 1, "room=q user=u").Send("enter", 2, "room=r user=v")
            .Send("leave", 3, "room=r user=u").Room("online=1 views=2 viewers=2").Room("online=1 views=1", "q")
            .User("watching=[\"q\"] watchSeconds=3");

    [Fact]
    public void Average_online_is_the_integral_over_the_time_on_air() =>
        // u is online from 0 to 40, v from 10 to 30: 60 session-seconds in 40 s, then 60 in 60.
        _event.Send("enter", 0, "room=r user=u").Room("averageOnline=null").Send("enter", 10, "room=r user=v").Send("leave", 30, "room=r user=v")
            .Send("leave", 40, "room=r user=u").Room("averageOnline=1.5 peakOnline=2").AdvanceTo(60).Room("averageOnline=1");

    [Fact]
    public void Average_online_counts_an_expiring_session_until_its_expiry() =>
        // 90.001 s online of 100 s.
        _event.Send("enter", 0, "room=r user=u").AdvanceTo(100).Room("averageOnline=0.90001");

    [Fact]
    public void Two_small_moves_of_the_clock_equal_a_big_one()
    {
        var small = new Scenario().Send("enter", 0, "room=r user=u").Send("enter", 5, "room=r user=v");
        for (var t = 6; t < 200; t++)
            small.AdvanceTo(t).Room("views=2");
        var big = new Scenario().Send("enter", 0, "room=r user=u").Send("enter", 5, "room=r user=v").AdvanceTo(199);
        Assert.Empty(JsonCompare.Differences(big.Model.Room("r"), small.Model.Room("r")));
        Assert.Equal(big.Series("online"), small.Series("online"));
    }

    [Fact]
    public void The_peak_is_after_an_event_not_within_it()
    {
        var s = Scenario.OnWallClock();
        s.Send("enter", 0, "room=r user=u", 0).Send("enter", 0, "room=r user=v", 0).Send("heartbeat", 95, "room=r user=u", 40).Room("peakOnline=2 views=3");
    }

    [Fact]
    public void A_user_has_watched_all_rooms_and_all_plays() =>
        _event.Send("enter", 0, "room=r user=u").Send("heartbeat", 20, "room=r user=u").Send("enter", 20, "room=q user=u")
            .Send("leave", 25, "room=q user=u").Send("play", 25, "video=v user=u ms=1500").User("watchSeconds=26.5");
}
