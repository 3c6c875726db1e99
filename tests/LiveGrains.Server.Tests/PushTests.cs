using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LiveGrains.Server.Push;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LiveGrains.Server.Tests;

public sealed class PushTests
{
    private const string Room = "/v1/rooms/r1/live";

    [Fact]
    public async Task Stream_begins_with_the_room_as_the_call_without_live_answers_it()
    {
        await using var server = await RunningServer.StartAsync();
        await using var stream = await EventStream.OpenAsync(server, Room);
        var first = await stream.NextAsync();
        Assert.Equal("snapshot", first!.Name);
        Assert.Equal(await server.Client.GetStringAsync("/v1/rooms/r1"), first.Data.GetRawText());
        Assert.Equal("no-store", stream.Response.Headers.CacheControl!.ToString());
    }

    [Theory]
    [InlineData("/v1/overview/live", "/v1/overview")]
    [InlineData("/v1/events/live", null)]
    public async Task Platform_and_tail_are_pushed_too(string path, string? call)
    {
        await using var server = await RunningServer.StartAsync();
        await using var stream = await EventStream.OpenAsync(server, path);
        var first = await stream.NextAsync();
        Assert.Equal("snapshot", first!.Name);
        if (call is not null) Assert.Equal(await server.Client.GetStringAsync(call), first.Data.GetRawText());
        else Assert.Equal("like", first.Data.GetProperty("events")[0].GetProperty("type").GetString());
    }

    [Fact]
    public async Task Changes_hold_only_what_is_different_and_make_the_state_of_the_call()
    {
        var (server, engine, time) = await StartAsync();
        await using var _ = server;
        await using var stream = await EventStream.OpenAsync(server, Room);
        await stream.NextAsync();
        engine.Room = engine.Room! with { Online = 6, Likes = new(13, 4), Title = null, Rates = new RoomRates { Enter = null, Follow = 0.5 } };
        var change = await NextAsync(stream, time);
        Assert.Equal("change", change.Name);
        Assert.Equal("""{"title":null,"online":6,"likes":{"count":13,"users":4},"rates":{"enter":null,"follow":0.5}}""", change.Data.GetRawText());
        var answer = JsonNode.Parse(await server.Client.GetStringAsync("/v1/rooms/r1"));
        Assert.True(JsonNode.DeepEquals(answer, stream.State));
    }

    [Fact]
    public async Task Member_that_is_gone_makes_a_snapshot()
    {
        var (server, engine, time) = await StartAsync();
        await using var _ = server;
        await using var stream = await EventStream.OpenAsync(server, Room);
        await stream.NextAsync();
        engine.Room = engine.Room! with { Channels = new Dictionary<string, ChannelMetrics>() };
        Assert.Equal("snapshot", (await NextAsync(stream, time)).Name);
    }

    [Fact]
    public async Task At_most_four_changes_a_second_and_one_question_each_however_many_readers()
    {
        var (server, engine, time) = await StartAsync();
        await using var _ = server;
        engine.OnRoom = n => Samples.Room() with { Online = n };
        var streams = new List<EventStream>();
        for (var i = 0; i < 5; i++)
        {
            streams.Add(await EventStream.OpenAsync(server, Room));
            Assert.Equal("snapshot", (await streams[i].NextAsync())!.Name);
        }
        var asked = engine.RoomQuestions;
        var started = time.GetTimestamp();
        for (var change = 1; change <= 20; change++)
        {
            Assert.True(await time.AdvanceToNextTimerAsync() >= LiveTopic.Tick);
            var seen = new List<string>();
            foreach (var stream in streams) seen.Add((await stream.NextAsync())!.Data.GetRawText());
            Assert.Single(seen.Distinct());
            Assert.Equal(asked + change, engine.RoomQuestions);
        }
        Assert.True(time.GetElapsedTime(started) >= TimeSpan.FromSeconds(5));
        foreach (var stream in streams) await stream.DisposeAsync();
    }

