namespace LiveGrains.Core.Tests.Allocation.Planning;

public sealed class TrafficPlannerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_plan_is_the_optimum_of_its_linear_program_and_proves_it(bool overlapping)
    {
        var (feasible, infeasible) = (0, 0);
        for (var seed = 0; seed < 400; seed++)
        {
            var problem = Make(seed, overlapping);
            var program = TrafficPlanner.Program(problem);
            var expected = program.Solve();
            var plan = TrafficPlanner.Solve(problem);

            Assert.True(plan.Feasible == (expected.Status == LinearStatus.Optimal), $"seed {seed}: {plan.Feasible}, {expected.Status}");
            if (!overlapping) Assert.True(plan.ByNetwork);
            if (!plan.Feasible)
            {
                infeasible++;
                AssertContradicts(problem, plan, seed);
                continue;
            }
            feasible++;
            Assert.True(Math.Abs(plan.Value - expected.Objective) <= 1e-7 * Math.Max(1, expected.Objective), $"seed {seed}: {plan.Value}, not {expected.Objective}");
            var cells = plan.Impressions.Where((_, cell) => !double.IsNaN(problem.Values[cell])).ToArray();
            var certificate = LinearCertificate.Of(program, cells, plan.Prices);
            Assert.True(certificate is { PrimalInfeasibility: <= 1e-9, DualInfeasibility: <= 1e-9 } && Math.Abs(certificate.RelativeGap) <= 1e-9, $"seed {seed}: {certificate}");
        }
        Assert.True(feasible > 100);
        Assert.True(infeasible > 40);
    }

    [Fact]
    public void Whole_bounds_of_nested_groups_give_whole_impressions()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var plan = TrafficPlanner.Solve(Make(seed, overlapping: false));
            Assert.All(plan.Impressions, impressions => Assert.Equal(Math.Round(impressions), impressions));
        }
    }

    [Fact]
    public void A_contradiction_names_its_constraints_and_by_how_much_they_miss()
    {
        // 30 impressions; the new hosts want 20, room 2 of another host 15.
        var problem = new TrafficProblem
        {
            Supply = [10, 20],
            Values = [1, 1, 1, 1, 1, 1, 1, 1],
            RoomLower = [0, 0, 15, 1],
            RoomUpper = [100, 100, 100, 100],
            CellUpper = [100, 100, 100, 100],
            Groups = [new([0, 1], 20, 100), new([2, 3], 0, 90)],
        };

        var plan = TrafficPlanner.Solve(problem);

        Assert.False(plan.Feasible);
        // Room 3 wants one impression more, but the others contradict each other without it, and the supplies.
        Assert.Equal(5, plan.Shortfall, 9);
        Assert.Equal(
            [
                new(new(TrafficConstraintKind.Supply, 0), false), new(new(TrafficConstraintKind.Supply, 1), false),
                new(new(TrafficConstraintKind.Room, 2), true), new(new(TrafficConstraintKind.Group, 0), true),
            ],
            plan.Conflict);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Very_many_contradicting_bounds_are_named_as_they_are(bool overlapping)
    {
        // 300 rooms want 2 impressions each of 500.
        var problem = new TrafficProblem
        {
            Supply = [500],
            Values = [.. Enumerable.Repeat(1.0, 300)],
            RoomLower = [.. Enumerable.Repeat(2.0, 300)],
            RoomUpper = [.. Enumerable.Repeat(9.0, 300)],
            CellUpper = [.. Enumerable.Repeat(9.0, 300)],
            Groups = overlapping ? [new([0, 1], 0, 100), new([1, 2], 0, 100)] : [],
        };

        var plan = TrafficPlanner.Solve(problem);

        Assert.False(plan.Feasible);
        Assert.Equal(100, plan.Shortfall, 6);
        Assert.Equal(301, plan.Conflict.Count);
    }

    [Fact]
    public void Prices_say_what_one_impression_more_is_worth()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var problem = Make(seed, overlapping: seed % 2 == 0);
            var plan = TrafficPlanner.Solve(problem);
            if (!plan.Feasible) continue;
            for (var s = 0; s < problem.Segments; s++)
            {
                // The value is concave in the supply: the price bounds what more of it brings, from above.
                var more = TrafficPlanner.Solve(With(problem, s, problem.Supply[s] + 1));
                Assert.True(more.Value <= plan.Value + plan.Prices[s] + 1e-7, $"seed {seed}, segment {s}");
                Assert.True(plan.Prices[s] >= -1e-9);
            }
        }
    }

    [Fact]
    public void A_large_plan_starts_from_a_sample_and_is_optimal()
    {
        var problem = Large(2_500, 8);
        var plan = TrafficPlanner.Solve(problem);
        var certificate = LinearCertificate.Of(TrafficPlanner.Program(problem), plan.Impressions, plan.Prices);
        Assert.True(plan.ByNetwork);
        Assert.True(certificate is { PrimalInfeasibility: <= 1e-9, DualInfeasibility: <= 1e-9 } && Math.Abs(certificate.RelativeGap) <= 1e-9, certificate.ToString());
    }

    [Fact]
    public void Cancelling_ends_it() =>
        Assert.Throws<OperationCanceledException>(() => TrafficPlanner.Solve(Large(2_500, 8), new CancellationToken(canceled: true)));

    private static void AssertContradicts(TrafficProblem problem, TrafficSolution plan, int seed)
    {
        Assert.NotEmpty(plan.Conflict);
        Assert.True(plan.Shortfall > 0, $"seed {seed}");
        Assert.Equal(LinearStatus.Infeasible, Only(problem, plan.Conflict).Solve().Status);
        for (var k = 0; k < plan.Conflict.Count; k++)
        {
            var without = plan.Conflict.Where((_, index) => index != k);
            Assert.True(Only(problem, without).Solve().Status != LinearStatus.Infeasible, $"seed {seed}: {plan.Conflict[k]} could be left out");
        }
    }

    /// <summary>The program with these bounds and no others.</summary>
    private static LinearProgram Only(TrafficProblem problem, IEnumerable<TrafficConflict> bounds)
    {
        var program = TrafficPlanner.Program(problem);
        var kept = bounds.ToDictionary(b => b.Constraint, b => b.Lower);
        for (var place = 0; place < program.Constraints; place++)
        {
            var (lower, upper) = (program.ConstraintLower(place), program.ConstraintUpper(place));
            if (!kept.TryGetValue(TrafficConstraint.At(problem, place), out var isLower)) program.SetConstraint(place, double.NegativeInfinity, double.PositiveInfinity);
            else if (isLower) program.SetConstraint(place, lower, double.PositiveInfinity);
            else program.SetConstraint(place, double.NegativeInfinity, upper);
        }
        return program;
    }

    private static TrafficProblem With(TrafficProblem problem, int segment, double supply)
    {
        var supplies = problem.Supply.ToArray();
        supplies[segment] = supply;
        return new TrafficProblem { Supply = supplies, Values = problem.Values, RoomLower = problem.RoomLower, RoomUpper = problem.RoomUpper, CellUpper = problem.CellUpper, Groups = problem.Groups };
    }

    private static TrafficProblem Make(int seed, bool overlapping)
    {
        var random = new Random(seed);
        var (segments, rooms) = (random.Next(1, 7), random.Next(1, 25));
        var supply = Enumerable.Range(0, segments).Select(_ => (double)random.Next(0, 80)).ToArray();
        var lower = Enumerable.Range(0, rooms).Select(_ => random.Next(4) == 0 ? (double)random.Next(0, 15) : 0).ToArray();
        var hosts = Enumerable.Range(0, rooms).Select(_ => random.Next(0, 6)).ToArray();
        var groups = hosts.Distinct().Select(h => Group([.. Enumerable.Range(0, rooms).Where(i => hosts[i] == h)])).ToList();
        groups.AddRange(Enumerable.Range(0, 2).Select(c => Group([.. Enumerable.Range(0, rooms).Where(i => hosts[i] % 2 == c)])));
        if (overlapping) groups.AddRange(Enumerable.Range(0, 3).Select(_ => Group([.. Enumerable.Range(0, rooms).Where(_ => random.Next(2) == 0)])));
        return new TrafficProblem
        {
            Supply = supply,
            Values = [.. Enumerable.Range(0, rooms * segments).Select(_ => random.Next(10) == 0 ? double.NaN : random.Next(3) == 0 ? random.Next(0, 4) : random.NextDouble() * 4 - 0.3)],
            RoomLower = lower,
            RoomUpper = [.. lower.Select(least => random.Next(5) == 0 ? double.PositiveInfinity : least + random.Next(0, 40))],
            CellUpper = [.. lower.Select(_ => random.Next(3) == 0 ? random.Next(0, 12) : double.PositiveInfinity)],
            Groups = [.. groups.Where(g => g.Rooms.Length > 0)],
        };

        TrafficGroup Group(int[] members)
        {
            var least = random.Next(3) == 0 ? (double)random.Next(0, 30) : 0;
            return new(members, least, random.Next(2) == 0 ? double.PositiveInfinity : least + random.Next(0, 60));
        }
    }

    private static TrafficProblem Large(int rooms, int segments)
    {
        var random = new Random(3);
        return new TrafficProblem
        {
            Supply = [.. Enumerable.Range(0, segments).Select(_ => (double)random.Next(50_000, 150_000))],
            Values = [.. Enumerable.Range(0, rooms * segments).Select(_ => random.NextDouble())],
            RoomLower = [.. Enumerable.Range(0, rooms).Select(i => i % 7 == 0 ? 50.0 : 0)],
            RoomUpper = [.. Enumerable.Range(0, rooms).Select(_ => (double)random.Next(60, 2_000))],
            CellUpper = [.. Enumerable.Repeat(double.PositiveInfinity, rooms)],
            Groups = [.. Enumerable.Range(0, 20).Select(c => new TrafficGroup([.. Enumerable.Range(0, rooms).Where(i => i % 20 == c)], 5_000, 60_000))],
        };
    }
}
