using System.Text;
using System.Text.Json;
using LiveGrains.Engine;

namespace LiveGrains.Postgres.Tests;

/// <summary>A cluster of machines in one process, over one database: routing, questions from machine to machine, shards that move.</summary>
[Collection(PostgresTests.Name)]
public sealed class ClusterTests(PostgresFixture postgres)
{
    private const int Shards = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [FactIfPostgres]
    public async Task Every_machine_answers_as_the_model_while_shards_move_under_load()
    {
        var run = new EngineRun(31);
        await using var cluster = new TestCluster(EngineRun.Options(postgres.Server.CreateDatabase(), Shards), run.Time, machines: 3);
        for (var shard = 0; shard < Shards; shard++) await cluster.PlaceAsync(shard, shard % 3);
        run.SendTo(cluster.Machines[0].Front);
        var sending = run.SendAsync(150);
        for (var round = 0; round < 9; round++)
        {
            run.AwaitBatches(10, sending);
            await cluster.PlaceAsync(round % Shards, (round + 1) % 3);
            run.SendTo(cluster.Machines[round % 3].Front);
        }

        await sending.WaitAsync(Limit);
        Assert.All(cluster.Machines, machine => Assert.NotEqual(0, machine.PartsSent));
        foreach (var machine in cluster.Machines) await run.CompareAsync(machine.Front);
        // Those that lost their shard without being told find out.
        var lost = cluster.Hosts.Except(cluster.Machines.SelectMany(m => m.Hosts)).ToList();
        Assert.Equal(9, lost.Count);
        Assert.True(SpinWait.SpinUntil(() => lost.TrueForAll(h => h.IsOver), Limit), "They find out.");
    }

    [FactIfPostgres]
    public async Task A_database_that_the_cluster_wrote_is_one_that_a_single_process_reads()
    {
        var database = postgres.Server.CreateDatabase();
        var run = new EngineRun(32);
        await using (var cluster = new TestCluster(EngineRun.Options(database, Shards), run.Time, machines: 2))
        {
            for (var shard = 0; shard < Shards; shard++) await cluster.PlaceAsync(shard, shard % 2);
            run.SendTo(cluster.Machines[0].Front);
            await run.SendAsync(60).WaitAsync(Limit);
        }

        await using var engine = await run.OpenAsync(database, Shards);
        await run.CompareAsync(engine);
    }

    [FactIfPostgres]
    public async Task Recommendations_know_what_is_on_air_on_other_machines_and_what_ended()
    {
        var options = EngineRun.Options(postgres.Server.CreateDatabase(), Shards) with { Clock = ClockMode.Event };
        await using var cluster = new TestCluster(options, TimeProvider.System, machines: 3);
        for (var shard = 0; shard < Shards; shard++) await cluster.PlaceAsync(shard, shard % 3);
        var front = cluster.Machines[0].Front;
        var rooms = Enumerable.Range(0, 12).Select(i => $"r{i}").ToList();
        // The second half of the rooms has no catalog event: only the shard of the room, and of who came, knows of them.
        var lines = rooms.Take(6).Select(r => Event(r, "room.start", r, null)).Concat(rooms.SelectMany(r => Enumerable.Range(0, 3).Select(u => Event($"{r}-{u}", "enter", r, $"v{r}{u}"))));
        Assert.Equal(42, (await front.IngestAsync(Body(lines), EventFormat.NdJson)).Accepted);
        var query = new RecommendationQuery { Limit = 50 };
        foreach (var user in Enumerable.Range(0, 8).Select(i => $"new{i}"))
        {
            IReadOnlyList<string> listed = [];
            await UntilAsync(
                async () => (listed = [.. (await cluster.Machines[1].Front.RecommendAsync(user, query)).Items.Select(i => i.Id).Order()]).SequenceEqual(rooms.Order()),
                () => $"{user} of shard {front.ShardOf(user)} has {string.Join(' ', listed)}; not {string.Join(", ", rooms.Except(listed).Select(r => $"{r} of shard {front.ShardOf(r)}"))}. {string.Join('\n', cluster.Failures)}");
        }

        // The end of a room is a catalog event, which is acknowledged when all shards have it: it is in no list from then on.
        await front.IngestAsync(Body([Event("end", "room.end", "r0", null), Event("end2", "room.end", "r11", null)]), EventFormat.NdJson);
        foreach (var user in Enumerable.Range(0, 8).Select(i => $"new{i}"))
        {
            await UntilAsync(async () =>
            {
                var items = (await cluster.Machines[2].Front.RecommendAsync(user, query)).Items;
                Assert.DoesNotContain(items, i => i.Id == "r0");
                // Of this one the shard may have had no event before; its ranker hears in its own time.
                return items.All(i => i.Id != "r11");
            });
        }
    }

    [FactIfPostgres]
    public async Task A_shard_that_nobody_has_refuses_what_is_for_it_and_says_to_send_it_again()
    {
        await using var cluster = new TestCluster(EngineRun.Options(postgres.Server.CreateDatabase(), 2) with { Clock = ClockMode.Event }, TimeProvider.System, machines: 1);
        var front = cluster.Machines[0].Front;
        Assert.Equal("starting", front.GetStatus().State);
        await cluster.PlaceAsync(0, 0);
        var body = Body(Enumerable.Range(0, 40).Select(i => Event($"e{i}", "enter", $"r{i}", $"u{i}")));
        var refusal = await Assert.ThrowsAsync<LiveGrainsException>(async () => await front.IngestAsync(body, EventFormat.NdJson));
        Assert.Equal(ErrorCode.ShardUnavailable, refusal.Code);
        await UntilAsync(() => Task.FromResult(front.GetStatus().State == "unavailable"));
        await cluster.PlaceAsync(1, 0);
        var answer = await front.IngestAsync(body, EventFormat.NdJson);
        Assert.Equal(40, answer.Accepted + answer.Duplicates);
        Assert.Equal(40, (await front.GetOverviewAsync()).Events);
        await UntilAsync(() => Task.FromResult(front.GetStatus().State == "ready"));
        Assert.Equal(2, front.GetStatus().Shards.Count);
    }

