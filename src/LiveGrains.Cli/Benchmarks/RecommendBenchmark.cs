using System.Diagnostics;
using System.Globalization;
using LiveGrains.Core;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>`rank300`.</summary>
internal sealed class RecommendBenchmark : IBenchmark
{
    public string Name => "rank300";

    public string What => "ranking alone, 300 candidates with all terms: scores, rules, diversity, a list of 20; 10,000 live rooms, histories of 40, one thread";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        using var world = new RankingWorld();
        var (recommender, histories) = (world.Recommender, world.Histories);
        var request = new RecommendationRequest { Kind = InterestKind.Room, Limit = 20 };
        var seconds = context.Quick ? 1.0 : 3.0;
        // The first half is for the compiler.
        Measure(recommender, histories, request, seconds / 2, context.CancellationToken);
        var times = Measure(recommender, histories, request, seconds / 2, context.CancellationToken);
        var all = times.Select(t => t.Candidates + t.Scores + t.List).Order().ToArray();
        var candidates = Bench.BenchCommand.Median(times.Select(t => t.Candidates));
        var scores = Bench.BenchCommand.Median(times.Select(t => t.Scores));
        var list = Bench.BenchCommand.Median(times.Select(t => t.List));
        var ranking = Bench.BenchCommand.Median(times.Select(t => t.Scores + t.List));
        return new BenchmarkResult(ranking, "µs")
        {
            Must = 300,
            Goal = 60,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"terms and scores {scores:N0} + rules, diversity and the list {list:N0}; finding the {Bench.BenchCommand.Median(times.Select(t => (double)t.Count)):N0} candidates {candidates:N0}, and the whole of a recommendation {Bench.BenchCommand.Median(all):N0} µs, 99 % below {all[all.Length * 99 / 100]:N0} µs"),
        };
    }

    private readonly record struct Times(double Candidates, double Scores, double List, int Count);

    // The three steps of Recommend, each by its own clock.
    private static List<Times> Measure(Recommender recommender, HistoryEntry[][] histories, RecommendationRequest request, double seconds, CancellationToken cancellationToken)
    {
        var times = new List<Times>();
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < seconds;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var history = histories[times.Count % histories.Length];
            var begin = Stopwatch.GetTimestamp();
            recommender.Collect(history, RankingWorld.Now, request);
            var found = Stopwatch.GetTimestamp();
            recommender.ScoreCandidates(history, RankingWorld.Now);
            var scored = Stopwatch.GetTimestamp();
            var list = recommender.Choose(0, RankingWorld.Now, request);
            var chosen = Stopwatch.GetTimestamp();
            times.Add(new Times(Microseconds(begin, found), Microseconds(found, scored), Microseconds(scored, chosen), list.Candidates));
        }

        return times;
    }

    private static double Microseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMicroseconds;
}