    [Fact]
    public async Task Silence_is_broken_by_a_heartbeat_after_ten_seconds()
    {
        var (server, engine, time) = await StartAsync();
        await using var _ = server;
        await using var stream = await EventStream.OpenAsync(server, Room);
        await stream.NextAsync();
        var started = time.GetTimestamp();
        // The clock alone is no news.
        engine.OnRoom = n => Samples.Room() with { AsOf = FakeEngine.Clock.AddSeconds(n) };
        var next = stream.NextAsync();
        while (time.GetElapsedTime(started) < LiveTopic.HeartbeatAfter)
        {
            Assert.False(next.IsCompleted);
            await time.AdvanceToNextTimerAsync();
        }

        var heartbeat = (await next.WaitAsync(TimeSpan.FromMinutes(1)))!;
        Assert.Equal("heartbeat", heartbeat.Name);
        Assert.Null(heartbeat.Id);
        Assert.InRange(time.GetElapsedTime(started), LiveTopic.HeartbeatAfter, LiveTopic.HeartbeatAfter + LiveTopic.Tick);
    }

    [Fact]
    public async Task Reader_that_comes_back_gets_what_it_missed_and_nothing_twice()
    {
        var (server, engine, time) = await StartAsync();
        await using var _ = server;
        await using var stays = await EventStream.OpenAsync(server, Room);
        await stays.NextAsync();
        string? last = null;
        await using (var leaves = await EventStream.OpenAsync(server, Room))
        {
            last = (await leaves.NextAsync())!.Id;
        }
        for (var online = 101; online <= 103; online++)
        {
            engine.Room = engine.Room! with { Online = online };
            await NextAsync(stays, time);
        }

        await using var back = await EventStream.OpenAsync(server, Room, last);
        for (var online = 101; online <= 103; online++)
        {
            var missed = await back.NextAsync();
            Assert.Equal("change", missed!.Name);
            Assert.Equal(online, missed.Data.GetProperty("online").GetInt32());
        }
        engine.Room = engine.Room! with { Online = 104 };
        Assert.Equal(104, (await NextAsync(back, time)).Data.GetProperty("online").GetInt32());
    }

    [Fact]
    public async Task Last_reader_that_comes_back_goes_on_where_it_was()
    {
        var (server, engine, time) = await StartAsync();
        await using var _ = server;
        string? last;
        await using (var stream = await EventStream.OpenAsync(server, Room)) last = (await stream.NextAsync())!.Id;
        await time.AdvanceToNextTimerAsync();
        while (await SubscribersAsync(server) > 0) await Task.Yield();
        engine.Room = engine.Room! with { Online = 77 };
        var opening = EventStream.OpenAsync(server, Room, last);
        await AdvanceUntilAsync(opening, time);
        await using var back = await opening;
        var change = await NextAsync(back, time);
        Assert.Equal("change", change.Name);
        Assert.Equal(77, change.Data.GetProperty("online").GetInt32());
    }

    [Theory]
    [InlineData("many")]
    [InlineData("0-1")]
    [InlineData("nonsense")]
    [InlineData("ffffffffffffffffffffffffffffffff-99999999999999999999")]
    public async Task Reader_that_missed_more_than_is_kept_or_has_a_strange_id_gets_a_snapshot(string id)
    {
        var (server, engine, time) = await StartAsync();
        await using var _ = server;
        await using var stays = await EventStream.OpenAsync(server, Room);
        var first = (await stays.NextAsync())!.Id;
        for (var i = 0; i <= LiveTopic.KeptChanges; i++)
        {
            engine.Room = engine.Room! with { Online = 1000 + i };
            await NextAsync(stays, time);
        }
        await using var back = await EventStream.OpenAsync(server, Room, id == "many" ? first : id);
        var snapshot = await back.NextAsync();
        Assert.Equal("snapshot", snapshot!.Name);
        Assert.Equal(1000 + LiveTopic.KeptChanges, snapshot.Data.GetProperty("online").GetInt32());
    }

