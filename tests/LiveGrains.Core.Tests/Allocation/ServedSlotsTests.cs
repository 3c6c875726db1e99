namespace LiveGrains.Core.Tests.Allocation;

public sealed class ServedSlotsTests
{
    private const uint Now = 1_800_000_000;
    private const int Cap = 3;
    private static readonly uint _room = InterestItem.Of(InterestKind.Room, 1);
    private readonly TrafficLedger _ledger = new(new TrafficPolicy { Caps = [new TrafficCap { Over = TrafficDimension.Room, Impressions = Cap }] }, 1, Now * 1000L);
    private readonly SlotPrices _prices = new();
    private readonly ValueModel _values = new();
    private readonly List<ServedSlot> _settled = [];
    private readonly ServedSlots _slots;

    public ServedSlotsTests()
    {
        _ledger.Describe(_room, "r1", "h1", "c1");
        _ledger.GoOnAir(_room, Now * 1000L);
        _prices.Take(_ledger.Prices, item => item);
        _slots = new ServedSlots(_prices, _values) { Settled = _settled.Add };
    }

    [Fact]
    public void A_slot_holds_its_place_until_it_is_sure_that_nobody_is_shown_it()
    {
        for (ulong user = 1; user <= Cap; user++) Serve(user);
        Assert.False(_prices.Allows(_room));
        _slots.Settle(Now + ServedSlots.ShownWithinSeconds - 1);
        Assert.False(_prices.Allows(_room));
        _slots.Settle(Now + ServedSlots.ShownWithinSeconds);
        Assert.True(_prices.Allows(_room));
        // Never shown: nothing to learn and nothing to write.
        _slots.Settle(Now + ImpressionLearner.WindowSeconds);
        Assert.Empty(_settled);
        Assert.Equal(0, _values.Cells);
    }

    [Fact]
    public void What_is_shown_is_counted_once_by_the_ledger_or_here()
    {
        for (ulong user = 1; user < Cap; user++) Show(user);
        // Not in the prices yet: held back here.
        Serve(9);
        Assert.False(_prices.Allows(_room));
        // The prices of the next second have it: two are counted and one is held.
        _ledger.AdvanceTo((Now + 1) * 1000L);
        _prices.Take(_ledger.Prices, item => item);
        Assert.False(_prices.Allows(_room));
        _slots.Settle(Now + ServedSlots.ShownWithinSeconds);
        Assert.True(_prices.Allows(_room));
    }

    [Theory]
    [InlineData(EventType.Enter, true)]
    [InlineData(EventType.Click, true)]
    [InlineData(EventType.Like, false)]
    public void What_followed_is_learned_when_its_time_is_over(EventType deed, bool isClick)
    {
        Show(1);
        _slots.Happened(1, _room, deed, Now + 5);
        _slots.Happened(2, _room, deed, Now + 5);
        _slots.Settle(Now + ImpressionLearner.WindowSeconds - 1);
        Assert.Empty(_settled);
        _slots.Settle(Now + ImpressionLearner.WindowSeconds);
        Assert.Equal(new ServedSlot(Now, _room, 2, 0.25f, 4, isClick), Assert.Single(_settled));
        // The item, and the item for the segment.
        Assert.Equal(2, _values.Cells);
        // Later deeds belong to no slot.
        _slots.Happened(1, _room, EventType.Enter, Now + 1000);
        _slots.Settle(Now + 5000);
        Assert.Single(_settled);
    }

    [Fact]
    public void Who_asks_again_acts_on_the_newer_slot()
    {
        Show(1);
        Show(1, Now + 60);
        _slots.Happened(1, _room, EventType.Enter, Now + 61);
        _slots.Settle(Now + 60 + ImpressionLearner.WindowSeconds);
        Assert.Equal([false, true], _settled.Select(s => s.Clicked));
    }

    [Fact]
    public void The_ring_is_bounded_and_settles_the_oldest_early()
    {
        for (ulong user = 1; user <= ServedSlots.Capacity; user++) Show(user);
        Assert.Empty(_settled);
        Show(ServedSlots.Capacity + 1);
        Assert.Single(_settled);
    }

    [Fact]
    public void What_a_ledger_elsewhere_counts_is_held_until_it_says_so_and_no_longer_than_its_time()
    {
        for (ulong user = 1; user <= Cap; user++)
        {
            _slots.Served(user, _room, 0, 1, 0, Now, countedAs: user + 100);
            // Shown here, and perhaps not there yet.
            _slots.Happened(user, _room, EventType.Impression, Now);
        }

        Assert.Equal(Cap, _prices.ReservedOf(0));
        _slots.Counted(1, _room);
        _slots.Counted(101, _room + 1);
        Assert.Equal(Cap, _prices.ReservedOf(0));
        _slots.Counted(101, _room);
        _slots.Counted(101, _room);
        Assert.Equal(Cap - 1, _prices.ReservedOf(0));
        _slots.Settle(Now + ServedSlots.ShownWithinSeconds);
        _slots.Counted(102, _room);
        Assert.Equal(0, _prices.ReservedOf(0));
    }

    [Fact]
    public void Counted_impressions_are_told_once_their_second_is_over_and_the_oldest_are_forgotten()
    {
        _ledger.Counted = new CountedImpressions();
        var told = new List<CountedImpression>();
        _ledger.Delivered(_room, 1, Now * 1000L, 7);
        _ledger.Delivered(_room, 1, Now * 1000L, 8);
        _ledger.Counted.Read(0, _ => true, told);
        Assert.Empty(told);
        _ledger.AdvanceTo((Now + 1) * 1000L);
        _ledger.Counted.Read(0, user => user == 8, told);
        Assert.Equal(new CountedImpression(8, 0), Assert.Single(told));
        for (var i = 0; i < CountedImpressions.Capacity; i++) _ledger.Counted.Add(9, 0);
        _ledger.Counted.Settle();
        told.Clear();
        _ledger.Counted.Read(0, _ => true, told);
        Assert.Equal(CountedImpressions.Capacity, told.Count(c => c.User == 9));
        Assert.Equal(CountedImpressions.Capacity, told.Count);
    }

    [Fact]
    public void Rooms_that_an_allocator_elsewhere_has_not_told_of_have_no_slots_where_there_are_caps()
    {
        Assert.True(_prices.Allows(_room + 1));
        _prices.Take(_ledger.Prices with { HoldsUnknown = true }, item => item);
        Assert.False(_prices.Allows(_room + 1));
        Assert.True(_prices.Allows(_room));
        Assert.True(_prices.Allows(InterestItem.Of(InterestKind.Product, 1)));
    }

    private void Serve(ulong user, uint at = Now) => _slots.Served(user, _room, 2, 0.25f, 4, at);

    private void Show(ulong user, uint at = Now)
    {
        Serve(user, at);
        _slots.Happened(user, _room, EventType.Impression, at);
        _ledger.Delivered(_room, 1, at * 1000L);
    }
}
