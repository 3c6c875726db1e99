using System.Text.Json;
using LiveGrains.Cli.Benchmarks;
using LiveGrains.Engine;
using Npgsql;

namespace LiveGrains.Postgres.Tests;

/// <summary>The connection string stays where it was given.</summary>
[Collection(PostgresTests.Name)]
public sealed class SecretTests(PostgresFixture postgres)
{
    private const string Secret = "s3cr3t-of-nobody";

    [Theory]
    [InlineData("Host=127.0.0.1;" + Secret)]
    [InlineData("Host=127.0.0.1;Passwort=" + Secret)]
    [InlineData("Host=127.0.0.1;Port=" + Secret)]
    [InlineData("Host=127.0.0.1;Password='" + Secret)]
    [InlineData("Password=" + Secret)]
    [InlineData("postgresql://user:" + Secret + "@127.0.0.1/db")]
    [InlineData("")]
    public void A_string_that_cannot_be_read_is_not_repeated(string connectionString)
    {
        var refusal = Assert.Throws<LiveGrainsException>(() => new PostgresStore(connectionString));
        Assert.Equal(ErrorCode.WrongUsage, refusal.Code);
        Assert.DoesNotContain(Secret, refusal.ToString(), StringComparison.Ordinal);
        Assert.Contains("Host=", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_without_the_password()
    {
        var options = new EngineOptions { Store = new PostgresStore($"Host=127.0.0.1;Port=1;Database=d;Username=u;Password={Secret}") };
        var refusal = await Assert.ThrowsAsync<LiveGrainsException>(async () => await LiveGrainsEngine.OpenAsync(options));
        Assert.Equal(ErrorCode.StorageUnavailable, refusal.Code);
        Assert.DoesNotContain(Secret, refusal.ToString(), StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("PostgreSQL, database d on 127.0.0.1:1", options.Store.Description);
        Assert.DoesNotContain(Secret, options.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, JsonSerializer.Serialize(options), StringComparison.Ordinal);
    }

    [FactIfPostgres]
    public async Task A_wrong_password_is_said_without_it()
    {
        var wrong = new NpgsqlConnectionStringBuilder(postgres.Server.CreateDatabase()) { Password = Secret }.ConnectionString;
        var refusal = await Assert.ThrowsAsync<LiveGrainsException>(() => EngineRun.OpenByEventTimeAsync(wrong));
        Assert.Equal(ErrorCode.StorageUnavailable, refusal.Code);
        Assert.Contains("28P01", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, refusal.ToString(), StringComparison.Ordinal);
    }

    [FactIfPostgres]
    public async Task Neither_state_nor_failures_of_a_running_engine_have_the_password()
    {
        var database = postgres.Server.CreateDatabase();
        using var proxy = new Proxy(postgres.Server.Port);
        var failures = new List<string>();
        void Remember(Exception e)
        {
            lock (failures) failures.Add(e.ToString());
        }

        LiveGrainsEngine.BackgroundFailure += Remember;
        try
        {
            await using var engine = await EngineRun.OpenByEventTimeAsync(proxy.Through(database));
            proxy.Cut(refuse: true);
            Assert.True(SpinWait.SpinUntil(() => engine.GetStatus().State == "unavailable", TimeSpan.FromMinutes(5)), "The outage is seen.");
            await engine.SnapshotAsync();
            Assert.DoesNotContain(PostgresServer.Password, JsonSerializer.Serialize(engine.GetStatus()), StringComparison.Ordinal);
        }
        finally
        {
            LiveGrainsEngine.BackgroundFailure -= Remember;
        }

        lock (failures)
        {
            Assert.True(failures.Count >= 2);
            Assert.All(failures, f => Assert.DoesNotContain(PostgresServer.Password, f, StringComparison.Ordinal));
        }
    }
}