    [FactIfPostgres]
    public async Task Every_answer_is_the_same_from_the_machine_that_has_it_and_from_another_one()
    {
        await using var cluster = new TestCluster(EngineRun.Options(postgres.Server.CreateDatabase(), 1) with { Clock = ClockMode.Event }, TimeProvider.System, machines: 2);
        await cluster.PlaceAsync(0, 0);
        var here = cluster.Machines[0].Front;
        var there = cluster.Machines[1].Front;
        await there.IngestAsync(Body([
            Event("1", "room.start", "r", null), Event("2", "enter", "r", "u"),
            """{"id":"3","type":"product.upsert","time":1700000001000,"product":"p","title":"t","category":"c","tags":["a","b"],"price":5,"stock":3,"status":"on"}""",
            """{"id":"4","type":"user.upsert","time":1700000001000,"user":"u","attrs":{"age":"18-24","region":"east"}}""",
            """{"id":"5","type":"pay","time":1700000002000,"room":"r","product":"p","user":"u","amount":500}""",
            """{"id":"6","type":"play","time":1700000003000,"video":"v","user":"u","ms":4000}"""]), EventFormat.NdJson);
        static string Text<T>(T answer) => JsonSerializer.Serialize(answer);
        async Task EqualAsync<T>(Func<ILiveGrains, ValueTask<T>> ask)
        {
            var expected = await ask(here);
            Assert.NotNull(expected);
            Assert.Equal(Text(expected), Text(await ask(there)));
        }

        // What the models learn between two answers would make them differ.
        foreach (var host in cluster.Machines[0].Hosts) await host.Engine.SettleRecommendationsAsync();
        await EqualAsync(l => l.GetRoomAsync("r"));
        await EqualAsync(l => l.ListRoomsAsync(new RoomListQuery()));
        await EqualAsync(l => l.GetRoomSeriesAsync("r", new SeriesQuery("views")));
        await EqualAsync(l => l.GetBroadcastAsync("r"));
        await EqualAsync(l => l.GetRoomProductsAsync("r"));
        await EqualAsync(l => l.GetProductAsync("p"));
        await EqualAsync(l => l.GetVideoAsync("v"));
        await EqualAsync(l => l.GetUserAsync("u"));
        await EqualAsync(l => l.GetSimilarAsync(ItemKind.Product, "p", 5));
        await EqualAsync(l => l.RecommendAsync("u", new RecommendationQuery { Kind = ItemKind.All, Explain = true, Bought = true }));
        await EqualAsync(l => l.RecommendAsync("u", new RecommendationQuery { Room = "r", Bought = true }));
        Assert.Equal(Text(await here.GetOverviewAsync() with { EventsPerSecond = 0 }), Text(await there.GetOverviewAsync() with { EventsPerSecond = 0 }));
        Assert.NotEmpty((await there.GetModelAsync()).Terms);
        await EqualAsync(l => l.GetTrafficPolicyAsync());
        await EqualAsync(l => l.GetTrafficAsync());
        Assert.Null(await there.GetRoomAsync("unknown"));
        Assert.Equal(ErrorCode.InvalidParameter, (await Assert.ThrowsAsync<LiveGrainsException>(async () => await there.GetRoomSeriesAsync("r", new SeriesQuery("nothing")))).Code);
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<LiveGrainsException>(async () => await there.RecommendAsync("u", new RecommendationQuery { Room = "x" }))).Code);
    }

    [FactIfPostgres]
    public async Task Records_that_are_not_well_formed_are_refused_and_leave_no_trace()
    {
        await using var cluster = new TestCluster(EngineRun.Options(postgres.Server.CreateDatabase(), 1), TimeProvider.System, machines: 1);
        await cluster.PlaceAsync(0, 0);
        var host = cluster.Hosts.Single();
        foreach (var length in (int[])[1, 71, 72, 200])
            Assert.Equal(ErrorCode.InvalidBlock, (await Assert.ThrowsAsync<LiveGrainsException>(async () => await host.IngestAsync(Enumerable.Repeat((byte)0xFF, length).ToArray()))).Code);
        Assert.Equal(0, (await cluster.Machines[0].Front.GetOverviewAsync()).Events);
        Assert.Equal(ErrorCode.InvalidParameter, Assert.Throws<LiveGrainsException>(() => Engine.Cluster.ShardJson.ReadQuestion("""{"$type":"of another build"}"""u8.ToArray())).Code);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, Func<string>? otherwise = null)
    {
        var started = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(started.Elapsed < Limit, otherwise?.Invoke() ?? "It comes about.");
            await Task.Delay(10);
        }
    }

    private static string Event(string id, string type, string room, string? user) =>
        $$"""{"id":"{{id}}","type":"{{type}}","time":1700000000000,"room":"{{room}}"{{(user == null ? "" : $",\"user\":\"{user}\"")}}}""";

    private static byte[] Body(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
}
