namespace LiveGrains.Reports.Tests;

public sealed class RateChangeTests
{
    [Fact]
    public void Change_and_interval_of_a_known_case()
    {
        // Rates 0.5 and 0.75; residuals ±1 in every block.
        var before = Window([11, 9, 11, 9], 20);
        var after = Window([16, 14, 16, 14], 20);
        var (change, low, high) = RateChange.Of(before, after, isCount: false);
        Assert.Equal(0.5, change!.Value, 12);
        // Variances 4/3 · 4 ÷ 40² and 4/3 · 4 ÷ 60²; Welch's degrees of freedom 5.011…; t between 2.571 and 2.447.
        double v0 = 4 / 3.0 * 4 / 1600, v1 = 4 / 3.0 * 4 / 3600, v = v0 + v1;
        var freedom = v * v / (v0 * v0 / 3 + v1 * v1 / 3);
        var half = (2.571 + (freedom - 5) * (2.447 - 2.571)) * Math.Sqrt(v);
        Assert.InRange(freedom, 4, 6);
        if (freedom < 5) half = (2.776 + (freedom - 4) * (2.571 - 2.776)) * Math.Sqrt(v);
        Assert.Equal(1.5 * Math.Exp(-half) - 1, low!.Value, 12);
        Assert.Equal(1.5 * Math.Exp(half) - 1, high!.Value, 12);
    }

    [Fact]
    public void What_cannot_be_said_is_null()
    {
        var some = Window([5, 6, 7], 10);
        Assert.Equal(default, RateChange.Of(Window([0, 0, 0], 10), some, true));
        Assert.Equal(default, RateChange.Of(some, Window([0, 0, 0], 0), true));
        Assert.Equal((-1.0, null, null), RateChange.Of(some, Window([0, 0, 0], 10), true));
        Assert.Equal((0.0, null, null), RateChange.Of(some, Window([6, 6], 10), true));
        // Counts that happen to be level still vary as counts do; amounts that are level say nothing of how they vary.
        Assert.NotNull(RateChange.Of(Window([6, 6, 6], 10), Window([6, 6, 6], 10), true).Low);
        Assert.Null(RateChange.Of(Window([6, 6, 6], 10), Window([6, 6, 6], 10), false).Low);
    }

    /// <summary>Where nothing changed, about one interval in twenty leaves out 0, whether events come one by one or in bursts.</summary>
    [Theory]
    [InlineData(10, 1)]
    [InlineData(10, 8)]
    [InlineData(20, 8)]
    [InlineData(5, 3)]
    public void Intervals_hold_where_nothing_changed(int minutes, int burst)
    {
        var random = new Random(minutes * 100 + burst);
        var holds = 0;
        const int Runs = 3_000;
        for (var run = 0; run < Runs; run++)
        {
            var (_, low, high) = RateChange.Of(Simulated(random, minutes, burst, 40), Simulated(random, minutes, burst, 40), true);
            if (low <= 0 && high >= 0) holds++;
        }

        Assert.InRange((double)holds / Runs, 0.92, 0.985);
    }

    [Fact]
    public void A_doubled_rate_is_seen()
    {
        var random = new Random(7);
        var seen = 0;
        for (var run = 0; run < 500; run++)
        {
            if (RateChange.Of(Simulated(random, 10, 4, 40), Simulated(random, 10, 4, 80), true).Low > 0) seen++;
        }

        Assert.True(seen > 400, $"seen {seen} times of 500");
    }

    // Bursts come as a Poisson process; each has 1 to 2·burst − 1 events. Viewers come and go.
    private static RateChange.Window Simulated(Random random, int minutes, int burst, double perMinute)
    {
        var counts = new double[minutes];
        var exposures = new double[minutes];
        for (var i = 0; i < minutes; i++)
        {
            exposures[i] = 80 + random.Next(40);
            var left = perMinute / burst * exposures[i] / 100;
            for (var at = -Math.Log(1 - random.NextDouble()); at < left; at -= Math.Log(1 - random.NextDouble())) counts[i] += random.Next(1, 2 * burst);
        }

        return new RateChange.Window(counts, exposures);
    }

    private static RateChange.Window Window(double[] counts, double exposure) => new(counts, [.. counts.Select(_ => exposure)]);
}
