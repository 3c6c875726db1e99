namespace LiveGrains.Core.Tests.Allocation;

/// <summary>Prices of slots against a model of plain dictionaries: what is reserved, what is counted, what that means for an item.</summary>
public sealed class SlotPricesTests
{
    private const int Hosts = 7;
    private const int Categories = 3;
    private const long Start = 1_800_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Slots_are_set_against_caps_and_targets_until_prices_have_them(int seed)
    {
        var random = new Random(seed);
        var slots = new SlotPrices();
        var rooms = 5;
        var second = Start;
        var open = new List<(uint Item, SlotGroups Groups)>();
        var shown = new List<(uint Item, long Second)>();
        var groups = Groups(random, rooms);
        var items = Items(rooms);
        slots.Take(new TrafficPrices(1, second, new TrafficPolicy(), items, rooms, groups, 0, rooms), item => item);
        for (var step = 0; step < 5_000; step++)
        {
            var item = (uint)random.Next(1, rooms + 1);
            switch (random.Next(12))
            {
                case < 5:
                    open.Add((item, slots.Reserve(item)));
                    break;
                case < 7 when open.Count > 0:
                    slots.Release(open[^1].Groups);
                    open.RemoveAt(open.Count - 1);
                    break;
                case < 10 when open.Count > 0:
                    // Seconds of impressions never fall; some are of a second whose prices are here already.
                    var at = shown.Count > 0 ? Math.Max(shown[^1].Second, second - 1 + random.Next(3)) : second;
                    slots.Shown(open[^1].Groups, at);
                    if (at >= second) shown.Add((open[^1].Item, at));
                    open.RemoveAt(open.Count - 1);
                    break;
                case 10:
                    // New prices, of more rooms now and then, also within a second.
                    second += random.Next(3);
                    if (random.Next(4) == 0 && rooms < 60) items = Items(++rooms);
                    groups = Groups(random, rooms);
                    slots.Take(new TrafficPrices(1, second, new TrafficPolicy(), items, rooms, groups, 0, rooms), i => i);
                    shown.RemoveAll(s => s.Second < second);
                    break;
            }

            Compare(slots, items, groups, [.. open.Select(o => o.Item), .. shown.Select(s => s.Item)]);
        }
    }

    [Fact]
    public void Prices_of_another_epoch_forget_what_numbers_meant()
    {
        var slots = new SlotPrices();
        var groups = new[] { GroupPrice.None with { Left = 1, Floor = 0.5f } };
        slots.Take(new TrafficPrices(1, Start, new TrafficPolicy(), [new TrafficItem(1, 0, -1, -1)], 1, groups, 0, 1), item => item);
        var given = slots.Reserve(1);
        Assert.False(slots.Allows(1));
        Assert.Equal(-0.5f, slots.Of(1).Price);
        slots.Take(new TrafficPrices(1, Start, new TrafficPolicy(), [new TrafficItem(2, 0, -1, -1)], 1, groups, 1, 1), item => item);
        Assert.True(slots.Allows(1));
        Assert.Equal(default, slots.Of(1));
        Assert.True(slots.Allows(2));
        Assert.Equal(-0.5f, slots.Of(2).Price);
        // The number of that slot's group is another's now.
        slots.Release(given);
        slots.Reserve(2);
        Assert.False(slots.Allows(2));
    }

    [Fact]
    public void A_slot_is_given_back_where_it_was_taken_though_the_item_moved_or_became_known_meanwhile()
    {
        var slots = new SlotPrices();
        var groups = new[] { GroupPrice.None with { Left = 1 }, GroupPrice.None with { Left = 1 } };
        TrafficPrices With(long changes, params TrafficItem[] items) => new(1, Start + changes, new TrafficPolicy(), items, items.Length, groups, 0, changes);
        slots.Take(With(1, new TrafficItem(1, -1, 0, -1)), item => item);
        var (moved, unknown) = (slots.Reserve(1), slots.Reserve(2));
        slots.Take(With(2, new TrafficItem(1, -1, 1, -1), new TrafficItem(2, -1, 1, -1)), item => item);
        Assert.Equal((1, 0), (slots.ReservedOf(0), slots.ReservedOf(1)));
        slots.Release(moved);
        slots.Shown(unknown, Start);
        Assert.Equal((0, 0), (slots.ReservedOf(0), slots.ReservedOf(1)));
    }

