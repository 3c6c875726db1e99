using LiveGrains.Engine;

namespace LiveGrains.Postgres.Tests;

/// <summary>Two engines hand all shards over, without telling the one that loses them.</summary>
[Collection(PostgresTests.Name)]
public sealed class HandOverTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [TheoryIfPostgres]
    [InlineData(11, 1)]
    [InlineData(12, 3)]
    public async Task Shards_that_go_to_and_fro_under_load_lose_and_double_nothing(int seed, int shards)
    {
        var database = postgres.Server.CreateDatabase();
        var run = new EngineRun((ulong)seed);
        var engine = await run.OpenAsync(database, shards);
        run.SendTo(engine);
        var sending = run.SendAsync(200);
        var lost = new List<LiveGrainsEngine>();
        for (var round = 0; round < 8; round++)
        {
            run.AwaitBatches(15, sending);
            // The producer goes on sending to the old one until it is told of the new one.
            var next = await run.OpenAsync(database, shards);
            run.SendTo(next);
            lost.Add(engine);
            engine = next;
        }

        await sending.WaitAsync(Limit);
        foreach (var old in lost)
        {
            // Who lost its shards and was not asked for anything finds out as well.
            Assert.True(SpinWait.SpinUntil(() => old.GetStatus().State == "stopped", Limit), "It finds out.");
            Assert.Equal(ErrorCode.ShardMoved, (await Assert.ThrowsAsync<LiveGrainsException>(async () => await old.IngestAsync(Fresh, EventFormat.NdJson))).Code);
            await old.DisposeAsync();
        }

        await run.CompareAsync(engine);
        await engine.DisposeAsync();
        await using var again = await run.OpenAsync(database, shards);
        await run.CompareAsync(again);
    }

    [FactIfPostgres]
    public async Task An_engine_that_stood_still_in_a_commit_wakes_up_and_cannot_write()
    {
        var database = postgres.Server.CreateDatabase();
        using var proxy = new Proxy(postgres.Server.Port);
        await using var old = await EngineRun.OpenByEventTimeAsync(proxy.Through(database));
        Assert.Equal(1, (await old.IngestAsync(Kept, EventFormat.NdJson)).Accepted);
        proxy.HoldRequests();
        var late = old.IngestAsync(Fresh, EventFormat.NdJson).AsTask();
        proxy.AwaitHeld();

        await using var next = await EngineRun.OpenByEventTimeAsync(database);
        Assert.Equal(1, (await next.IngestAsync(Kept, EventFormat.NdJson)).Duplicates);
        Assert.False(late.IsCompleted);
        proxy.Release();
        Assert.Equal(ErrorCode.ShardMoved, (await Assert.ThrowsAsync<LiveGrainsException>(() => late.WaitAsync(Limit))).Code);
        // Its tables are old: it answers no questions from them.
        Assert.Equal(ErrorCode.ShardMoved, (await Assert.ThrowsAsync<LiveGrainsException>(async () => await old.GetOverviewAsync())).Code);
        Assert.Equal(1, (await next.IngestAsync(Fresh, EventFormat.NdJson)).Accepted);
        Assert.Equal(2, (await next.GetRoomAsync("r"))!.Comments.Count);
    }

    [FactIfPostgres]
    public async Task The_number_of_shards_and_the_clock_cannot_change()
    {
        var database = postgres.Server.CreateDatabase();
        await (await EngineRun.OpenByEventTimeAsync(database, 2)).DisposeAsync();
        Assert.Equal(ErrorCode.SettingsConflict, (await Assert.ThrowsAsync<LiveGrainsException>(() => EngineRun.OpenByEventTimeAsync(database, 3))).Code);
        var wall = new EngineOptions { Shards = 2, Store = new PostgresStore(database) };
        Assert.Equal(ErrorCode.SettingsConflict, (await Assert.ThrowsAsync<LiveGrainsException>(async () => await LiveGrainsEngine.OpenAsync(wall))).Code);
        await (await EngineRun.OpenByEventTimeAsync(database, 2)).DisposeAsync();
    }

    private static byte[] Kept => Event("kept");

    private static byte[] Fresh => Event("fresh");

    private static byte[] Event(string id) =>
        System.Text.Encoding.UTF8.GetBytes($$"""{"id":"{{id}}","type":"comment","time":1700000000000,"room":"r","user":"u"}""" + "\n");
}
