namespace LiveGrains.Model.Tests;

public class BroadcastTests
{
    private readonly Scenario _s = new();

    [Fact]
    public void A_room_goes_on_air_with_its_first_event() =>
        _s.Send("comment", 7, "room=r user=u").Room("live=true startedAt=2023-11-14T22:13:27+00:00 endedAt=null title=null tags=[]");

    [Fact]
    public void A_start_after_the_first_event_only_describes_and_can_move_the_start_back() =>
        _s.Send("comment", 7, "room=r user=u").Send("room.start", 5, "room=r title=T tags=a+b")
            .Room("""live=true startedAt=2023-11-14T22:13:25+00:00 comments.count=1 title=T tags=["a","b"]""")
            .Send("room.start", 1, "room=r host=H").Room("startedAt=2023-11-14T22:13:25+00:00 host=H title=T");

    [Fact]
    public void A_start_after_the_first_event_with_a_later_time_does_not_move_the_start() =>
        _s.Send("comment", 7, "room=r user=u").Send("room.start", 9, "room=r").Room("startedAt=2023-11-14T22:13:27+00:00");

    [Fact]
    public void An_update_changes_what_it_carries_and_no_other() =>
        _s.Send("room.start", 0, "room=r title=T host=H category=C tags=a").Send("room.update", 1, "room=r category=D")
            .Room("""title=T host=H category=D tags=["a"] live=true views=0""");

    [Fact]
    public void The_end_takes_off_air_and_closes_sessions_at_their_last_signals() =>
        _s.Send("enter", 0, "room=r user=u").Send("heartbeat", 10, "room=r user=u").Send("enter", 12, "room=r user=v").Send("room.end", 20, "room=r")
            .Room("live=false online=0 watchSeconds=10 endedAt=2023-11-14T22:13:40+00:00 averageOnline=1.4").AdvanceTo(500).Room("averageOnline=1.4");

    [Fact]
    public void Events_after_the_end_count_in_the_broadcast() =>
        _s.Send("enter", 0, "room=r user=u").Send("room.end", 20, "room=r").Send("like", 25, "room=r user=u count=4")
            .Room("live=false likes.count=4 views=2 online=1 averageOnline=1")
            .Send("like", 0, "room=r user=u").Room("likes.count=5 views=2");

    [Fact]
    public void A_start_after_the_end_starts_every_number_from_zero() =>
        _s.Send("room.start", 0, "room=r title=T").Send("enter", 1, "room=r user=u channel=feed").Send("pay", 2, "room=r user=u product=p amount=500")
            .Send("gift", 3, "room=r user=u amount=5 currency=USD").Send("room.end", 4, "room=r").Send("room.start", 5, "room=r")
            .Room("live=true title=T views=0 viewers=0 gmv=0 gifts.count=0 peakOnline=0 watchSeconds=0 channels.feed=none otherCurrencies=none"
                + " startedAt=2023-11-14T22:13:25+00:00 endedAt=null windows.1h.gmv=0 products.pays.users=0 averageOnline=null")
            .Product("gmv=500 rooms.0.gmv=500").User("spend.paid=500 watchSeconds=2 counts.enter=1")
            .Overview("views=1 gmv=500 watchSeconds=2 rooms=1 roomsLive=1")
            .Expect(_s.Model.RoomProducts("r"), "products=[]");

    [Fact]
    public void A_new_broadcast_knows_nothing_of_old_sessions() =>
        _s.Send("enter", 0, "room=r user=u").Send("room.end", 10, "room=r").Send("room.start", 11, "room=r")
            .Send("heartbeat", 0, "room=r user=u").Room("views=1 online=1");

    [Fact]
    public void An_update_of_an_unknown_room_puts_it_on_air_and_an_end_makes_it_known_off_air() =>
        _s.Send("room.update", 0, "room=r title=T").Room("live=true title=T").Send("room.end", 0, "room=q")
            .Room("live=false views=0 startedAt=null averageOnline=null", "q").Overview("rooms=2 roomsLive=1")
            .Send("like", 1, "room=q user=u").Room("live=false likes.count=1", "q").Send("room.start", 2, "room=q").Room("live=true likes.count=0", "q");

    [Fact]
    public void A_second_end_changes_neither_the_end_nor_the_time_on_air() =>
        _s.Send("enter", 0, "room=r user=u").Send("room.end", 10, "room=r").Send("enter", 20, "room=r user=v").Send("room.end", 30, "room=r")
            .Room("online=0 endedAt=2023-11-14T22:13:30+00:00 averageOnline=1");

    [Fact]
    public void Catalog_events_count_no_metric_and_no_lateness() =>
        _s.Send("enter", 1000, "room=r user=u").Send("room.update", 0, "room=r user=v title=T").Room("views=1 late=0 viewers=1").Overview("late=1 events=2 users=1");
}
