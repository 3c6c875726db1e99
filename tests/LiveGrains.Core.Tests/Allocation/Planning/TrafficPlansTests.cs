namespace LiveGrains.Core.Tests.Allocation.Planning;

public sealed class TrafficPlansTests
{
    private static readonly TrafficPlanRequest _shop = new()
    {
        Segments = [new("young", 1_000), new("old", 500)],
        Rooms =
        [
            new() { Room = "star", Host = "a", Category = "beauty", Values = [10, 6] },
            new() { Room = "second", Host = "a", Category = "food", Values = [8, 7] },
            new() { Room = "new", Host = "b", Category = "food", Values = [1], AtLeast = 100, Exclude = ["old"] },
        ],
        EachHost = new PlanShares { AtMost = 0.9 },
    };

    [Fact]
    public void Shares_prices_and_costs_are_those_counted_by_hand()
    {
        var plan = new TrafficPlans(_shop).Solve(default);

        // `new` has to get 100 of the young; the others go to `star`. Host a may have 1,350 in all, so that 50 of the old go to nobody.
        Assert.Equal("optimal", plan.Status);
        Assert.Equal(9_000 + 3_150 + 100, plan.Value, 9);
        Assert.Equal((1_500, 1_450), (plan.Impressions, plan.Planned));
        Assert.Equal([900, 450, 100], plan.Rooms.Select(r => r.Impressions));
        Assert.Equal([new PlannedCell("young", 900)], plan.Rooms[0].Segments);
        Assert.Equal(["host:a", "host:b"], plan.Groups.Select(g => g.Name));
        // One impression more for host a shows `second` to one of the old; one of the young more shows `star` to them in its place.
        Assert.Equal(("atMost", 7.0, 0.9), (plan.Groups[0].Binds, plan.Groups[0].Price, plan.Groups[0].Share));
        Assert.Equal([3, 0], plan.Segments.Select(s => s.Price));
        // Without the guarantee 100 more of the young see `star`, worth 9 more than `new`, and 100 fewer of the old `second`.
        Assert.Equal(("atLeast", -2.0, 200.0), (plan.Rooms[2].Binds, plan.Rooms[2].Price, plan.Rooms[2].GuaranteeCostAtMost));
        Assert.Equal(200, plan.Guarantees!.Cost, 9);
        Assert.Equal("networkSimplex", plan.Method);
        Assert.True(plan.Certificate!.RelativeGap <= 1e-12);
    }

    [Fact]
    public void A_guarantee_that_binds_has_its_cost()
    {
        var plan = new TrafficPlans(_shop with { EachHost = null }).Solve(default);

        // 100 of the young are worth 1 with `new` and 10 with `star`.
        Assert.Equal(("atLeast", -9.0, 900.0), (plan.Rooms[2].Binds, plan.Rooms[2].Price, plan.Rooms[2].GuaranteeCostAtMost));
        Assert.Equal((900, 600), (plan.Guarantees!.Cost, plan.Guarantees.CostPerThousand));
        Assert.Equal(900.0 / 13_500, plan.Guarantees.Share!.Value, 12);
    }

    [Fact]
    public void Contradictory_bounds_are_named()
    {
        var plan = new TrafficPlans(_shop with { Groups = [new() { Name = "newcomers", Rooms = ["new"], AtMost = 40 }] }).Solve(default);

        Assert.Equal("infeasible", plan.Status);
        Assert.Equal([new PlanConflict("room", "new", "atLeast", 100), new PlanConflict("group", "newcomers", "atMost", 40)], plan.Conflict);
        Assert.Equal(60, plan.Shortfall, 9);
        Assert.Null(plan.Certificate);
        Assert.Empty(plan.Rooms);
    }

    [Fact]
    public void Groups_that_overlap_are_solved_too()
    {
        var plan = new TrafficPlans(_shop with
        {
            Groups = [new() { Name = "x", Rooms = ["star", "new"], AtLeastShare = 0.8 }, new() { Name = "y", Rooms = ["second", "new"], AtLeast = 400 }],
        }).Solve(default);

        Assert.Equal("simplex", plan.Method);
        Assert.True(plan.Rooms[0].Impressions + plan.Rooms[2].Impressions >= 1_200 - 1e-6);
        Assert.True(plan.Rooms[1].Impressions + plan.Rooms[2].Impressions >= 400 - 1e-6);
        Assert.True(Math.Abs(plan.Certificate!.RelativeGap) <= 1e-9);
    }

