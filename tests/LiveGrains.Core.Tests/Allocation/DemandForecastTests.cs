namespace LiveGrains.Core.Tests.Allocation;

/// <summary>What is expected, held against what came.</summary>
public sealed class DemandForecastTests
{
    private const long Day = 86_400;
    private const long Start = 20_000 * Day;

    [Fact]
    public void Before_a_quarter_of_an_hour_was_seen_what_is_now_goes_on()
    {
        var demand = new DemandForecast();
        Assert.Equal(70, demand.Between(0, 10_000, 7), 9);
        demand.Add(Start + 5, 3);
        Assert.Equal(70, demand.Between(Start * 1000, Start * 1000 + 10_000, 7), 9);
        Assert.Equal(0, demand.Between(10_000, 10_000, 7));
        Assert.Equal(0, demand.Between(10_000, 0, 7));
        Assert.Equal(1, demand.LevelAt(Start * 1000));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(20)]
    public void Of_steady_traffic_more_of_the_same_is_expected(double rate)
    {
        var demand = new DemandForecast();
        Play(demand, Start + 100, Start + 3 * 3600, _ => rate);
        foreach (var hours in new[] { 0.01, 1, 5, 30 })
            Assert.Equal(rate * hours * 3600, demand.Between((Start + 3 * 3600) * 1000, (long)((Start + (3 + hours) * 3600) * 1000), rate), 0.01 * rate * hours * 3600);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    [InlineData(2.0)]
    public void On_later_days_the_curve_of_the_day_is_known_and_scaled_to_how_much_comes_today(double level)
    {
        // Little at night, an evening of six times as much, and half an hour at noon of ten times.
        static double Curve(long second) => (second % Day is >= 43_200 and < 45_000 ? 10 : 0) + 3.5 - 2.5 * Math.Cos(2 * Math.PI * (second % Day) / Day);
        var demand = new DemandForecast();
        Play(demand, Start, Start + 2 * Day, Curve);
        var now = Start + 2 * Day + 6 * 3600;
        Play(demand, Start + 2 * Day, now, second => level * Curve(second));
        Assert.InRange(demand.LevelAt(now * 1000), 0.97 * level, 1.03 * level);
        foreach (var hours in new[] { 0.5, 2, 9.25, 18, 40 })
        {
            var until = now + (long)(hours * 3600);
            var expected = 0.0;
            for (var second = now; second < until; second++) expected += level * Curve(second);
            Assert.InRange(demand.Between(now * 1000, until * 1000, level * Curve(now)), 0.95 * expected, 1.05 * expected);
        }
    }

    [Fact]
    public void A_crowd_fades()
    {
        var demand = new DemandForecast();
        Play(demand, Start, Start + 3 * 3600, _ => 2);
        var now = (Start + 3 * 3600) * 1000;
        // Ten times as much at this moment: half more than before stays, and ∫ 17 e^(−t ÷ 600) dt = 10,200 in the long run.
        Assert.Equal(3 * 7200 + 10_200, demand.Between(now, now + 7_200_000, 20), 10.0);
        // A little more is growth.
        Assert.Equal(2.5 * 7200, demand.Between(now, now + 7_200_000, 2.5), 1e-6);
        // Half as much at this moment: on a day that was never seen nobody knows that it comes back.
        Assert.Equal(7200, demand.Between(now, now + 7_200_000, 1), 10.0);
        Play(demand, Start + 3 * 3600, Start + Day + 3 * 3600, _ => 2);
        Assert.Equal(2 * 7200 - 600, demand.Between(now + Day * 1000, now + Day * 1000 + 7_200_000, 1), 10.0);
    }

    [Fact]
    public void What_is_expected_is_never_less_than_what_comes_now_fading_away()
    {
        var demand = new DemandForecast();
        var random = new Random(5);
        for (var second = Start; second < Start + 3 * Day; second += random.Next(1, 4000)) demand.Add(second, random.Next(0, 100_000));
        for (var i = 0; i < 10_000; i++)
        {
            var from = (Start + 3 * Day + random.NextInt64(0, Day)) * 1000;
            var (seconds, rate) = (random.NextInt64(1, 2 * Day), random.NextDouble() * 50);
            var expected = demand.Between(from, from + seconds * 1000, rate);
            Assert.True(expected >= 0.999 * rate * 600 * (1 - Math.Exp(-seconds / 600.0)) && double.IsFinite(expected));
            // And a longer time never has less.
            Assert.True(demand.Between(from, from + seconds * 1000 + 3_600_000, Math.Max(rate, 100)) >= demand.Between(from, from + seconds * 1000, Math.Max(rate, 100)) - 1e-6);
        }
    }

    [Fact]
    public void Silence_of_days_is_a_day_without_traffic()
    {
        var demand = new DemandForecast();
        Play(demand, Start, Start + Day, _ => 4);
        demand.Add(Start + 100 * Day, 1);
        // One day of 4, and one of nothing.
        Assert.Equal(2 * Day, demand.Between((Start + 101 * Day) * 1000, (Start + 102 * Day) * 1000, 0) / demand.LevelAt((Start + 101 * Day) * 1000), 0.02 * Day);
        Assert.Equal(0.25, demand.LevelAt((Start + 101 * Day) * 1000));
    }

    [Fact]
    public void It_is_saved_whole()
    {
        var demand = new DemandForecast();
        Play(demand, Start + 17, Start + Day + 12_345, second => 1 + second % 7);
        var memory = new StateMemory();
        demand.Save(memory);
        var loaded = new DemandForecast();
        loaded.Load(memory);
        foreach (var each in new[] { demand, loaded }) Play(each, Start + Day + 12_345, Start + 2 * Day, second => 2 + second % 5);
        Assert.Equal(Bytes(demand), Bytes(loaded));
        Assert.Equal(demand.Between(Start * 1000, (Start + 5 * Day) * 1000, 3), loaded.Between(Start * 1000, (Start + 5 * Day) * 1000, 3));
    }

    private static byte[] Bytes(DemandForecast demand)
    {
        var memory = new StateMemory();
        demand.Save(memory);
        return memory.Bytes;
    }

    private static void Play(DemandForecast demand, long from, long until, Func<long, double> rate)
    {
        var (sum, told) = (0.0, 0L);
        for (var second = from; second < until; second++)
        {
            sum += rate(second);
            if ((long)sum > told) demand.Add(second, (long)sum - told);
            told = (long)sum;
        }
    }
}
