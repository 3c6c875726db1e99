using System.Diagnostics;
using System.Globalization;
using LiveGrains.Core;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// An exact plan of traffic: rooms of hosts in categories with tastes by segment, caps of rooms and hosts, guarantees of one room in ten,
/// floors of categories. The bar is of 10,000 rooms and 50 segments; --quick takes a tenth of the rooms.
/// </summary>
/// <param name="overlapping">With a floor for one room in ten across all hosts: then it is no flow any more.</param>
internal sealed class PlanBenchmark(bool overlapping) : IBenchmark
{
    private const int Segments = 50, Categories = 30;
    private const double Impressions = 10_000_000;

    public string Name => overlapping ? "planOverlapSeconds" : "planSeconds";

    public string What => overlapping ? "the same with a group that cuts through hosts and categories" : "exact plan of 10,000 rooms × 50 segments, 3,334 hosts, 30 categories, 1,000 guarantees, one thread";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var problem = Make(context.Quick ? 1_000 : 10_000);
        var started = Stopwatch.GetTimestamp();
        var plan = TrafficPlanner.Solve(problem, context.CancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var gap = LinearCertificate.Of(TrafficPlanner.Program(problem), plan.Impressions, plan.Prices).RelativeGap;
        return new BenchmarkResult(seconds, "s")
        {
            Must = 10,
            Goal = 1,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture, $"{Words.Whole(plan.Steps)} steps, gap to the bound of its prices {gap:0.0E+0}"),
        };
    }

    private TrafficProblem Make(int rooms)
    {
        var random = new Random(7);
        var mean = Impressions / rooms;
        var weights = Enumerable.Range(0, Segments).Select(_ => 0.2 + random.NextDouble()).ToArray();
        var hosts = rooms / 3 + 1;
        var category = Enumerable.Range(0, hosts).Select(_ => random.Next(Categories)).ToArray();
        var host = Enumerable.Range(0, rooms).Select(_ => random.Next(hosts)).ToArray();
        var taste = Enumerable.Range(0, Categories * Segments).Select(_ => Math.Exp(1.5 * random.NextDouble())).ToArray();
        var quality = Enumerable.Range(0, rooms).Select(_ => Math.Exp(2 * random.NextDouble())).ToArray();
        var byHost = Enumerable.Range(0, rooms).ToLookup(i => host[i]);
        var groups = new List<TrafficGroup>();
        groups.AddRange(byHost.Select(h => new TrafficGroup([.. h], 0, Math.Round(8 * mean))));
        groups.AddRange(Enumerable.Range(0, rooms).GroupBy(i => category[host[i]]).Select(c => new TrafficGroup([.. c], Math.Round(Impressions / Categories / 2), double.PositiveInfinity)));
        if (overlapping) groups.Add(new TrafficGroup([.. Enumerable.Range(0, rooms).Where(i => i % 10 == 3)], Math.Round(0.15 * Impressions), double.PositiveInfinity));
        return new TrafficProblem
        {
            Supply = [.. weights.Select(w => Math.Round(Impressions * w / weights.Sum()))],
            Values = [.. Enumerable.Range(0, rooms * Segments).Select(cell => 0.02 * quality[cell / Segments] * taste[category[host[cell / Segments]] * Segments + cell % Segments] * (0.8 + 0.4 * random.NextDouble()))],
            RoomLower = [.. Enumerable.Range(0, rooms).Select(i => i % 10 == 0 ? Math.Round(0.3 * mean) : 0)],
            RoomUpper = [.. Enumerable.Range(0, rooms).Select(_ => Math.Round(mean * (0.5 + 5 * random.NextDouble())))],
            CellUpper = [.. Enumerable.Repeat(double.PositiveInfinity, rooms)],
            Groups = [.. groups],
        };
    }
}
