using LiveGrains.Cli.Benchmarks;
using LiveGrains.Engine;
using LiveGrains.Model;

namespace LiveGrains.Postgres.Tests;

/// <summary>Whatever happens to the database and to the way to it: what was acknowledged is there once, and the engine heals.</summary>
[Collection(PostgresTests.Name)]
public sealed class OutageTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [TheoryIfPostgres]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    public async Task Sessions_that_are_ended_in_the_middle_of_commits_lose_and_double_nothing(int seed, int shards)
    {
        var database = postgres.Server.CreateDatabase();
        var run = new EngineRun((ulong)seed);
        await using (var engine = await run.OpenAsync(database, shards))
        {
            run.SendTo(engine);
            var sending = run.SendAsync(250);
            for (var ends = 0; !sending.IsCompleted; ends++)
            {
                run.AwaitBatches(1 + ends % 5, sending);
                PostgresServer.Execute(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'livegrains %'");
            }

            await sending;
            Assert.True(run.Refusals > 0, "Some commits were hit.");
            await run.CompareAsync(engine);
            // The last sessions may have ended after the last batch: a shard without traffic sees that when it next looks.
            Assert.True(SpinWait.SpinUntil(() => engine.GetStatus().State == "ready", Limit), "It heals.");
        }

        await using var again = await run.OpenAsync(database, shards);
        await run.CompareAsync(again);
    }

    [FactIfPostgres]
    public async Task A_wire_that_is_cut_anywhere_loses_and_doubles_nothing()
    {
        var database = postgres.Server.CreateDatabase();
        using var proxy = new Proxy(postgres.Server.Port);
        var run = new EngineRun(3);
        var random = new SplitMix64(3);
        await using (var engine = await run.OpenAsync(proxy.Through(database)))
        {
            run.SendTo(engine);
            var sending = run.SendAsync(200);
            while (!sending.IsCompleted)
            {
                run.AwaitBatches(1 + (int)random.Below(8), sending);
                if (sending.IsCompleted) break;
                // Half of them when the server has it and nobody was told, half when it has not.
                if (random.Chance(0.5)) proxy.HoldAnswers();
                else proxy.HoldRequests();
                proxy.AwaitHeld();
                proxy.Cut();
            }

            await sending;
            await run.CompareAsync(engine);
        }

        await using var again = await run.OpenAsync(database);
        await run.CompareAsync(again);
    }

    [FactIfPostgres]
    public async Task A_server_that_stops_and_crashes_under_load_loses_and_doubles_nothing_and_questions_are_answered_meanwhile()
    {
        using var server = PostgresServer.Start();
        var database = server.CreateDatabase();
        var run = new EngineRun(4);
        await using (var engine = await run.OpenAsync(database, 2))
        {
            run.SendTo(engine);
            var sending = run.SendAsync(200);
            for (var round = 0; round < 6; round++)
            {
                run.AwaitBatches(20, sending);
                server.Stop(crash: round % 2 == 0);
                Assert.True(SpinWait.SpinUntil(() => engine.GetStatus().State == "unavailable", Limit), "The outage is seen.");
                Assert.True((await engine.GetOverviewAsync().AsTask().WaitAsync(Limit)).Events > 0);
                server.Resume();
                Assert.True(SpinWait.SpinUntil(() => engine.GetStatus().State == "ready", Limit), "It heals.");
            }

            await sending.WaitAsync(Limit);
            await run.CompareAsync(engine);
        }

        await using var again = await run.OpenAsync(database, 2);
        await run.CompareAsync(again);
    }

    [FactIfPostgres]
    public async Task While_it_is_unknown_whether_a_commit_went_through_it_is_neither_acknowledged_nor_refused()
    {
        var database = postgres.Server.CreateDatabase();
        using var proxy = new Proxy(postgres.Server.Port);
        await using var engine = await EngineRun.OpenByEventTimeAsync(proxy.Through(database));
        await engine.IngestAsync(Event("1"), EventFormat.NdJson);
        proxy.HoldAnswers();
        var uncertain = engine.IngestAsync(Event("2"), EventFormat.NdJson).AsTask();
        proxy.AwaitHeld();
        proxy.Cut(refuse: true);
        Assert.True(SpinWait.SpinUntil(() => engine.GetStatus().State == "unavailable", Limit), "The outage is seen.");

        // Others are refused, questions answered as of what was folded.
        Assert.Equal(ErrorCode.StorageUnavailable, (await Assert.ThrowsAsync<LiveGrainsException>(async () => await engine.IngestAsync(Event("3"), EventFormat.NdJson))).Code);
        Assert.Equal(1, (await engine.GetRoomAsync("r"))!.Comments.Count);
        Assert.False(uncertain.IsCompleted);

        proxy.Release();
        Assert.Equal(1, (await uncertain.WaitAsync(Limit)).Accepted);
        Assert.Equal(2, (await engine.GetRoomAsync("r"))!.Comments.Count);
        Assert.Equal(1, (await engine.IngestAsync(Event("2"), EventFormat.NdJson)).Duplicates);
        Assert.Equal(1, (await engine.IngestAsync(Event("3"), EventFormat.NdJson)).Accepted);
    }

    [FactIfPostgres]
    public async Task An_outage_is_seen_and_healed_without_traffic()
    {
        var database = postgres.Server.CreateDatabase();
        using var proxy = new Proxy(postgres.Server.Port);
        await using var engine = await EngineRun.OpenByEventTimeAsync(proxy.Through(database));
        proxy.Cut(refuse: true);
        Assert.True(SpinWait.SpinUntil(() => engine.GetStatus().State == "unavailable", Limit), "The outage is seen.");
        Assert.NotNull(engine.GetStatus().StateDetail);
        proxy.Release();
        Assert.True(SpinWait.SpinUntil(() => engine.GetStatus().State == "ready", Limit), "It heals.");
        Assert.Null(engine.GetStatus().StateDetail);
        Assert.Equal(1, (await engine.IngestAsync(Event("1"), EventFormat.NdJson)).Accepted);
    }

    [FactIfPostgres]
    public async Task An_engine_that_closes_in_an_outage_ends_and_acknowledges_nothing()
    {
        var database = postgres.Server.CreateDatabase();
        using var proxy = new Proxy(postgres.Server.Port);
        var engine = await EngineRun.OpenByEventTimeAsync(proxy.Through(database));
        proxy.HoldRequests();
        var uncertain = engine.IngestAsync(Event("1"), EventFormat.NdJson).AsTask();
        proxy.AwaitHeld();
        proxy.Cut(refuse: true);
        await engine.DisposeAsync().AsTask().WaitAsync(Limit);
        Assert.Equal(ErrorCode.ShuttingDown, (await Assert.ThrowsAsync<LiveGrainsException>(() => uncertain)).Code);
    }

    [FactIfPostgres]
    public async Task A_database_that_came_back_without_what_it_acknowledged_stops_the_shard()
    {
        var database = postgres.Server.CreateDatabase();
        using var proxy = new Proxy(postgres.Server.Port);
        await using var engine = await EngineRun.OpenByEventTimeAsync(proxy.Through(database));
        await engine.IngestAsync(Event("1"), EventFormat.NdJson);
        await engine.IngestAsync(Event("2"), EventFormat.NdJson);
        proxy.Cut(refuse: true);
        PostgresServer.Execute(database, "DELETE FROM livegrains.frame WHERE number = (SELECT max(number) FROM livegrains.frame)");
        proxy.Release();
        Assert.True(SpinWait.SpinUntil(() => engine.GetStatus().State == "stopped", Limit), "It is noticed.");
        Assert.Equal(ErrorCode.LogDamaged, (await Assert.ThrowsAsync<LiveGrainsException>(async () => await engine.IngestAsync(Event("3"), EventFormat.NdJson))).Code);
        Assert.Equal(2, (await engine.GetRoomAsync("r"))!.Comments.Count);
    }

    private static byte[] Event(string id) =>
        System.Text.Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","type":"comment","time":{{1_700_000_000_000 + id[0]}},"room":"r","user":"u"}""" + "\n");
}
