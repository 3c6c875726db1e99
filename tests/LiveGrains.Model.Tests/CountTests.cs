namespace LiveGrains.Model.Tests;

public class CountTests
{
    private readonly Scenario _s = new();

    [Fact]
    public void Count_multiplies_the_count_and_not_the_amount() =>
        _s.Send("gift", 0, "room=r user=u count=10 amount=300").Send("gift", 1, "room=r user=u amount=0").Send("gift", 2, "room=r user=v amount=7")
            .Room("gifts.count=12 gifts.users=2 gifts.amount=307 interactions=12 interactionUsers=2 windows.10s.gifts.amount=307 windows.10s.gifts.users=none")
            .User("counts.gift=11 spend.gifted=300");

    [Fact]
    public void Every_type_counts_under_its_name()
    {
        foreach (var type in new[] { "like", "comment", "share", "follow", "unfollow", "dislike", "report" })
            _s.Send(type, 1, "room=r user=u count=2");
        _s.Send("subscribe", 1, "room=r user=u amount=990").Room(
            "likes.count=2 comments.count=2 shares.count=2 follows.count=2 unfollows.count=2 dislikes.count=2 reports.count=2"
            + " subscribes.count=1 subscribes.amount=990 interactions=9 interactionUsers=1 views=1 rates.follow=1 rates.negative=1 rates.interaction=1");
    }

    [Fact]
    public void Users_are_distinct() =>
        _s.Send("like", 0, "room=r user=u").Send("like", 1, "room=r user=u").Send("like", 2, "room=r user=v").Send("follow", 2, "room=r user=w")
            .Room("likes.count=3 likes.users=2 interactionUsers=3 viewers=3 rates.interaction=1");

    [Fact]
    public void Cards_in_a_room_are_its_products_and_its_own_card_is_its_impression() =>
        _s.Send("impression", 0, "room=r user=u").Send("impression", 0, "room=r user=u product=p").Send("impression", 0, "room=r user=v video=v")
            .Send("click", 1, "room=r user=u product=p count=3").Send("click", 1, "room=r user=u video=v").Send("click", 1, "user=u product=p")
            .Room("impressions.count=1 products.impressions.count=2 products.impressions.users=2 products.clicks.count=4 products.clicks.users=1"
                + " rates.productClick=2 rates.enter=1")
            .Product("impressions.count=1 clicks.count=4 clicks.users=1 rates.productClick=4 rooms.0.clicks=3 rooms.0.room=r rooms.1=none")
            .Expect(_s.Model.Video("v"), "impressions.count=1 clicks.count=1 video=v product=none rooms.0.clicks=1")
            .Overview("impressions.count=1 funnel.impressions.count=2 funnel.clicks.count=5");

    [Fact]
    public void An_interaction_with_a_product_in_a_room_counts_for_both() =>
        _s.Send("like", 0, "room=r user=u product=p count=5").Send("dislike", 1, "room=r user=u video=v").Send("report", 1, "product=p user=v")
            .Room("likes.count=5 dislikes.count=1 reports.count=0").Product("likes.count=5 reports.count=1 reports.users=1")
            .Expect(_s.Model.Video("v"), "dislikes.count=1").User("counts.like=5 counts.dislike=1 counts.report=none");

    [Fact]
    public void The_funnel_counts_in_the_room_for_the_product_and_for_the_user() =>
        _s.Send("click", 0, "room=r user=u product=p").Send("click", 0, "room=r user=v product=p").Send("cart", 1, "room=r user=u product=p")
            .Send("order", 2, "room=r user=u product=p amount=1000 count=2").Send("pay", 3, "room=r user=u product=p amount=1000")
            .Send("pay", 4, "room=r user=u product=p amount=500").Send("refund", 5, "room=r user=u product=p amount=1700")
            .Room("products.carts.count=1 products.orders.count=2 products.orders.amount=1000 products.pays.count=2 products.pays.users=1 products.pays.amount=1500"
                + " products.refunds.amount=1700 gmv=1500 refundAmount=1700 netGmv=-200 rates.clickToPay=0.5 rates.viewToPay=0.5 rates.orderToPay=1"
                + " rates.conversion=1 gpm=750000 uvValue=750 averageOrder=750 perBuyer=1500 views=2 products.carts.amount=none")
            .Product("gmv=1500 netGmv=-200 averageOrder=750 perBuyer=1500 orders.count=2 rates.clickToPay=0.5 rooms.0.pays.count=2 rooms.0.netGmv=-200 windows.1m.gmv=1500")
            .User("spend.paid=1500 spend.refunded=1700 spend.gifted=0");

    [Fact]
    public void A_purchase_outside_a_room_counts_in_no_room() =>
        _s.Send("enter", 0, "room=r user=u").Send("pay", 1, "user=u product=p amount=9").Room("gmv=0").Product("gmv=9 rooms.0=none").Overview("gmv=9 funnel.pays.users=1");

    [Fact]
    public void Ratios_without_a_denominator_are_null() =>
        _s.Send("room.start", 0, "room=r").Room("rates.enter=null rates.interaction=null rates.productClick=null rates.conversion=null engagement=null"
            + " gpm=null uvValue=null averageOrder=null perBuyer=null watchSecondsPerView=null averageOnline=null");

