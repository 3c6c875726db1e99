namespace LiveGrains.Core.Tests.Allocation;

public sealed class DemandCurvesTests
{
    private const long Now = 1_800_000_000;
    private readonly DemandCurves _curves = new();

    [Theory]
    [InlineData(0.05, 1.0)]
    [InlineData(0.1, 0.0)]
    [InlineData(0.5, 0.0)]
    public void The_price_is_what_the_share_that_is_left_would_still_pay(double share, double price)
    {
        // A candidate in one impression of ten, which would pay from 0 to 2, evenly.
        Play(0, 10_000, i => i % 10 == 0 ? 2 * (i % 1000 + 0.5f) / 1000 : 0);
        Assert.Equal(price, _curves.PriceOf(3, Now, (float)share, 1), 0.02);
    }

    [Fact]
    public void A_crowd_moves_the_price_of_the_coming_minutes_at_once_and_that_of_the_window_slowly()
    {
        for (var second = 0; second < 3600; second++) Play(second, 10, i => 0.5f + 0.1f * i / 10);
        var (steady, soon) = Prices(3600);
        Assert.Equal(steady, soon, 0.03);
        for (var second = 3600; second < 3690; second++) Play(second, 10, i => 2.5f + 0.1f * i / 10);
        var (crowdedSteady, crowdedSoon) = Prices(3690);
        Assert.True(crowdedSoon > 2.4, $"{crowdedSoon}");
        Assert.True(crowdedSteady < 0.7, $"{crowdedSteady}");
        // When it is over both come back.
        for (var second = 3690; second < 3990; second++) Play(second, 10, i => 0.5f + 0.1f * i / 10);
        Assert.True(Prices(3990).Soon < 0.7);
    }

    [Fact]
    public void What_is_old_is_forgotten_also_after_days()
    {
        for (var day = 0; day < 3; day++)
        {
            for (var second = 0; second < 4000; second += 10) Play(day * 86_400 + second, 10, _ => 1 + day);
            Assert.Equal(1 + day, _curves.PriceOf(3, Now + day * 86_400 + 4000, 0.5f, 1), 0.1);
        }
    }

    [Fact]
    public void What_wants_nothing_has_no_price_and_groups_are_bounded()
    {
        Play(0, 100, _ => -1);
        _curves.Add(3, Now, float.NaN);
        Assert.Equal(0, _curves.Count);
        Assert.Equal(0, _curves.PriceOf(3, Now, 0, 0));
        for (var group = 0; group <= DemandCurves.MaxCurves; group++) _curves.Add(group, Now, 1);
        Assert.Equal(DemandCurves.MaxCurves, _curves.Count);
        Assert.Equal(0, _curves.PriceOf(DemandCurves.MaxCurves, Now, 0, 0));
        Assert.True(_curves.PriceOf(5, Now, 0, 0) >= 1);
        _curves.Clear();
        Assert.Equal(0, _curves.Count);
    }

    private void Play(int second, int impressions, Func<int, float> price)
    {
        for (var i = 0; i < impressions; i++)
        {
            _curves.Given(Now + second, 1);
            _curves.Add(3, Now + second, price(i));
        }
    }

    // At which half of the impressions are left; each is asked for when the last answer is over.
    private (float Steady, float Soon) Prices(int second) => (_curves.PriceOf(3, Now + second, 0.5f, 1), _curves.PriceOf(3, Now + second + 2, 1, 0.5f));
}
