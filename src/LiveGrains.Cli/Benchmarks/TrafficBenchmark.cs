using System.Diagnostics;
using System.Globalization;
using LiveGrains.Core;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>`trafficP99`: the same lists with and without a policy, alternately, so that what else the machine does meets both.</summary>
internal sealed class TrafficBenchmark : IBenchmark
{
    private const int ListsPerSecond = 200;

    public string Name => "trafficP99";

    public string What => "99th percentile of a recommendation with a policy of caps, floors, guarantees and boosts less that without one, lists made alternately: 20 of 10,000 live rooms, 200 a second, all shown";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        using var world = new RankingWorld();
        var ledger = Ledger();
        var lists = context.Quick ? 1_000 : 10_000;
        // The first ones are for the compiler, and for prices to come about.
        Measure(world, ledger, lists / 2, 0, context.CancellationToken);
        var (with, without) = Measure(world, ledger, lists, lists / 2, context.CancellationToken);
        var prices = ledger.Prices.Groups.Count(g => g.IsCapped);
        return new BenchmarkResult(At(with, 0.99) - At(without, 0.99), "ms")
        {
            Must = 0.3,
            Goal = 0.05,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"with {At(with, 0.5):0.000} / {At(with, 0.99):0.000}, without {At(without, 0.5):0.000} / {At(without, 0.99):0.000} ms at 50 / 99 %; {prices:N0} groups with caps; taking the prices of a new second is in it"),
        };
    }

    private static (double[] With, double[] Without) Measure(RankingWorld world, TrafficLedger ledger, int lists, int first, CancellationToken cancellationToken)
    {
        var with = new double[lists];
        var without = new double[lists];
        for (var i = 0; i < lists; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var second = RankingWorld.Now + (uint)((first + i) / ListsPerSecond);
            ledger.AdvanceTo(second * 1000L);
            // They are made by the shard, for all.
            var prices = ledger.Prices;
            // Each is first every other time.
            for (var turn = 0; turn < 2; turn++)
            {
                var isPriced = (i + turn) % 2 == 0;
                (isPriced ? with : without)[i] = List(world, ledger, prices, isPriced, i, second);
            }
        }

        with.AsSpan().Sort();
        without.AsSpan().Sort();
        return (with, without);
    }

    private static double List(RankingWorld world, TrafficLedger ledger, TrafficPrices prices, bool isPriced, int number, uint second)
    {
        var recommender = world.Recommender;
        var user = 1 + (ulong)(number % world.Histories.Length);
        var start = Stopwatch.GetTimestamp();
        if (isPriced) recommender.TakePrices(prices, item => item, _ => new TrafficExclusionSet([], [], []));
        var list = recommender.Recommend(user, world.Histories[number % world.Histories.Length], second, new RecommendationRequest { Kind = InterestKind.Room, Limit = 20, IsPriced = isPriced });
        var elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        if (!isPriced) return elapsed;
        foreach (var item in list.Items)
        {
            recommender.HappenedToSlot(user, item.Item, EventType.Impression, second);
            ledger.Delivered(item.Item, 1, second * 1000L);
        }

        return elapsed;
    }

    private static TrafficLedger Ledger()
    {
        var policy = new TrafficPolicy
        {
            Caps = [new TrafficCap { Over = TrafficDimension.Room, Share = 0.001 }, new TrafficCap { Over = TrafficDimension.Host, Share = 0.002 }, new TrafficCap { Over = TrafficDimension.Category, Share = 0.1 }],
            Fairness = new TrafficFairness { Over = TrafficDimension.Category, Floor = 0.2 },
            Guarantees = [new TrafficGuarantee { HostImpressionsBelow = 100, Impressions = 50, Minutes = 60 }],
            Boosts = [.. Enumerable.Range(1, 10).Select(i => new TrafficBoost { Id = $"b{i}", Room = $"r{i * 100}", Impressions = 500, From = Moment(0), Until = Moment(3600) })],
        };
        var ledger = new TrafficLedger(policy, 1, RankingWorld.Now * 1000L);
        for (uint row = 1; row <= RankingWorld.Rooms; row++)
        {
            var item = InterestItem.Of(InterestKind.Room, row);
            ledger.Describe(item, $"r{row}", $"h{row}", $"c{RankingWorld.Category(row)}");
            // One room in twenty is of a new host.
            if (row % 20 != 0) ledger.HadBefore(item, 1_000);
            ledger.GoOnAir(item, RankingWorld.Now * 1000L);
        }

        return ledger;
    }

    private static DateTimeOffset Moment(int seconds) => DateTimeOffset.FromUnixTimeSeconds(RankingWorld.Now + seconds);

    private static double At(double[] sorted, double part) => sorted[(int)(part * (sorted.Length - 1))];
}
