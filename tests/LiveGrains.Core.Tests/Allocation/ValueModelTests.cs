namespace LiveGrains.Core.Tests.Allocation;

public sealed class ValueModelTests
{
    private const uint Now = 1_800_000_000;
    private const uint Item = 7;
    private readonly ValueModel _values = new();

    [Fact]
    public void What_was_never_shown_is_what_the_ranker_expects_with_the_deviation_of_the_prior()
    {
        var (mean, deviation) = Watch(Item, 1, 0.2f);
        Assert.Equal(0.2, mean, 1e-6);
        Assert.Equal(Math.Sqrt(0.2 * 0.8 / ValueModel.Prior), deviation, 1e-6);
    }

    [Fact]
    public void Means_come_to_the_rate_and_deviations_shrink_as_more_is_seen()
    {
        var last = Watch(Item, 0, 0.5f).Deviation;
        for (var n = 0; n < 2000; n++)
        {
            _values.Learn(Item, 0, 0, n % 10 == 0 ? 1 : 0, Now);
            if (n is not (99 or 999 or 1999)) continue;
            var now = Watch(Item, 0, 0.5f);
            Assert.True(now.Deviation < last);
            last = now.Deviation;
        }

        Assert.InRange(Watch(Item, 0, 0.5f).Mean, 0.1, (200 + 0.5 * ValueModel.Prior) / (2000 + ValueModel.Prior) + 1e-3);
    }

    [Fact]
    public void A_segment_is_drawn_to_its_item_and_leaves_it_with_evidence()
    {
        for (var n = 0; n < 10_000; n++)
        {
            _values.Learn(Item, 1, 0, 0, Now);
            _values.Learn(Item, 2, 0, 1, Now);
        }

        var unknown = Watch(Item, 3, 0.1f).Mean;
        Assert.InRange(unknown, 0.45, 0.55);
        Assert.True(Watch(Item, 1, 0.1f).Mean < 0.05);
        Assert.True(Watch(Item, 2, 0.1f).Mean > 0.95);
        Assert.True(Watch(Item, 3, 0.1f).Deviation > Watch(Item, 1, 0.1f).Deviation);
    }

    [Fact]
    public void Half_is_forgotten_in_a_half_life_so_that_what_is_new_counts_more()
    {
        for (var n = 0; n < 500; n++) _values.Learn(Item, 0, 0, 0, Now);
        var later = Now + (uint)ValueModel.HalfLifeSeconds;
        for (var n = 0; n < 500; n++) _values.Learn(Item, 0, 0, 1, later);
        // 250 old ones without, 500 new ones with, and the prior.
        Assert.Equal((500 + ValueModel.Prior * 0.2) / (750 + ValueModel.Prior), Watch(Item, 0, 0.2f, later).Mean, 0.01);
        Assert.Equal(0.2, Watch(Item, 0, 0.2f, later + 1000 * (uint)ValueModel.HalfLifeSeconds).Mean, 1e-3);
    }

    [Fact]
    public void An_impression_that_is_hardly_looked_at_counts_for_less()
    {
        // Everybody's cards are watched half as often in the tenth place.
        for (var n = 0; n < 4000; n++)
        {
            _values.Learn(1, 0, 0, n % 5 == 0 ? 1 : 0, Now);
            _values.Learn(1, 0, 9, n % 10 == 0 ? 1 : 0, Now);
        }

        Assert.Equal(2, _values.Examination(0) / _values.Examination(9), 0.15);
        // So one that is only shown there, and watched as often as that place is, is worth as much as the others are.
        for (var n = 0; n < 4000; n++) _values.Learn(2, 0, 9, n % 10 == 0 ? 1 : 0, Now);
        Assert.Equal(Watch(1, 0, 0.1f).Mean, Watch(2, 0, 0.1f).Mean, 0.02);
    }

    [Fact]
    public void Cells_are_bounded()
    {
        for (uint item = 0; item <= ValueModel.MaxCells; item++) _values.Learn(item, 0, 0, 1, Now);
        Assert.Equal(ValueModel.MaxCells, _values.Cells);
        // What found no place is what the ranker expects, what has one goes on learning.
        Assert.Equal(0.1, Watch(ValueModel.MaxCells, 0, 0.1f).Mean, 1e-6);
        var before = Watch(5, 0, 0.1f).Mean;
        _values.Learn(5, 0, 0, 1, Now);
        Assert.True(Watch(5, 0, 0.1f).Mean > before);
    }

    private (double Mean, double Deviation) Watch(uint item, int segment, float expected, uint now = Now)
    {
        Span<float> means = stackalloc float[FtrlProximal.Objectives];
        Span<float> deviations = stackalloc float[FtrlProximal.Objectives];
        Span<float> expectations = stackalloc float[FtrlProximal.Objectives];
        expectations.Fill(expected);
        _values.Estimate(item, segment, expectations, now, means, deviations);
        return (means[(int)Objective.Watch], deviations[(int)Objective.Watch]);
    }
}