    [Fact]
    public async Task Slow_reader_gets_the_newest_state_once_and_holds_up_nobody()
    {
        var time = new ManualTime();
        var state = 0;
        using var topic = new LiveTopic(_ => ValueTask.FromResult<byte[]?>(Encoding.UTF8.GetBytes($$"""{"online":{{++state}},"filler":"{{new string('x', 1000)}}"}""")), 1, time);
        topic.Enter();
        Assert.True(await topic.ReadyAsync(CancellationToken.None));
        // A pipe that holds next to nothing: its writer waits until everything is read.
        var slowPipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1, useSynchronizationContext: false));
        var fastPipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        var slow = new PushReader(slowPipe.Writer);
        var fast = new PushReader(fastPipe.Writer);
        topic.Add(slow, null);
        topic.Add(fast, null);
        while (topic.Newest.Version < 50) await time.AdvanceToNextTimerAsync();

        var first = await ReadTextAsync(slowPipe.Reader);
        Assert.Contains("\"online\":1,", first);
        Assert.DoesNotContain("event: change", first);
        var next = await ReadTextAsync(slowPipe.Reader);
        Assert.Contains("id: 1-50\nevent: snapshot\ndata: {\"online\":50,", next);
        Assert.Equal(1, slow.Skips);
        Assert.Equal(0, fast.Skips);
        var all = await ReadTextAsync(fastPipe.Reader);
        Assert.Equal(49, all.Split("event: change").Length - 1);
        slow.Close();
        topic.Leave();
    }

    [Fact]
    public async Task Client_that_does_not_read_costs_bounded_memory_and_then_sees_a_newer_snapshot()
    {
        var (server, engine, time) = await StartAsync();
        await using var _ = server;
        var filler = new string('x', 200_000);
        engine.OnRoom = n => Samples.Room() with { Online = n, Title = n + filler };
        using var socket = await server.ConnectAsync();
        socket.ReceiveBufferSize = 4096;
        await socket.SendAsync($"GET {Room} HTTP/1.1\r\nHost: x\r\n\r\n");
        await using var other = await EventStream.OpenAsync(server, Room);
        await other.NextAsync();
        for (var i = 0; i < 60; i++) await NextAsync(other, time);

        var bytes = 0L;
        var text = new StringBuilder();
        var chunk = new byte[1 << 16];
        while (!text.ToString().Contains("event: snapshot", StringComparison.Ordinal) || text.ToString().Split("event: snapshot").Length < 3)
        {
            var read = await socket.ReceiveAsync(chunk);
            Assert.NotEqual(0, read);
            bytes += read;
            text.Append(Encoding.UTF8.GetString(chunk, 0, read));
        }
        // Sixty changes of 200 kB went by; what waited is the first few, and then comes the newest.
        Assert.True(bytes < 20 * 200_000, $"{bytes} bytes");
    }

    [Fact]
    public async Task Unknown_room_is_not_found()
    {
        await using var server = await RunningServer.StartAsync();
        await (await server.Client.GetAsync("/v1/rooms/nobody/live")).IsProblemAsync(ErrorCode.NotFound);
        await (await server.Client.GetAsync("/v1/rooms/no%20id/live")).IsProblemAsync(ErrorCode.InvalidParameter);
    }

    [Fact]
    public async Task Engine_that_fails_is_a_problem_at_first_and_the_end_of_a_stream_later()
    {
        var (server, engine, time) = await StartAsync();
        await using var _ = server;
        await using var stream = await EventStream.OpenAsync(server, Room);
        await stream.NextAsync();
        engine.Failure = new LiveGrainsException(ErrorCode.ShardStopped);
        var next = stream.NextAsync();
        await AdvanceUntilAsync(next, time);
        Assert.Null(await next);
        var response = server.Client.GetAsync(Room);
        await AdvanceUntilAsync(response, time);
        await (await response).IsProblemAsync(ErrorCode.ShardStopped);
        engine.Failure = null;
        var again = EventStream.OpenAsync(server, Room);
        await AdvanceUntilAsync(again, time);
        Assert.Equal("snapshot", (await (await again).NextAsync())!.Name);
    }

    [Fact]
    public async Task Subscribers_above_the_limit_are_refused_and_taken_when_one_leaves()
    {
        await using var server = await RunningServer.StartAsync(null, new ServerOptions { MaxSubscribers = 1 });
        var first = await EventStream.OpenAsync(server, Room);
        await first.NextAsync();
        var problem = await (await server.Client.GetAsync("/v1/overview/live")).IsProblemAsync(ErrorCode.TooManySubscribers);
        Assert.Contains("--max-subscribers", problem.GetProperty("detail").GetString());
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/v1/overview")).StatusCode);
        Assert.Equal(1, Exposition.Parse(await server.Client.GetStringAsync("/metrics"))["livegrains_push_subscribers"]);
        await first.DisposeAsync();
        while (await SubscribersAsync(server) > 0) await Task.Yield();
        await using var second = await EventStream.OpenAsync(server, "/v1/overview/live");
    }

    [Fact]
    public async Task Watched_things_above_the_limit_are_refused_and_more_readers_of_one_are_not()
    {
        await using var server = await RunningServer.StartAsync(null, new ServerOptions { MaxWatched = 1 });
        await using var first = await EventStream.OpenAsync(server, Room);
        await using var second = await EventStream.OpenAsync(server, Room);
        await (await server.Client.GetAsync("/v1/overview/live")).IsProblemAsync(ErrorCode.TooManySubscribers);
    }

    [Fact]
    public async Task Stopping_the_server_ends_streams_in_order()
    {
        var server = await RunningServer.StartAsync();
        await using var stream = await EventStream.OpenAsync(server, Room);
        await stream.NextAsync();
        var stopping = server.App.StopAsync();
        StreamEvent? last;
        while ((last = await stream.NextAsync()) is not null)
        {
        }
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
        await server.DisposeAsync();
    }

    [Fact]
    public void Topics_without_readers_are_kept_up_to_a_number()
    {
        using var topics = new LiveTopics(1000, 1000, new ManualTime());
        var made = new HashSet<string>();
        for (var i = 0; i < LiveTopics.KeptIdle + 10; i++)
        {
            var key = $"room/{i}";
            topics.Leave(key, topics.Enter(key, Ask));
        }
        Assert.Equal(0, topics.Watched);
        var kept = 0;
        for (var i = 0; i < LiveTopics.KeptIdle + 10; i++)
        {
            var key = $"room/{i}";
            made.Clear();
            var topic = topics.Enter(key, Ask);
            var again = topics.Enter(key, Ask);
            Assert.Same(topic, again);
            kept++;
            Assert.Equal(kept, topics.Watched);
        }

        static ValueTask<byte[]?> Ask(CancellationToken stop) => ValueTask.FromResult<byte[]?>("{}"u8.ToArray());
    }

    private static async Task<(RunningServer Server, FakeEngine Engine, ManualTime Time)> StartAsync()
    {
        var engine = new FakeEngine();
        var time = new ManualTime();
        var server = await RunningServer.StartAsync(engine, time: time);
        return (server, engine, time);
    }

    /// <summary>What the next tick sends. Just one tick: with more, a heartbeat would come in between.</summary>
    private static async Task<StreamEvent> NextAsync(EventStream stream, ManualTime time)
    {
        var next = stream.NextAsync();
        await time.AdvanceToNextTimerAsync();
        return (await next.WaitAsync(TimeSpan.FromMinutes(1)))!;
    }

    /// <summary>Moves time from tick to tick until a task is done. A tick's bytes take their own time over the socket.</summary>
    private static async Task AdvanceUntilAsync(Task task, ManualTime time)
    {
        using var stop = new CancellationTokenSource();
        while (!task.IsCompleted)
        {
            await Task.WhenAny(task, time.AdvanceToNextTimerAsync(stop.Token));
            await Task.WhenAny(task, Task.Delay(20));
        }

        // Where nobody waits for a time any more it would look for one for ever.
        await stop.CancelAsync();
    }

    private static async Task<double> SubscribersAsync(RunningServer server)
    {
        // A scrape before any other request has a histogram without samples.
        (await server.Client.GetAsync("/healthz/live")).Dispose();
        return Exposition.Parse(await server.Client.GetStringAsync("/metrics"))["livegrains_push_subscribers"];
    }

    private static async Task<string> ReadTextAsync(PipeReader reader)
    {
        var result = await reader.ReadAsync();
        var text = Encoding.UTF8.GetString(result.Buffer);
        reader.AdvanceTo(result.Buffer.End);
        return text;
    }
}
