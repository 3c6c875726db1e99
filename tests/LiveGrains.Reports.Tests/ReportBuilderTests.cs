namespace LiveGrains.Reports.Tests;

public sealed class ReportBuilderTests
{
    [Fact]
    public void Curves_are_a_minute_a_step_on_the_minute_and_lose_nothing()
    {
        // From 12:00:30: the first minute has three buckets.
        var broadcast = Broadcasts.Of(10, 10, values =>
        {
            for (var i = 0; i < 10; i++)
            {
                values["comments"][i] = i + 1;
                values["online"][i] = 10 - i;
                values["watchSeconds"][i] = 0.1;
            }
        });
        var curves = ReportBuilder.Build(broadcast, new ReportOptions()).Curves;
        Assert.Equal((60, new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero)), (curves.StepSeconds, curves.Start));
        Assert.Equal([1 + 2 + 3, 4 + 5 + 6 + 7 + 8 + 9, 10], curves.Values["comments"]);
        Assert.Equal([10, 7, 1], curves.Values["online"]);
        Assert.Equal([0.3, 0.6, 0.1], curves.Values["watchSeconds"]);
    }

    [Theory]
    [InlineData(17_280, 10, 300)] // two days
    [InlineData(8_000, 10, 60)]
    [InlineData(17_280, 60, 1_800)]
    [InlineData(17_280, 3_600, 21_600)]
    public void Longer_broadcasts_have_longer_steps(int steps, int stepSeconds, int expected)
    {
        var curves = ReportBuilder.Build(Broadcasts.Of(steps, stepSeconds, values => Array.Fill(values["views"], 1)), new ReportOptions()).Curves;
        Assert.Equal(expected, curves.StepSeconds);
        Assert.Equal(steps, curves.Values["views"].Sum());
    }

    [Fact]
    public void Funnel_counts_users_stage_by_stage()
    {
        var funnel = ReportBuilder.Build(Broadcasts.Full(), new ReportOptions()).Funnel;
        Assert.Equal([("exposure", 500L), ("view", 400), ("productClick", 90), ("order", 12), ("pay", 9)], funnel.Select(s => (s.Stage, s.Users)));
        Assert.Equal([null, 400 / 500.0, 90 / 400.0, 12 / 90.0, 9 / 12.0], funnel.Select(s => s.OfPrevious));
        Assert.Equal([1.0, 400 / 500.0, 90 / 500.0, 12 / 500.0, 9 / 500.0], funnel.Select(s => s.OfFirst));
        Assert.All(ReportBuilder.Build(Broadcasts.Of(1, 10), new ReportOptions()).Funnel, s => Assert.Null(s.OfFirst));
    }

    [Fact]
    public void The_minutes_of_a_gift_storm_and_of_the_payments_are_found_with_what_happened_in_them()
    {
        var report = ReportBuilder.Build(Broadcasts.Full(), new ReportOptions());
        // Bucket 120 begins 20 minutes after 12:00:30.
        var storm = Assert.Single(report.BestMinutes, b => b.Start == new DateTimeOffset(2026, 11, 22, 12, 20, 0, TimeSpan.Zero));
        Assert.Equal("gifts.amount", storm.Highlights[0].Metric);
        Assert.Equal(123_456, storm.Highlights[0].Value);
        Assert.Equal(61, storm.Highlights[0].TimesAverage, 6); // all of it in one of 61 minutes
        Assert.Equal(50, storm.Counts["gifts"]);
        Assert.DoesNotContain("gmv", storm.Counts.Keys);
        Assert.Contains(report.BestMinutes, b => b.Highlights.Any(h => h.Metric == "gmv" && h.Value == 99_900));
        Assert.Equal(report.BestMinutes.OrderBy(b => b.Start), report.BestMinutes);
        Assert.Equal((new DateTimeOffset(2026, 11, 22, 12, 20, 0, TimeSpan.Zero), 123_456.0), (report.Gifts.BestStart!.Value, report.Gifts.BestAmount));
    }

    [Fact]
    public void Best_minutes_of_one_metric_are_apart_and_a_level_one_has_none()
    {
        var level = ReportBuilder.Build(Broadcasts.Of(600, 60, values => Array.Fill(values["comments"], 10)), new ReportOptions());
        Assert.Empty(level.BestMinutes);
        var two = ReportBuilder.Build(Broadcasts.Of(600, 60, values =>
        {
            Array.Fill(values["comments"], 10);
            for (var i = 0; i < 4; i++) values["comments"][100 + i] = 900 - i;
            values["comments"][300] = 800;
        }), new ReportOptions());
        Assert.Equal([100, 300], two.BestMinutes.Select(b => (int)Math.Round((b.Start - Broadcasts.Start).TotalMinutes)));
        // Few of something rare are no event.
        Assert.Empty(ReportBuilder.Build(Broadcasts.Of(600, 60, values => values["subscribes"][50] = 4), new ReportOptions()).BestMinutes);
    }

    [Fact]
    public void A_named_moment_is_compared_by_its_buckets()
    {
        var broadcast = Broadcasts.Of(360, 10, values =>
        {
            Array.Fill(values["watchSeconds"], 600);
            for (var i = 0; i < 360; i++) values["interactions"][i] = i < 180 ? 4 : 6;
        });
        var moment = new ReportMoment(Broadcasts.Start.AddMinutes(30).AddSeconds(3), null);
        var effect = Assert.Single(ReportBuilder.Build(broadcast, new ReportOptions { Moments = [moment], WindowMinutes = 5 }).Effects);
        Assert.Equal((Broadcasts.Start.AddMinutes(30), false, 300, 300), (effect.At, effect.Found, effect.SecondsBefore, effect.SecondsAfter));
        var interactions = effect.Changes[0];
        Assert.Equal(("interactions", "watchedMinute", 120.0, 180.0), (interactions.Metric, interactions.Per, interactions.Before, interactions.After));
        Assert.Equal(0.4, interactions.RateBefore!.Value, 12);
        Assert.Equal(0.5, interactions.Change!.Value, 12);
        Assert.InRange(0.5, interactions.Low!.Value, interactions.High!.Value);
        // The same, told as time since the start.
        var same = ReportBuilder.Build(broadcast, new ReportOptions { Moments = [new ReportMoment(null, TimeSpan.FromMinutes(30))], WindowMinutes = 5 }).Effects[0];
        Assert.Equal(effect.At, same.At);
        Assert.Equal(effect.Changes, same.Changes);
        // Near the beginning the window before is shorter.
        var early = ReportBuilder.Build(broadcast, new ReportOptions { Moments = [new ReportMoment(null, TimeSpan.FromMinutes(2))], WindowMinutes = 5 }).Effects[0];
        Assert.Equal((120, 300), (early.SecondsBefore, early.SecondsAfter));
        Assert.Null(early.Changes[0].Low);
    }

    [Fact]
    public void A_found_minute_is_left_out_of_its_own_comparison()
    {
        var broadcast = Broadcasts.Of(60, 60, values =>
        {
            Array.Fill(values["watchSeconds"], 6_000);
            Array.Fill(values["comments"], 10);
            Array.Fill(values["interactions"], 10);
            values["comments"][30] = values["interactions"][30] = 5_000;
        }, new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
        var effect = Assert.Single(ReportBuilder.Build(broadcast, new ReportOptions()).Effects);
        Assert.True(effect.Found);
        Assert.Equal((30, 31), ((effect.At - broadcast.Curves.Start).TotalMinutes, (effect.Resumed - broadcast.Curves.Start).TotalMinutes));
        Assert.Equal((100.0, 100.0, 0.0), (effect.Changes[0].Before, effect.Changes[0].After, effect.Changes[0].Change!.Value));
    }

    [Fact]
    public void Moments_and_windows_that_make_no_sense_are_refused_with_words()
    {
        var broadcast = Broadcasts.Of(360, 10);
        void Refused(RoomBroadcast of, string words, ReportOptions options)
        {
            var refusal = Assert.Throws<LiveGrainsException>(() => ReportBuilder.Build(of, options));
            Assert.Equal(ErrorCode.InvalidParameter, refusal.Code);
            Assert.Contains(words, refusal.Detail);
        }

        foreach (var minutes in new[] { -5, 0, 60, 600 })
            Refused(broadcast, "from 2026-11-22T12:00:30Z to 2026-11-22T13:00:30Z", new ReportOptions { Moments = [new(Broadcasts.Start.AddMinutes(minutes), null)] });
        Refused(broadcast, "window", new ReportOptions { WindowMinutes = 0 });
        Refused(broadcast, "window", new ReportOptions { WindowMinutes = 121 });
        Refused(broadcast, "20 moments", new ReportOptions { Moments = [.. Enumerable.Repeat(new ReportMoment(null, TimeSpan.FromMinutes(10)), 21)] });
        Refused(Broadcasts.Of(17_280, 600), "twelve days", new ReportOptions { Moments = [new(null, TimeSpan.FromDays(3))] });
    }
}
