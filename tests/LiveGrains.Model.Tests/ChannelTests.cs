namespace LiveGrains.Model.Tests;

public class ChannelTests
{
    private readonly Scenario _s = new();

    [Fact]
    public void A_view_belongs_to_the_channel_of_its_opening_event() =>
        _s.Send("enter", 0, "room=r user=u channel=feed").Send("like", 1, "room=r user=u channel=search").Send("enter", 2, "room=r user=v")
            .Send("leave", 3, "room=r user=u").Send("enter", 4, "room=r user=u channel=feed")
            .Room("channels.feed.views=2 channels.feed.viewers=1 channels.search=none views=3");

    [Fact]
    public void A_payment_belongs_to_its_own_channel_or_to_that_of_the_session() =>
        _s.Send("enter", 0, "room=r user=u channel=feed").Send("pay", 1, "room=r user=u product=p amount=10").Send("pay", 2, "room=r user=u product=p amount=5 channel=ad")
            .Room("channels.feed.gmv=10 channels.ad.gmv=5 channels.ad.views=0 gmv=15");

    [Fact]
    public void A_payment_within_the_last_session_belongs_to_its_channel() =>
        _s.Send("enter", 0, "room=r user=u channel=feed").Send("leave", 10, "room=r user=u").Send("pay", 9, "room=r user=u product=p amount=10").Room("channels.feed.gmv=10");

    [Fact]
    public void A_payment_that_opens_a_session_without_channel_has_no_row() =>
        _s.Send("enter", 0, "room=r user=u channel=feed").Send("leave", 10, "room=r user=u").Send("pay", 11, "room=r user=u product=p amount=10").Room("channels.feed.gmv=0 views=2");

    [Fact]
    public void From_the_thirty_second_channel_on_they_share_a_row()
    {
        for (var i = 0; i < 35; i++)
            _s.Send("enter", i, $"room=r user=u{i % 33} channel=c{i}").Send("leave", i + 0.5, $"room=r user=u{i % 33}");
        _s.Send("pay", 40, "room=r user=u product=p amount=8 channel=c34");
        _s.Room("channels.c30.views=1 channels.c31=none channels.other.views=5 channels.other.viewers=5 channels.other.gmv=8");
        Assert.Equal(32, _s.Model.Room("r")!["channels"]!.AsObject().Count);
    }
}
