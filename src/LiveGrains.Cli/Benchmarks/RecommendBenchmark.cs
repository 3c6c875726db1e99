using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using LiveGrains.Core;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>`rank300`.</summary>
internal sealed class RecommendBenchmark : IBenchmark
{
    private const uint Rooms = 10_000;
    private const int Users = 2_000;
    private const int Touches = 40;
    private const uint Now = 1_800_000_000;

    public string Name => "rank300";

    public string What => "ranking alone, 300 candidates with all terms: scores, rules, diversity, a list of 20; 10,000 live rooms, histories of 40, one thread";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var random = new Random(3);
        using var rooms = new LiveRooms(random);
        using var recommender = new Recommender(rooms);
        for (uint row = 1; row <= Rooms; row++) Describe(recommender, random, row);
        var histories = Enumerable.Range(0, Users).Select(_ => Visit(recommender, random)).ToArray();
        recommender.Refresh(int.MaxValue);
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
            var history = histories[times.Count % Users];
            var begin = Stopwatch.GetTimestamp();
            recommender.Collect(history, Now, request);
            var found = Stopwatch.GetTimestamp();
            recommender.ScoreCandidates(history, Now);
            var scored = Stopwatch.GetTimestamp();
            var list = recommender.Choose(0, Now, request);
            var chosen = Stopwatch.GetTimestamp();
            times.Add(new Times(Microseconds(begin, found), Microseconds(found, scored), Microseconds(scored, chosen), list.Candidates));
        }

        return times;
    }

    private static double Microseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMicroseconds;

    private static uint Category(uint row) => 1 + row * 7919 % 40;

    private static void Describe(Recommender recommender, Random random, uint row)
    {
        var category = Category(row);
        var tag = Encoding.UTF8.GetBytes($"tag{category * 20 + random.Next(20)}");
        recommender.Describe(InterestItem.Of(InterestKind.Room, row), new ItemText
        {
            Category = Encoding.UTF8.GetBytes($"category{category}"),
            Tags = [(byte)tag.Length, 0, .. tag],
            Title = Encoding.UTF8.GetBytes($"w{random.Next(2000)} w{category * 60 + random.Next(60)}"),
            Host = Encoding.UTF8.GetBytes($"host{row}"),
        });
    }

    private static HistoryEntry[] Visit(Recommender recommender, Random random)
    {
        var taste = (uint)random.Next(40);
        var history = new List<HistoryEntry>();
        while (history.Count < Touches)
        {
            var row = 1 + (uint)(Rooms * Math.Pow(random.NextDouble(), 2));
            if (row > Rooms || (Category(row) != 1 + taste && random.Next(20) != 0)) continue;
            var item = InterestItem.Of(InterestKind.Room, row);
            if (history.Exists(e => e.Item == item)) continue;
            var time = Now - (uint)(Touches - history.Count) * 300;
            recommender.Visit(CollectionsMarshal.AsSpan(history), item, time, 1);
            history.Add(new HistoryEntry { Item = item, TimeSeconds = time, Weight = (Half)1, Flags = HistoryFlags.Seen });
        }

        return [.. history];
    }

    private sealed unsafe class LiveRooms : IItemSource, IDisposable
    {
        private readonly NativeArena _arena = new();
        private readonly ItemRecord* _records;
        private readonly ItemNumbers* _numbers;

        public LiveRooms(Random random)
        {
            _records = (ItemRecord*)_arena.Allocate((Rooms + 1) * (nuint)sizeof(ItemRecord));
            _numbers = (ItemNumbers*)_arena.Allocate((Rooms + 1) * (nuint)sizeof(ItemNumbers));
            for (uint row = 1; row <= Rooms; row++)
            {
                _records[row] = new ItemRecord { Home = row, Host = row, Category = Category(row) };
                var views = random.Next(1, 5_000);
                _numbers[row] = new ItemNumbers(random.Next(10_000), random.Next(1_000), views * 10, views, views / 10, views / 100, views / 500);
            }
        }

        public uint Highest(InterestKind kind) => kind == InterestKind.Room ? Rooms : 0;

        public ItemRecord* Item(uint item) => _records + InterestItem.Row(item);

        public bool IsAvailable(uint item) => true;

        public ItemNumbers Numbers(uint item) => _numbers[InterestItem.Row(item)];

        public void Prefetch(uint item)
        {
        }

        public void PrefetchNumbers(uint item)
        {
            if (Sse.IsSupported) Sse.Prefetch0(_numbers + InterestItem.Row(item));
        }

        public void Dispose() => _arena.Dispose();
    }
}
