using LiveGrains.Engine.Verification;

namespace LiveGrains.Cli.Tests;

public sealed class VerifyTests
{
    private static readonly VerifyFinding _damage = new("shard-0/log-1", 4_096, "damage", "The checksum of the frame is wrong.");

    [Fact]
    public async Task A_good_directory_exits_0()
    {
        var run = new CommandRun { Verify = (_, _) => new VerifyReport(true, 2, 10, 1, 3, []) };

        Assert.Equal(0, await run.RunAsync("verify", Path.GetTempPath()));
        Assert.StartsWith("good", run.Out);
    }

    [Fact]
    public async Task Damage_exits_1_and_is_shown_with_its_place()
    {
        var run = new CommandRun { Verify = (_, _) => new VerifyReport(false, 1, 10, 1, 3, [_damage]) };

        Assert.Equal(1, await run.RunAsync("verify", Path.GetTempPath()));
        Assert.Contains(_damage.File, run.Out);
        Assert.Contains("4096", run.Out);
        Assert.Contains("damaged", run.Out);
    }

    [Fact]
    public async Task The_json_has_the_findings()
    {
        var run = new CommandRun { Verify = (_, _) => new VerifyReport(false, 1, 10, 1, 3, [_damage]) };

        Assert.Equal(1, await run.RunAsync("verify", Path.GetTempPath(), "--format", "json"));
        Assert.False(run.Json.GetProperty("ok").GetBoolean());
        Assert.Equal(4_096, run.Json.GetProperty("findings")[0].GetProperty("offset").GetInt64());
    }

    [Fact]
    public async Task A_directory_that_is_not_there_exits_1()
    {
        var run = new CommandRun();

        Assert.Equal(1, await run.RunAsync("verify", "/no/such/directory"));
        Assert.Contains("input_not_readable", run.Error);
    }
}
