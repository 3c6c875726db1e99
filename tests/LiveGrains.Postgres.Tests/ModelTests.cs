using System.Text;
using System.Text.Json;
using LiveGrains.Cli.Benchmarks;
using LiveGrains.Engine;

namespace LiveGrains.Postgres.Tests;

/// <summary>What the ranker learned is in the database: it survives restarts, and goes with its shard.</summary>
[Collection(PostgresTests.Name)]
public sealed class ModelTests(PostgresFixture postgres)
{
    private long _time = 1_700_000_000_000;
    private int _id;

    [FactIfPostgres]
    public async Task A_restart_keeps_what_the_ranker_learned()
    {
        var database = postgres.Server.CreateDatabase();
        string before;
        await using (var engine = await EngineRun.OpenByEventTimeAsync(database, 2))
        {
            var untaught = await WeightsAsync(engine);
            await TeachAsync(engine, engine.SettleRecommendationsAsync);
            before = await WeightsAsync(engine);
            Assert.NotEqual(untaught, before);
        }

        await using (var engine = await EngineRun.OpenByEventTimeAsync(database, 2))
        {
            Assert.Empty(engine.RecoveryNotes);
            Assert.Equal(before, await WeightsAsync(engine));
        }

        Assert.Empty(PostgresVerifier.Verify(database).Findings);
    }

    [FactIfPostgres]
    public async Task Models_that_are_damaged_are_named_and_the_ranker_begins_with_its_priors()
    {
        var database = postgres.Server.CreateDatabase();
        string untaught;
        await using (var engine = await EngineRun.OpenByEventTimeAsync(database))
        {
            untaught = await WeightsAsync(engine);
            await TeachAsync(engine, engine.SettleRecommendationsAsync);
        }

        foreach (var damage in (string[])["overlay(bytes placing 'x'::bytea from 200)", "substring(bytes FROM 1 FOR 100)", "''::bytea"])
        {
            PostgresServer.Execute(database, $"UPDATE livegrains.model SET bytes = {damage}");
            var finding = Assert.Single(PostgresVerifier.Verify(database).Findings);
            Assert.Equal(("shard 0, models", "damage"), (finding.File, finding.Severity));
            await using var engine = await EngineRun.OpenByEventTimeAsync(database);
            Assert.Contains("models of shard 0", Assert.Single(engine.RecoveryNotes), StringComparison.Ordinal);
            Assert.Equal(untaught, await WeightsAsync(engine));
        }
    }

    [FactIfPostgres]
    public async Task Each_shard_of_a_cluster_takes_its_models_along_and_who_lost_it_writes_none()
    {
        var options = EngineRun.Options(postgres.Server.CreateDatabase(), 2) with { Clock = ClockMode.Event };
        await using var cluster = new TestCluster(options, TimeProvider.System, machines: 2);
        for (var shard = 0; shard < 2; shard++) await cluster.PlaceAsync(shard, 0);
        var front = cluster.Machines[0].Front;
        await TeachAsync(front, async () =>
        {
            foreach (var host in cluster.Machines[0].Hosts) await host.Engine.SettleRecommendationsAsync();
        });
        foreach (var host in cluster.Machines[0].Hosts.ToList())
        {
            await host.Engine.SnapshotAsync();
            var before = await WeightsAsync(host.Engine);
            await cluster.PlaceAsync(host.Shard, 1);
            var moved = cluster.Machines[1].Hosts.Single(h => h.Shard == host.Shard);
            Assert.Empty(moved.Engine.RecoveryNotes);
            Assert.Equal(before, await WeightsAsync(moved.Engine));
            // The old one ends after the new one began: what it knows is not written over what the new one has.
            var written = Written(options, host.Shard);
            await host.DisposeAsync();
            Assert.Equal(written, Written(options, host.Shard));
        }
    }

    private static byte[]? Written(EngineOptions options, int shard) => new PostgresModelStore(((PostgresStore)options.Store!).Database(), (short)shard).Read();

    private static async Task<string> WeightsAsync(ILiveGrains engine) => JsonSerializer.Serialize((await engine.GetModelAsync()).Terms);

    // Thirty rooms; users see lists and come to the first of each, and a time later it is known what they did not come to.
    private async Task TeachAsync(ILiveGrains engine, Func<Task> settle)
    {
        await SendAsync(engine, Enumerable.Range(0, 30).Select(i => Event("room.start", $"r{i}", $"\"category\":\"c{i % 5}\",\"title\":\"t{i}\"")));
        await settle();
        for (var round = 0; round < 4; round++)
        {
            for (var user = 0; user < 10; user++)
            {
                var list = await engine.RecommendAsync($"u{user}", new RecommendationQuery { Limit = 5 });
                var by = $"\"user\":\"u{user}\"";
                await SendAsync(engine, [.. list.Items.Select(i => Event("impression", i.Id, by)), Event("enter", list.Items[0].Id, by)]);
            }

            _time += 700_000;
            await SendAsync(engine, Enumerable.Range(0, 10).Select(user => Event("like", "r1", $"\"user\":\"u{user}\"")));
            await settle();
        }
    }

    private string Event(string type, string room, string more) => $"{{\"id\":\"{++_id}\",\"type\":\"{type}\",\"time\":{++_time},\"room\":\"{room}\",{more}}}";

    private static async Task SendAsync(ILiveGrains engine, IEnumerable<string> lines)
    {
        var answer = await engine.IngestAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), EventFormat.NdJson);
        Assert.Equal(0, answer.Rejected);
    }
}
