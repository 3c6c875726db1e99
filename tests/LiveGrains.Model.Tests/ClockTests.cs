namespace LiveGrains.Model.Tests;

public class ClockTests
{
    [Fact]
    public void The_event_clock_is_the_highest_event_time()
    {
        var s = new Scenario();
        s.Send("like", 5, "room=r user=u").Send("like", 3, "room=r user=u").Room("asOf=2023-11-14T22:13:25+00:00");
        s.Send("like", 1_000_000, "room=r user=u");
        Assert.Equal(Scenario.Ms(1_000_000), s.Model.ClockMs);
    }

    [Fact]
    public void The_wall_clock_is_the_servers_and_never_goes_back()
    {
        var s = Scenario.OnWallClock();
        s.Send("like", 5, "room=r user=u", 10).Send("like", 5, "room=r user=u", 7);
        Assert.Equal(Scenario.Ms(10), s.Model.ClockMs);
    }

    [Fact]
    public void With_the_wall_clock_an_event_more_than_a_minute_ahead_is_refused()
    {
        var s = Scenario.OnWallClock();
        s.Send("like", 60, "room=r user=u", 0);
        Assert.Equal(ModelVerdict.Rejected("time_in_future", "time"), s.Try("like", 60.001, "room=r user=u", 0));
        s.Send("like", 60.001, "room=r user=u", 0.001);
    }

    [Fact]
    public void Lateness_is_measured_from_the_clock_that_includes_the_event() =>
        new Scenario().Send("like", 0, "room=r user=u").Send("like", 400, "room=r user=u").Room("late=0").Send("like", 99.999, "room=r user=u").Room("late=1");
}
