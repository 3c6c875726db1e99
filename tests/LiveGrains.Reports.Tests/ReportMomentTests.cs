namespace LiveGrains.Reports.Tests;

public sealed class ReportMomentTests
{
    [Theory]
    [InlineData("2026-11-22T20:15:00+08:00")]
    [InlineData("2026-11-22T20:15+08:00")]
    [InlineData("2026-11-22t12:15:00z")]
    [InlineData("2026-11-22T12:15:00.000Z")]
    [InlineData("2026-11-22T20:15:00 08:00")] // a plus that was not escaped
    [InlineData("1795349700000")]
    public void Times_are_read(string text)
    {
        Assert.True(ReportMoment.TryParse(text, out var moment));
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 12, 15, 0, TimeSpan.Zero), moment.Time!.Value.ToUniversalTime());
        Assert.Null(moment.SinceStart);
    }

    [Theory]
    [InlineData("0:00:01", 1)]
    [InlineData("1:15:00", 4_500)]
    [InlineData("30:00:00", 108_000)]
    public void Time_since_the_start_is_read(string text, int seconds)
    {
        Assert.True(ReportMoment.TryParse(text, out var moment));
        Assert.Equal(TimeSpan.FromSeconds(seconds), moment.SinceStart);
    }

    [Theory]
    [InlineData("")]
    [InlineData("now")]
    [InlineData("-5")]
    [InlineData("1:60:00")]
    [InlineData("1:5:00")]
    [InlineData("1:15")]
    [InlineData("2026-11-22T20:15:00")] // where?
    [InlineData("2026-13-22T20:15:00Z")]
    [InlineData("99999999999999999")]
    [InlineData("999999999:00:00")]
    public void What_is_no_moment_is_refused(string text) => Assert.False(ReportMoment.TryParse(text, out _));

    [Theory]
    [InlineData("+08:00", 480)]
    [InlineData(" 08:00", 480)]
    [InlineData("-03:30", -210)]
    [InlineData("Z", 0)]
    public void Offsets_are_read(string text, int minutes)
    {
        Assert.True(ReportOptions.TryParseOffset(text, out var offset));
        Assert.Equal(minutes, offset.TotalMinutes);
    }

    [Theory]
    [InlineData("8")]
    [InlineData("+8:00")]
    [InlineData("+15:00")]
    [InlineData("+08:60")]
    [InlineData("Asia/Shanghai")]
    public void What_is_no_offset_is_refused(string text) => Assert.False(ReportOptions.TryParseOffset(text, out _));
}