    [Fact]
    public void Without_impressions_there_is_nothing_to_plan()
    {
        var plan = new TrafficPlans(new() { Segments = [new("s", 0)], Rooms = [new() { Room = "r", Values = [1] }] }).Solve(default);
        Assert.Equal(("optimal", 0.0, 0.0), (plan.Status, plan.Value, plan.Rooms[0].Share));
    }

    public static TheoryData<string, TrafficPlanRequest> Bad => new()
    {
        { "segments ", _shop with { Segments = [] } },
        { "rooms ", _shop with { Rooms = [] } },
        { "segments[1].segment", _shop with { Segments = [new("a", 1), new("a", 1)] } },
        { "segments[0].segment", _shop with { Segments = [new("", 1)] } },
        { "segments[0].impressions", _shop with { Segments = [new("a", -1)] } },
        { "segments[0].impressions", _shop with { Segments = [new("a", double.NaN)] } },
        { "segments[0].impressions", _shop with { Segments = [new("a", double.PositiveInfinity)] } },
        { "rooms[1].room", _shop with { Rooms = [_shop.Rooms[0], _shop.Rooms[0]] } },
        { "rooms[0].values", _shop with { Rooms = [_shop.Rooms[0] with { Values = [] }] } },
        { "rooms[0].values", _shop with { Rooms = [_shop.Rooms[0] with { Values = [1, 2, 3] }] } },
        { "rooms[0].values", _shop with { Rooms = [_shop.Rooms[0] with { Values = [1, double.PositiveInfinity] }] } },
        { "rooms[0].atLeast", _shop with { Rooms = [_shop.Rooms[0] with { AtLeast = -1 }] } },
        { "rooms[0] ", _shop with { Rooms = [_shop.Rooms[0] with { AtLeast = 5, AtMost = 4 }] } },
        { "rooms[0].atMostPerSegment", _shop with { Rooms = [_shop.Rooms[0] with { AtMostPerSegment = double.NaN }] } },
        { "rooms[0].exclude", _shop with { Rooms = [_shop.Rooms[0] with { Exclude = ["nobody"] }] } },
        { "groups[0] ", _shop with { Groups = [new() { Name = "g" }] } },
        { "groups[0] ", _shop with { Groups = [new() { Name = "g", Host = "a", Category = "food" }] } },
        { "groups[0] ", _shop with { Groups = [new() { Name = "g", Host = "a", AtLeastShare = 0.5, AtMost = 10 }] } },
        { "groups[0].host", _shop with { Groups = [new() { Name = "g", Host = "nobody" }] } },
        { "groups[0].rooms", _shop with { Groups = [new() { Name = "g", Rooms = ["nothing"] }] } },
        { "groups[0].rooms", _shop with { Groups = [new() { Name = "g", Rooms = [] }] } },
        { "groups[0].atLeastShare", _shop with { Groups = [new() { Name = "g", Host = "a", AtLeastShare = 1.5 }] } },
        { "groups[1].name", _shop with { Groups = [new() { Name = "g", Host = "a" }, new() { Name = "g", Host = "b" }] } },
        { "eachRoom.atMost", _shop with { EachRoom = new() { AtMost = -0.1 } } },
        { "eachHost ", _shop with { EachHost = new() { AtLeast = 0.5, AtMost = 0.4 } } },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_makes_no_sense_is_refused_with_its_place(string place, TrafficPlanRequest request)
    {
        var refusal = Assert.Throws<LiveGrainsException>(() => new TrafficPlans(request));
        Assert.Equal(ErrorCode.InvalidPlan, refusal.Code);
        Assert.StartsWith(place, refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_large_is_refused()
    {
        var segments = Enumerable.Range(0, 201).Select(s => new PlanSegment($"s{s}", 1)).ToArray();
        foreach (var request in new[]
        {
            _shop with { Segments = segments },
            _shop with { Segments = [new("s", 1)], Rooms = [.. Enumerable.Range(0, 50_001).Select(i => new PlanRoom { Room = $"r{i}", Values = [1] })] },
            _shop with { Segments = segments[..100], Rooms = [.. Enumerable.Range(0, 10_001).Select(i => new PlanRoom { Room = $"r{i}", Values = [1] })] },
            _shop with { Groups = [.. Enumerable.Range(0, 10_001).Select(g => new PlanGroup { Name = $"g{g}", Host = "a" })] },
        })
        {
            Assert.Equal(ErrorCode.PlanTooLarge, Assert.Throws<LiveGrainsException>(() => new TrafficPlans(request)).Code);
        }
    }
}