    [Fact]
    public void Groups_without_a_price_and_items_that_nobody_knows_are_without_rules()
    {
        var slots = new SlotPrices();
        foreach (var takes in new[] { false, true })
        {
            if (takes) slots.Take(new TrafficPrices(1, Start, new TrafficPolicy(), [new TrafficItem(1, 5, int.MaxValue, -1)], 1, [GroupPrice.None with { Left = 0 }], 0, 1), item => item);
            foreach (var item in new[] { 1u, 2u, 1_000_000u, InterestItem.Of(InterestKind.Video, 9) })
            {
                slots.PrefetchItem(item);
                slots.PrefetchGroups(item);
                slots.PrefetchRules(item);
                var given = slots.Reserve(item);
                Assert.True(slots.Allows(item));
                Assert.Equal(default, slots.Of(item));
                slots.Release(given);
            }
        }
    }

    [Fact]
    public void A_price_is_read_off_the_demand_every_other_second()
    {
        var slots = new SlotPrices();
        var items = new[] { new TrafficItem(1, 0, -1, -1), new TrafficItem(2, -1, -1, -1) };
        var read = new List<float>();
        for (var second = Start; second < Start + 6; second++)
        {
            // Half of all slots are left, and in all of them the room would be worth one more than the other one, then two.
            slots.Take(new TrafficPrices(1, second, new TrafficPolicy(), items, 2, [GroupPrice.None with { Left = 1_000_000, Steady = 0.5f }], 0, 1), item => item);
            read.Add(slots.Of(1).Price);
            for (var list = 0; list < 100; list++)
            {
                var score = second + 1 - Start - slots.Of(1).Price;
                slots.Competed([1, 2], [score + 1, 1], [SlotOutcome.Given, SlotOutcome.Lost], 1);
            }
        }

        Assert.Equal(0, read[0]);
        Assert.True(read[1] > 0.9f, $"{read[1]}");
        Assert.Equal(read[1], read[2]);
        Assert.True(read[3] > read[2] + 0.5f, $"{read[3]}");
        Assert.Equal(read[3], read[4]);
        Assert.True(read[5] > read[4]);
        Assert.Equal([read[5]], slots.CapPrices());
    }

    // Of rooms, then hosts, then categories, so that numbers move when there are more rooms; hence a room's group is behind them.
    private static TrafficItem[] Items(int rooms) =>
        [.. Enumerable.Range(0, rooms).Select(room => new TrafficItem((uint)room + 1, Hosts + Categories + room, room % Hosts, room % 5 == 0 ? -1 : Hosts + room % Categories))];

    private static GroupPrice[] Groups(Random random, int rooms) =>
    [
        .. Enumerable.Range(0, Hosts + Categories + rooms).Select(_ => new GroupPrice(
            random.Next(4), random.Next(4), random.Next(4), random.Next(2) * random.Next(6), random.Next(3) == 0 ? int.MaxValue : random.Next(12), 1, 1)),
    ];

    private static void Compare(SlotPrices slots, TrafficItem[] items, GroupPrice[] groups, List<uint> reserved)
    {
        var used = new Dictionary<int, int>();
        foreach (var item in reserved)
        {
            foreach (var group in Of(items, item)) used[group] = used.GetValueOrDefault(group) + 1;
        }

        for (uint item = 1; item <= items.Length + 2; item++)
        {
            var mine = Of(items, item);
            Assert.Equal(mine.All(g => used.GetValueOrDefault(g) < groups[g].Left), slots.Allows(item));
            var price = slots.Of(item);
            Assert.Equal(-mine.Sum(g => groups[g].Floor), price.Price);
            var wants = mine.Length > 0 && used.GetValueOrDefault(mine[0]) < groups[mine[0]].Wanted;
            Assert.Equal(wants ? groups[mine[0]].Boost : 0, price.Boost);
            Assert.Equal(wants ? groups[mine[0]].Guarantee : 0, price.Guarantee);
        }
    }

    private static int[] Of(TrafficItem[] items, uint item) =>
        item > items.Length ? [] : [.. new[] { items[item - 1].Own, items[item - 1].Host, items[item - 1].Category }.Where(g => g >= 0)];
}