    [Fact]
    public void Engagement_is_interactions_by_watched_second() =>
        _s.Send("enter", 0, "room=r user=u").Send("like", 40, "room=r user=u count=10").Room("engagement=0.25");

    [Fact]
    public void Amounts_in_other_currencies_are_kept_apart() =>
        _s.Send("gift", 0, "room=r user=u amount=100 currency=USD").Send("gift", 0, "room=r user=u amount=7 currency=CNY")
            .Send("pay", 1, "room=r user=u product=p amount=50 currency=EUR").Send("order", 1, "room=r user=u product=p amount=51 currency=EUR")
            .Send("refund", 1, "room=r user=u product=p amount=52 currency=EUR").Send("subscribe", 1, "room=r user=u amount=53 currency=USD")
            .Room("gifts.count=2 gifts.amount=7 subscribes.amount=0 subscribes.count=1 gmv=0 products.pays.count=1 averageOrder=0"
                + " otherCurrencies.USD.gifts=100 otherCurrencies.USD.subscribes=53 otherCurrencies.USD.gmv=0 otherCurrencies.EUR.gmv=50"
                + " otherCurrencies.EUR.orders=51 otherCurrencies.EUR.refunds=52 otherCurrencies.CNY=none")
            .Product("gmv=0 otherCurrencies.EUR.gmv=50 otherCurrencies.USD=none").User("spend.paid=0 spend.gifted=7 spend.refunded=0");

    [Fact]
    public void The_engines_currency_decides_which_is_other() =>
        new Scenario(new ModelOptions { Currency = "USD" }).Send("gift", 0, "room=r user=u amount=100 currency=USD").Send("gift", 0, "room=r user=u amount=8")
            .Room("gifts.amount=100 otherCurrencies.CNY.gifts=8");

    [Fact]
    public void A_play_counts_for_its_video_and_its_user() =>
        _s.Send("play", 0, "video=v user=u ms=2500 count=2").Send("play", 1, "video=v user=w ms=500 room=r").Room("views=1")
            .Expect(_s.Model.Video("v"), "plays.count=3 plays.users=2 watchSeconds=3 windows.10s.watchSeconds=3 windows.10s.plays.count=3").User("watchSeconds=2.5");

    [Fact]
    public void Catalog_entries_change_what_they_carry() =>
        _s.Send("product.upsert", 0, "product=p title=T price=100 stock=3 status=on tags=a").Send("product.upsert", 1, "product=p stock=0 status=off")
            .Product("""title=T price=100 stock=0 status=off tags=["a"] category=null clicks.count=0 late=0""")
            .Send("like", 2, "product=q user=u").Product("status=null price=null", "q");

    [Fact]
    public void Items_of_a_room_are_ordered_by_gmv_then_clicks_then_id()
    {
        _s.Send("product.upsert", 0, "product=a title=A").Send("click", 0, "room=r user=u product=b").Send("click", 0, "room=r user=u product=a")
            .Send("impression", 0, "room=r user=u product=c").Send("pay", 0, "room=r user=u product=d amount=1").Send("click", 0, "room=r user=u video=e count=2");
        _s.Expect(_s.Model.RoomProducts("r"), "room=r products.0.product=d products.0.pays.users=1 products.1.video=e products.2.product=a products.2.title=A"
            + " products.3.product=b products.4.product=c products.4.impressions=1 products.5=none");
    }

    [Fact]
    public void A_user_shows_the_last_eight_interactions_newest_first()
    {
        for (var i = 0; i < 9; i++)
            _s.Send("like", i, "user=u product=p" + i);
        _s.Send("comment", 3, "user=u room=r").Send("heartbeat", 10, "user=u room=r").Send("impression", 10, "user=u room=r")
            .Send("leave", 10, "user=u room=r").Send("user.upsert", 10, "user=u")
            .User("recent.0.type=comment recent.0.room=r recent.0.product=null recent.0.time=2023-11-14T22:13:23+00:00 recent.1.product=p8 recent.7.product=p2 recent.8=none counts.heartbeat=1");
    }

    [Fact]
    public void User_attributes_are_kept_until_others_come()
    {
        var model = new ModelEngine();
        Assert.True(model.Accepts("""{"id":"1","type":"user.upsert","time":0,"user":"u","attrs":{"age":"30","region":"sh"}}"""u8.ToArray()));
        Assert.True(model.Accepts("""{"id":"2","type":"user.upsert","time":0,"user":"u"}"""u8.ToArray()));
        Assert.Equal("""{"age":"30","region":"sh"}""", model.User("u")!["attrs"]!.ToJsonString());
    }

    [Fact]
    public void The_unknown_has_no_answer()
    {
        Assert.Null(_s.Model.Room("r"));
        Assert.Null(_s.Model.Product("p"));
        Assert.Null(_s.Model.Video("v"));
        Assert.Null(_s.Model.User("u"));
        Assert.Null(_s.Model.RoomProducts("r"));
        Assert.Null(_s.Model.Series("r", "likes"));
        _s.Overview("events=0 rooms=0 rates.enter=null");
    }
}
