namespace LiveGrains.Core.Tests;

public sealed class CategoryLeadersTests
{
    private const uint Category = 7;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Leaders_are_those_of_a_count_of_all_items(int seed)
    {
        var leaders = new CategoryLeaders();
        var counts = new Dictionary<uint, int>();
        var random = new Random(seed);
        // Many more items than a list holds, most of them touched once, in no time, so that nothing decays.
        for (var i = 0; i < 5_000; i++)
        {
            var item = Item((uint)(1 + 2_000 * Math.Pow(random.NextDouble(), 3)));
            counts[item] = counts.GetValueOrDefault(item) + 1;
            leaders.Visit(InterestKind.Product, Category, item, 1_000, 1);
        }

        var expected = counts.Values.OrderDescending().Take(LeaderList.Most);
        var listed = leaders.Of(InterestKind.Product, Category).ToArray();

        Assert.Equal(expected, listed.Select(item => counts[item]));
        Assert.Equal(LeaderList.Most, listed.Distinct().Count());
    }

    [Fact]
    public void Shares_are_of_the_category_and_of_the_kind_whether_an_item_leads_or_not()
    {
        var leaders = new CategoryLeaders();
        for (var i = 0; i < 10; i++) leaders.Visit(InterestKind.Product, Category, Item(1), 1_000, 1);
        for (var i = 0u; i < 86; i++) leaders.Visit(InterestKind.Product, Category, Item(2 + i), 1_000, 1);
        for (var i = 0; i < 100; i++) leaders.Visit(InterestKind.Product, 0, Item(500), 1_000, 1);

        // Four visits are added to all, so that few do not say much.
        Assert.Equal(10 / 100f, leaders.OfItem(Item(1), 1_000) / leaders.OfCategory(InterestKind.Product, Category, 1_000), 1e-6f);
        Assert.Equal(1 / 100f, leaders.OfItem(Item(87), 1_000) / leaders.OfCategory(InterestKind.Product, Category, 1_000), 1e-6f);
        Assert.Equal(0, leaders.OfItem(Item(600), 1_000) / leaders.OfCategory(InterestKind.Product, Category, 1_000));
        Assert.Equal(100 / 200f, leaders.OfItem(Item(500), 1_000) / leaders.OfKind(InterestKind.Product, 1_000), 1e-6f);
        Assert.True(leaders.Of(InterestKind.Product, 0).IsEmpty);
    }

    [Fact]
    public void What_led_yesterday_gives_way_to_what_is_visited_now()
    {
        var leaders = new CategoryLeaders();
        for (var i = 0; i < 4; i++) leaders.Visit(InterestKind.Product, Category, Item(1), 1_000, 1);
        var later = 1_000 + 4 * (uint)LeaderList.HalfLifeSeconds;
        leaders.Visit(InterestKind.Product, Category, Item(2), later, 1);

        Assert.Equal([Item(2), Item(1)], leaders.Of(InterestKind.Product, Category).ToArray());
        Assert.Equal(0.25f / 5.25f, leaders.OfItem(Item(1), later) / leaders.OfCategory(InterestKind.Product, Category, later), 1e-4f);
    }

    private static uint Item(uint row) => InterestItem.Of(InterestKind.Product, row);
}
