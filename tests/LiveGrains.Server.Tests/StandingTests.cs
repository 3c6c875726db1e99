using System.Text.Json;
using LiveGrains.Server.Rooms;

namespace LiveGrains.Server.Tests;

public sealed class StandingTests
{
    [Theory]
    [InlineData(50, 1)]
    [InlineData(40, 0.75)] // above two of four, beside one
    [InlineData(35, 0.5)]
    [InlineData(10, 0.25)] // beside two of four
    [InlineData(0, 0)]
    public async Task Percentile_is_the_share_of_the_others_that_have_less_ties_counting_half(long views, double expected)
    {
        await using var server = await StartAsync([("r1", views), ("a", 10), ("b", 10), ("c", 40), ("d", 40)]);
        var standing = await AskAsync(server);
        Assert.Equal(expected, standing.GetProperty("percentiles").GetProperty("views").GetDouble());
        Assert.Equal(JsonValueKind.Null, standing.GetProperty("percentiles").GetProperty("gmv").ValueKind); // equal in all
        Assert.Equal((5, 5), (standing.GetProperty("rooms").GetInt32(), standing.GetProperty("total").GetInt32()));
        Assert.Equal(new RoomListQuery(true, RoomSort.Heat, 200, null, "10m"), server.Engine.LastList);
    }

    [Fact]
    public async Task Room_alone_on_air_has_no_percentiles_and_one_off_air_no_metrics()
    {
        await using var server = await StartAsync([("r1", 5)]);
        Assert.All((await AskAsync(server)).GetProperty("percentiles").EnumerateObject(), metric => Assert.Equal(JsonValueKind.Null, metric.Value.ValueKind));
        server.Engine.Room = server.Engine.Room! with { Live = false };
        Assert.Empty((await AskAsync(server)).GetProperty("percentiles").EnumerateObject());
        await (await server.Client.GetAsync("/v1/rooms/nobody/standing")).IsProblemAsync(ErrorCode.NotFound);
    }

    [Fact]
    public async Task Room_that_the_list_lacks_is_compared_by_its_own_window()
    {
        await using var server = await StartAsync([("a", 10), ("b", 30)]);
        server.Engine.Room = Room(20);
        var standing = await AskAsync(server);
        Assert.Equal(0.5, standing.GetProperty("percentiles").GetProperty("views").GetDouble());
        Assert.Equal(3, standing.GetProperty("rooms").GetInt32());
    }

    [Fact]
    public async Task Pages_are_read_up_to_a_bound_and_the_answer_says_how_many_rooms_there_are()
    {
        await using var server = await StartAsync([]);
        var pages = 0;
        server.Engine.OnList = query =>
        {
            Assert.Equal(pages == 0 ? null : $"after {pages}", query.Cursor);
            pages++;
            // One room is on two pages.
            return new([Row($"room{pages}", 1), Row($"room{pages + 1}", 1)], 100_000, $"after {pages}", FakeEngine.Clock);
        };
        var standing = await AskAsync(server);
        Assert.Equal(10, pages);
        Assert.Equal((12, 100_000), (standing.GetProperty("rooms").GetInt32(), standing.GetProperty("total").GetInt32()));
    }

    [Fact]
    public async Task Rooms_are_read_once_for_all_who_ask_until_they_are_old_and_again_after_a_failure()
    {
        var time = new ManualTime();
        await using var server = await StartAsync([], time);
        var reads = 0;
        server.Engine.OnList = _ => ++reads == 1 ? throw new LiveGrainsException(ErrorCode.Busy) : new([Row("r1", 1)], 1, null, FakeEngine.Clock);
        await (await server.Client.GetAsync("/v1/rooms/r1/standing")).IsProblemAsync(ErrorCode.Busy);
        await AskAsync(server);
        await AskAsync(server);
        Assert.Equal(2, reads);
        await using var timer = time.CreateTimer(_ => { }, null, StandingEndpoint.MaxAge, Timeout.InfiniteTimeSpan);
        await time.AdvanceToNextTimerAsync();
        await AskAsync(server);
        Assert.Equal(3, reads);
    }

    private static async Task<RunningServer> StartAsync((string Room, long Views)[] rooms, TimeProvider? time = null)
    {
        var engine = new FakeEngine
        {
            Room = Room(0),
            OnList = _ => new([.. rooms.Select(r => Row(r.Room, r.Views))], rooms.Length, null, FakeEngine.Clock),
        };
        return await RunningServer.StartAsync(engine, time: time);
    }

    private static async Task<JsonElement> AskAsync(RunningServer server) =>
        JsonDocument.Parse(await server.Client.GetStringAsync("/v1/rooms/r1/standing")).RootElement;

    private static RoomMetrics Room(long views) => Samples.Room() with { Windows = new Dictionary<string, RoomWindow> { ["10m"] = Samples.Window() with { Views = views } } };

    private static RoomListRow Row(string room, long views) => Samples.Row() with { Room = room, Window = Samples.Window() with { Views = views } };
}
