using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using LiveGrains.Cli.Benchmarks;
using LiveGrains.Cluster.Grains;
using LiveGrains.Cluster.Hosting;
using LiveGrains.Cluster.Shards;
using LiveGrains.Crash.Tests;
using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;
using LiveGrains.Postgres;
using LiveGrains.Postgres.Tests;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Streams;
using Orleans.TestingHost;

namespace LiveGrains.Cluster.Tests;

/// <summary>Grains as clients of Orleans see them, on three silos in this process and a real PostgreSQL.</summary>
public sealed class GrainTests : IAsyncLifetime
{
    private const int Shards = 6;
    private PostgresServer? _postgres;
    private InProcessTestCluster? _cluster;
    private string _database = "";

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing != null) return;
        _postgres = PostgresServer.Start();
        _database = _postgres.CreateDatabase();
        var store = new PostgresStore(_database);
        var options = new EngineOptions { Store = store, Shards = Shards, Clock = ClockMode.Event, DedupeIds = 1 << 16 };
        var keys = store.Share(Shards, CancellationToken.None);
        var builder = new InProcessTestClusterBuilder(3);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(options).AddSingleton(TimeProvider.System);
            ClusterSilo.ConfigureGrains(silo, keys);
        });
        builder.ConfigureClient(client => client.AddLiveGrains());
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_cluster != null)
        {
            await _cluster.StopAllSilosAsync();
            await _cluster.DisposeAsync();
        }

        _postgres?.Dispose();
    }

    [FactIfPostgres]
    public async Task Rooms_users_and_products_answer_as_the_front_does_and_sit_beside_their_shards()
    {
        var rooms = Enumerable.Range(0, 24).Select(i => $"r{i}").ToList();
        await EvenAsync();
        var taken = await IngestAsync(rooms.SelectMany(Visit));
        // What was taken before the rest was refused is a duplicate by then.
        Assert.Equal((rooms.Count * 4, 0), (taken.Accepted + taken.Duplicates, taken.Rejected));
        foreach (var room in rooms)
        {
            await SameAsync(Grain<IRoomGrain>(room).GetAsync(), f => f.GetRoomAsync(room));
            await SameAsync(Grain<IRoomGrain>(room).GetProductsAsync(), f => f.GetRoomProductsAsync(room));
            await SameAsync(Grain<IRoomGrain>(room).GetSeriesAsync(new SeriesQuery("views")), f => f.GetRoomSeriesAsync(room, new SeriesQuery("views")));
            await SameAsync(WithoutSegment(Grain<IUserGrain>("u" + room).GetAsync()), f => new(WithoutSegment(f.GetUserAsync("u" + room).AsTask())));
            await SameAsync(Grain<IProductGrain>("p" + room).GetAsync(), f => f.GetProductAsync("p" + room));
        }

        var list = await Grain<IUserGrain>("ur1").RecommendAsync(new RecommendationQuery { Limit = 5 });
        Assert.Equal("ur1", list.User);
        Assert.Equal(rooms.Count, (await Platform().GetOverviewAsync()).RoomsLive);
        Assert.Equal(rooms.Count, (await Platform().ListRoomsAsync(new RoomListQuery(Limit: 200))).Rooms.Count);
        Assert.Null(await Grain<IRoomGrain>("unknown").GetAsync());

        // A grain whose shard moved goes after it.
        var management = _cluster!.Client.GetGrain<IManagementGrain>(0);
        List<string> astray = [];
        try
        {
            await Wait.UntilAsync(async () =>
            {
                // All of them each time, so that all go after their shards at once.
                astray = [];
                foreach (var room in rooms)
                {
                    await Grain<IRoomGrain>(room).GetAsync();
                    var silo = await management.GetActivationAddress((IAddressable)Grain<IRoomGrain>(room));
                    var shard = Front(0).ShardOf(room);
                    if (silo != null && SiloShards.NameOf(silo) == Front(0).Watch.MachineOf(shard)) continue;
                    astray.Add($"{room} sits on {silo}, shard {shard} by the fronts on {string.Join(", ", Enumerable.Range(0, 3).Select(i => Front(i).Watch.MachineOf(shard)))}; silos have {string.Join("; ", _cluster.Silos.Select(HostsOf))}");
                }

                return astray.Count == 0;
            }, "rooms sit on the silo of their shard", TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}: {string.Join('\n', astray)}", e);
        }
    }

    [FactIfPostgres]
    public async Task A_refusal_comes_to_the_client_with_its_code()
    {
        var noEvent = await Assert.ThrowsAsync<LiveGrainsException>(() => Platform().IngestAsync([], EventFormat.NdJson));
        Assert.Equal(ErrorCode.NothingToRead, noEvent.Code);
        await IngestAsync(Visit("r"));
        var noMetric = await Assert.ThrowsAsync<LiveGrainsException>(() => Grain<IRoomGrain>("r").GetSeriesAsync(new SeriesQuery("nothing")));
        Assert.Equal(ErrorCode.InvalidParameter, noMetric.Code);
        var noShard = await Assert.ThrowsAnyAsync<Exception>(() => _cluster!.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IShardGrain>(Shards).AskAsync([]));
        Assert.Contains($"no shard {Shards}", noShard.ToString(), StringComparison.Ordinal);
    }

    [FactIfPostgres]
    public async Task The_allocator_sits_beside_the_first_shard_and_its_policy_holds_on_every_silo()
    {
        await EvenAsync();
        var allocator = _cluster!.Client.GetGrain<IAllocatorGrain>(0);
        var policy = new TrafficPolicy { Version = 0, Caps = [new TrafficCap { Over = TrafficDimension.Host, Share = 0.2 }] };
        Assert.Equal(1, (await allocator.SetPolicyAsync(policy)).Version);
        Assert.Equal(ErrorCode.PolicyConflict, (await Assert.ThrowsAsync<LiveGrainsException>(() => allocator.SetPolicyAsync(policy))).Code);
        for (var silo = 0; silo < 3; silo++) Assert.Equal(0.2, (await Front(silo).GetTrafficPolicyAsync()).Caps[0].Share);
        Assert.Equal(JsonSerializer.Serialize(await Front(1).GetTrafficPolicyAsync()), JsonSerializer.Serialize(await allocator.GetPolicyAsync()));
        Assert.Equal(1, (await allocator.GetSharesAsync()).Version);
        var management = _cluster.Client.GetGrain<IManagementGrain>(0);
        await Wait.UntilAsync(async () =>
        {
            await allocator.GetPolicyAsync();
            return await management.GetActivationAddress((IAddressable)allocator) is { } silo && SiloShards.NameOf(silo) == Front(0).Watch.MachineOf(0);
        }, "the allocator sits on the silo of the first shard");
    }

    [FactIfPostgres]
    public async Task Changes_of_a_room_are_published_while_it_is_watched()
    {
        await IngestAsync(Visit("r"));
        var seen = new ConcurrentQueue<RoomMetrics>();
        var stream = _cluster!.Client.GetStreamProvider(ClusterStreams.Provider).GetStream<RoomMetrics>(ClusterStreams.OfRoom("r"));
        var subscription = await stream.SubscribeAsync((room, _) =>
        {
            seen.Enqueue(room);
            return Task.CompletedTask;
        });
        await Grain<IRoomGrain>("r").WatchAsync();
        await Wait.UntilAsync(() => !seen.IsEmpty, "the room as it is comes first");
        Assert.Equal(1, seen.Last().Views);
        for (var like = 1; like <= 3; like++)
        {
            var count = like;
            await IngestAsync([$$"""{"id":"l{{like}}","type":"like","time":1700000001000,"room":"r","user":"ur"}"""]);
            await Wait.UntilAsync(async () =>
            {
                // Who watches says so again and again.
                await Grain<IRoomGrain>("r").WatchAsync();
                return seen.Last().Likes.Count == count;
            }, "a change comes");
        }

        // What did not change is not published again, so that each has something new.
        Assert.Equal(seen.Count, seen.Select(r => JsonSerializer.Serialize(r with { AsOf = default })).Distinct().Count());
        await subscription.UnsubscribeAsync();
    }

    [FactIfPostgres]
    public async Task The_shards_of_a_silo_that_is_stopped_are_taken_up_by_the_others()
    {
        await IngestAsync(Enumerable.Range(0, 40).SelectMany(i => Visit($"r{i}")));
        await EvenAsync();
        await _cluster!.StopSiloAsync(_cluster.Silos[2]);
        await Wait.UntilAsync(() => _cluster.Silos.Sum(s => s.ServiceProvider.GetRequiredService<SiloShards>().Hosts.Count) == Shards, "all shards are somewhere");
        Assert.Equal(160, (await Front(0).GetOverviewAsync()).Events);
        Assert.Equal(160, (await IngestAsync(Enumerable.Range(0, 40).SelectMany(i => Visit($"r{i}")))).Duplicates);
    }

    [FactIfPostgres]
    public async Task A_shard_that_somebody_else_took_over_and_left_is_taken_up_again()
    {
        await IngestAsync(Enumerable.Range(0, 40).SelectMany(i => Visit($"r{i}")));
        await EvenAsync();
        // Of each silo one: what it still has is of no use, and its own front is to find that out as well as the others'.
        PostgresServer.Execute(_database, "UPDATE livegrains.shard SET epoch = epoch + 1, owner = 1 WHERE shard < 3");
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(silo => Task.Run(() => ThroughAsync(silo))));
        Assert.Equal(3 * 160, answers.Sum());
        await EvenAsync();
        Assert.Equal(4 * 160, (await Front(0).GetOverviewAsync()).Events);

        async Task<int> ThroughAsync(int silo)
        {
            var body = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 40).SelectMany(i => Visit($"s{silo}-{i}"))) + "\n");
            var answer = default(IngestAnswer);
            await Wait.UntilAsync(async () =>
            {
                try
                {
                    answer = await Front(silo).IngestAsync(body, EventFormat.NdJson);
                    return true;
                }
                catch (LiveGrainsException e) when (e.Code == ErrorCode.ShardUnavailable)
                {
                    return false;
                }
            }, "all of it is taken");
            // What was taken before the rest was refused is a duplicate by then.
            return answer!.Accepted + answer.Duplicates;
        }
    }

    private static IEnumerable<string> Visit(string room) =>
    [
        $$"""{"id":"{{room}}-1","type":"room.start","time":1700000000000,"room":"{{room}}","title":"t {{room}}","category":"c","tags":["a"]}""",
        $$"""{"id":"{{room}}-2","type":"enter","time":1700000000000,"room":"{{room}}","user":"u{{room}}"}""",
        $$"""{"id":"{{room}}-3","type":"product.upsert","time":1700000000000,"product":"p{{room}}","title":"p","price":5,"stock":3,"status":"on"}""",
        $$"""{"id":"{{room}}-4","type":"pay","time":1700000000000,"room":"{{room}}","product":"p{{room}}","user":"u{{room}}","amount":500}""",
    ];

    private async Task<IngestAnswer> IngestAsync(IEnumerable<string> lines)
    {
        var body = Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
        while (true)
        {
            try
            {
                return await Platform().IngestAsync(body, EventFormat.NdJson);
            }
            catch (LiveGrainsException e) when (e.Code == ErrorCode.ShardUnavailable)
            {
                // Silos have just come or gone; nothing of it was answered for.
                await Task.Delay(20);
            }
        }
    }

    private Task EvenAsync() => Wait.UntilAsync(
        () => _cluster!.Silos.All(s => s.ServiceProvider.GetRequiredService<SiloShards>().Hosts.Count == Shards / 3) && Front(0).GetStatus().State == "ready", "shards are spread");

    private async Task SameAsync<T>(Task<T> answer, Func<ClusterFront, ValueTask<T>> ask)
    {
        var given = await answer;
        Assert.NotNull(given);
        Assert.Equal(JsonSerializer.Serialize(await ask(Front(1))), JsonSerializer.Serialize(given));
    }

    // The models learn in their own time; between two answers a user's segment can change.
    private static async Task<UserProfile?> WithoutSegment(Task<UserProfile?> asked) => await asked is { } user ? user with { Segment = null } : null;

    private static string HostsOf(InProcessSiloHandle silo) =>
        $"{SiloShards.NameOf(silo.SiloAddress)} {string.Join(' ', silo.ServiceProvider.GetRequiredService<SiloShards>().Hosts.Select(h => h.Shard).Order())}";

    private ClusterFront Front(int silo) => _cluster!.Silos[silo].ServiceProvider.GetRequiredService<ClusterFront>();

    private IPlatformGrain Platform() => _cluster!.Client.GetGrain<IPlatformGrain>(0);

    private T Grain<T>(string key)
        where T : IGrainWithStringKey => _cluster!.Client.GetGrain<T>(key);
}
