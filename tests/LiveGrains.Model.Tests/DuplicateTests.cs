namespace LiveGrains.Model.Tests;

public class DuplicateTests
{
    private readonly Scenario _s = new();

    private static void IsDuplicate(ModelVerdict verdict) => Assert.Equal(ModelOutcome.Duplicate, verdict.Outcome);

    [Fact]
    public void The_same_id_of_the_same_source_is_a_duplicate_and_the_first_body_wins()
    {
        _s.Send("like", 0, "id=1 room=r user=u");
        IsDuplicate(_s.Try("comment", 50, "id=1 room=q user=v"));
        _s.Send("like", 1, "id=1 source=app room=r user=u").Room("likes.count=2 comments.count=0").Overview("events=2 duplicates=1 rooms=1 users=1");
        // A duplicate was seen, so it moved the event clock.
        Assert.Equal(Scenario.Ms(50), _s.Model.ClockMs);
    }

    [Fact]
    public void A_seq_up_to_the_highest_is_a_duplicate_whatever_its_id()
    {
        _s.Send("like", 0, "id=1 source=a seq=5 room=r user=u");
        IsDuplicate(_s.Try("like", 0, "id=2 source=a seq=5 room=r user=u"));
        IsDuplicate(_s.Try("like", 0, "id=3 source=a seq=4 room=r user=u"));
        _s.Send("like", 0, "id=1 source=a seq=6 room=r user=u").Send("like", 0, "id=1 source=b seq=1 room=r user=u").Room("likes.count=3");
    }

    [Fact]
    public void Events_with_seq_do_not_enter_the_window_of_ids() =>
        _s.Send("like", 0, "id=1 source=a seq=5 room=r user=u").Send("like", 0, "id=1 source=a room=r user=u").Room("likes.count=2");

    [Fact]
    public void Only_the_last_ids_are_remembered()
    {
        var s = new Scenario(new ModelOptions { DedupeIds = 2 });
        s.Send("like", 0, "id=1 room=r user=u").Send("like", 0, "id=2 room=r user=u");
        IsDuplicate(s.Try("like", 0, "id=1 room=r user=u"));
        s.Send("like", 0, "id=3 room=r user=u").Send("like", 0, "id=1 room=r user=u");
        IsDuplicate(s.Try("like", 0, "id=3 room=r user=u"));
        s.Send("like", 0, "id=2 room=r user=u").Room("likes.count=5");
    }

    [Fact]
    public void An_id_is_remembered_for_the_window_in_whole_seconds()
    {
        _s.Send("like", 0.5, "id=1 room=r user=u").AdvanceTo(3600.999);
        IsDuplicate(_s.Try("like", 0.5, "id=1 room=r user=u"));
        _s.AdvanceTo(3601).Send("like", 0.5, "id=1 room=r user=u");
        IsDuplicate(_s.Try("like", 0.5, "id=1 room=r user=u"));
    }

    [Fact]
    public void A_refused_event_leaves_no_trace()
    {
        Assert.Equal(ModelOutcome.Rejected, _s.Try("gift", 100, "id=1 source=a seq=9 room=r user=u").Outcome);
        Assert.Equal(ModelOutcome.Rejected, _s.Try("gift", 100, "id=1 room=r user=u").Outcome);
        Assert.Equal(0, _s.Model.ClockMs);
        Assert.Null(_s.Model.Room("r"));
        _s.Send("gift", 0, "id=1 room=r user=u amount=1").Send("gift", 0, "id=2 source=a seq=1 room=r user=u amount=1").Overview("events=2 duplicates=0");
    }
}
