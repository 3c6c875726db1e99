namespace LiveGrains.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("--nonsense")]
    [InlineData("replay")]
    [InlineData("replay", "f", "--format", "yaml")]
    [InlineData("replay", "f", "--format", "1")]
    [InlineData("replay", "f", "--batch", "0")]
    [InlineData("replay", "f", "--batch", "x")]
    [InlineData("replay", "f", "--speed", "fast")]
    [InlineData("replay", "f", "--speed", "-1")]
    [InlineData("replay", "f", "--url", "ftp://x")]
    [InlineData("replay", "f", "--url", "http://h", "--data", "d")]
    [InlineData("replay", "-", "-")]
    [InlineData("serve", "--urls", "nowhere")]
    [InlineData("serve", "--clock", "sun")]
    [InlineData("serve", "--data", "d", "--postgres", "Host=h")]
    [InlineData("serve", "--shards", "65")]
    [InlineData("serve", "--max-users", "-1")]
    [InlineData("serve", "--currency", "yuan")]
    [InlineData("simulate", "--rooms", "0")]
    [InlineData("simulate", "--activity", "0")]
    [InlineData("simulate", "--activity", "101")]
    [InlineData("simulate", "--start", "soon")]
    [InlineData("simulate", "--start", "1999-01-01T00:00:00Z")]
    [InlineData("simulate", "--speed", "2")]
    [InlineData("simulate", "--speed", "0", "--url", "http://127.0.0.1:1")]
    [InlineData("verify")]
    [InlineData("top", "--interval", "x")]
    [InlineData("top", "--interval", "0")]
    [InlineData("bench", "--only", "nothing")]
    [InlineData("bench", "--runs", "0")]
    public async Task Wrong_usage_exits_2_with_a_line_on_the_error_stream(params string[] arguments)
    {
        var run = new CommandRun();

        var code = await run.RunAsync(arguments);

        Assert.Equal(2, code);
        Assert.StartsWith("error: ", run.Error);
        Assert.Contains("--help", run.Error);
        Assert.DoesNotContain("   at ", run.Error);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task No_command_shows_the_help_and_exits_2()
    {
        var run = new CommandRun();

        Assert.Equal(2, await run.RunAsync());
        Assert.Contains("serve", run.Out);
    }

    [Theory]
    [InlineData("serve")]
    [InlineData("replay")]
    [InlineData("simulate")]
    [InlineData("verify")]
    [InlineData("top")]
    [InlineData("evaluate")]
    [InlineData("bench")]
    public async Task Every_command_has_help_with_examples(string command)
    {
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync(command, "--help"));
        Assert.Contains("Examples:", run.Out);
        Assert.Contains("livegrains " + command, run.Out);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Version_is_one_line()
    {
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("--version"));
        Assert.Matches(@"^\d+\.\d+\.\d+", run.Out);
    }

    [Theory]
    [InlineData(ErrorCode.DirectoryInUse, 1)]
    [InlineData(ErrorCode.LogDamaged, 1)]
    [InlineData(ErrorCode.SettingsConflict, 2)]
    public async Task An_engine_that_does_not_open_is_one_line_with_its_code(ErrorCode code, int exitCode)
    {
        var run = new CommandRun { OpenFailure = new LiveGrainsException(code, "in /data") };

        Assert.Equal(exitCode, await run.RunAsync("serve", "--data", "/data"));
        Assert.StartsWith($"error: {code.Describe().Code}: {code.Describe().Title} (in /data)", run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1001")]
    [InlineData("NaN")]
    [InlineData("much")]
    public async Task A_weight_that_is_none_is_refused_with_its_range(string weight)
    {
        var run = new CommandRun();

        Assert.Equal(2, await run.RunAsync("serve", "--pay-weight", weight));
        Assert.Contains("--pay-weight must be from 0 to 1000", run.Error);
    }

    [Fact]
    public async Task Options_of_the_engine_reach_the_engine()
    {
        var run = new CommandRun { Input = Samples.Bytes(0, 1) };

        await run.RunAsync("replay", "-", "--shards", "2", "--max-users", "7", "--dedupe-ids", "2048", "--snapshot-mb", "3", "--lateness", "60", "--max-events", "9", "--watch-weight", "0.5", "--pay-weight", "12");

        Assert.Equal(2, run.OpenedWith!.Shards);
        Assert.Equal(7, run.OpenedWith.MaxUsers);
        Assert.Equal(2048, run.OpenedWith.DedupeIds);
        Assert.Equal(3 << 20, run.OpenedWith.SnapshotLogBytes);
        Assert.Equal(TimeSpan.FromMinutes(1), run.OpenedWith.Lateness);
        Assert.Equal(9, run.OpenedWith.Limits.MaxEvents);
        Assert.Equal((0.5, 1, 12), (run.OpenedWith.WatchWeight, run.OpenedWith.InteractWeight, run.OpenedWith.PayWeight));
        Assert.Equal(LiveGrains.Engine.ClockMode.Event, run.OpenedWith.Clock);
        Assert.Null(run.OpenedWith.DataDirectory);
    }
}
