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

    [Theory]
    [InlineData("Host=db;Database=live;Password=secret", null)]
    [InlineData("Host=other;Database=none", "Host=db;Database=live;Password=secret")]
    public async Task A_database_is_verified_and_its_secret_not_shown(string variable, string? option)
    {
        string? verified = null;
        var run = new CommandRun
        {
            PostgresConnection = variable,
            VerifyDatabase = connection =>
            {
                verified = connection;
                return new VerifyReport(true, 7, 10, 1, 3, []);
            },
        };

        Assert.Equal(0, await run.RunAsync(option == null ? ["verify"] : ["verify", "--postgres", option]));
        Assert.Equal(option ?? variable, verified);
        Assert.Contains("database live on db", run.Out);
        Assert.Contains("7 rows", run.Out);
        Assert.DoesNotContain("secret", run.Out + run.Error);
    }

    [Fact]
    public async Task A_directory_counts_before_the_variable()
    {
        var run = new CommandRun { PostgresConnection = "Host=db", Verify = (_, _) => new VerifyReport(true, 2, 10, 1, 3, []) };

        Assert.Equal(0, await run.RunAsync("verify", Path.GetTempPath()));
        Assert.Contains("2 files", run.Out);
    }

    [Theory]
    [InlineData("verify")]
    [InlineData("verify", "/tmp", "--postgres", "Host=db")]
    public async Task Neither_and_both_are_wrong_usage(params string[] arguments)
    {
        var run = new CommandRun();

        Assert.Equal(2, await run.RunAsync(arguments));
        Assert.Contains("--postgres", run.Error);
    }
}
