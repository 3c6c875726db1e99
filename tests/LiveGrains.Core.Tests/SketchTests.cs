namespace LiveGrains.Core.Tests;

/// <summary>HyperLogLog and hotness.</summary>
public sealed class SketchTests
{
    [Fact]
    public void Estimates_of_1_to_5_million_users_have_a_standard_error_below_1_percent()
    {
        long[] cardinalities = [1, 2, 5, 10, 100, 1000, 5000, 10_000, 20_000, 40_000, 80_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000];
        const int Trials = 24;
        var errors = cardinalities.Select(_ => new List<double>()).ToArray();
        for (var trial = 0; trial < Trials; trial++)
        {
            var sketch = new HyperLogLog();
            var user = (ulong)trial << 40;
            var added = 0L;
            // Of the largest a few trials are enough.
            var largest = trial < 6 ? cardinalities[^1] : 500_000;
            for (var i = 0; i < cardinalities.Length && cardinalities[i] <= largest; i++)
            {
                for (; added < cardinalities[i]; added++) sketch.Add(KeyHash.Mix(user++));
                errors[i].Add((double)(sketch.Estimate() - cardinalities[i]) / cardinalities[i]);
            }
        }

        for (var i = 0; i < cardinalities.Length; i++)
        {
            var deviation = Math.Sqrt(errors[i].Average(e => e * e));
            Assert.True(deviation <= 0.0115, $"{cardinalities[i]}: standard error {deviation:P2}");
            Assert.True(Math.Abs(errors[i].Average()) <= 0.01, $"{cardinalities[i]}: mean error {errors[i].Average():P2}");
            if (cardinalities[i] <= 10) Assert.True(deviation <= 0.005, $"{cardinalities[i]}: {deviation:P2}");
        }

        // Over all cardinalities, where chance evens out.
        Assert.True(Math.Sqrt(errors.SelectMany(e => e).Average(e => e * e)) <= 0.01);
    }

    [Fact]
    public void Elements_count_once_and_order_does_not_matter()
    {
        var forwards = new HyperLogLog();
        var backwards = new HyperLogLog();
        for (ulong i = 0; i < 30_000; i++) forwards.Add(KeyHash.Mix(i % 10_000));
        for (ulong i = 10_000; i-- > 0;) backwards.Add(KeyHash.Mix(i));
        Assert.True(forwards.Ranks.SequenceEqual(backwards.Ranks));
        Assert.Equal(0, new HyperLogLog().Estimate());
    }

    [Fact]
    public void Extreme_hashes_are_taken()
    {
        var sketch = new HyperLogLog();
        sketch.Add(0);
        sketch.Add(ulong.MaxValue);
        Assert.Equal(2, sketch.Estimate());
        for (ulong register = 0; register < 1 << 14; register++) sketch.Add(register << 50);
        Assert.True(sketch.Estimate() > 1L << 40);
    }

    [Fact]
    public void Hotness_halves_in_five_minutes()
    {
        var heat = default(HeatScore);
        heat.Add(1000, 1 << 20);
        for (var halvings = 0; halvings < 12; halvings++)
            Assert.InRange(heat.Value(1000 + 30 * halvings) / Math.Pow(2, 20 - halvings), 0.999, 1.001);
        Assert.Equal(0, heat.Value(1000 + 2000));
        // Halved step by step it is the same, but for the rounding of each step.
        var steps = default(HeatScore);
        steps.Add(1000, 1 << 20);
        for (var bucket = 1001; bucket <= 1060; bucket++) steps.Add(bucket, 0);
        Assert.InRange(steps.Value(1060) / heat.Value(1060), 0.9999, 1.0001);
    }

    [Fact]
    public void Hotness_never_falls_below_zero_and_does_not_rise_with_time()
    {
        var heat = default(HeatScore);
        heat.Add(5, 10);
        heat.Add(5, -30);
        Assert.Equal(0, heat.Value(5));
        heat.Add(6, 7);
        Assert.Equal(7, heat.Value(6));
        var before = heat.Value(6);
        for (var bucket = 7; bucket < 2000; bucket++)
        {
            Assert.True(heat.Value(bucket) <= before);
            before = heat.Value(bucket);
        }
    }
}
