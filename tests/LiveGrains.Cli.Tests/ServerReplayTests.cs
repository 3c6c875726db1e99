using System.Collections.Concurrent;
using LiveGrains.Cli.Replay;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LiveGrains.Cli.Tests;

public sealed class ServerReplayTests
{
    private static readonly RetryPolicy _fast = new()
    {
        Base = TimeSpan.FromMilliseconds(1),
        Ceiling = TimeSpan.FromMilliseconds(4),
        GiveUpAfter = TimeSpan.FromSeconds(120),
        AttemptTimeout = TimeSpan.FromSeconds(60),
    };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Nothing_is_lost_when_the_server_is_busy_drops_the_connection_or_answers_after_keeping(int inFlight)
    {
        var requests = 0;
        await using var server = await StartAsync(async (context, engine) =>
        {
            switch (Interlocked.Increment(ref requests) % 5)
            {
                case 1:
                    context.Response.StatusCode = 429;
                    return;
                case 2:
                    context.Abort();
                    return;
                case 3:
                    // Kept, but the answer never arrives: the retry finds duplicates.
                    await KeepAsync(context, engine, answer: false);
                    context.Abort();
                    return;
                case 4:
                    context.Response.StatusCode = 503;
                    context.Response.Headers.RetryAfter = "0";
                    return;
                default:
                    await KeepAsync(context, engine);
                    return;
            }
        });
        var totals = await ReplayAsync(server, Samples.Bytes(0, 1_000), 50, inFlight);

        Assert.Equal(1_000, server.Engine.Accepted.Distinct().Count());
        Assert.Equal(1_000, totals.Accepted + totals.Duplicates);
        Assert.Equal(0, totals.Rejected);
        Assert.True(totals.Retries > 0);
    }

    [Fact]
    public async Task With_one_request_under_way_the_order_is_kept_over_retries()
    {
        var requests = 0;
        await using var server = await StartAsync(async (context, engine) =>
        {
            if (Interlocked.Increment(ref requests) % 3 == 1) context.Response.StatusCode = 429;
            else await KeepAsync(context, engine);
        });
        await ReplayAsync(server, Samples.Bytes(0, 300), 10, 1);

        Assert.Equal(Samples.Lines(0, 300), string.Concat(server.Engine.Accepted.Select(l => l + "\n")));
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_given_up_with_the_place()
    {
        await using var server = await StartAsync((context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        });

        var failure = await Assert.ThrowsAsync<HttpRequestException>(
            () => ReplayAsync(server, Samples.Bytes(0, 10), 5, 1, _fast with { GiveUpAfter = TimeSpan.FromMilliseconds(50) }));

        Assert.Contains("stdin:1", failure.Message);
        Assert.Contains("503", failure.Message);
    }

    [Fact]
    public async Task An_answer_that_no_retry_can_mend_ends_the_replay_at_once()
    {
        var requests = 0;
        await using var server = await StartAsync((context, _) =>
        {
            Interlocked.Increment(ref requests);
            context.Response.StatusCode = 415;
            return Task.CompletedTask;
        });

        await Assert.ThrowsAsync<HttpRequestException>(() => ReplayAsync(server, Samples.Bytes(0, 10), 10, 1));
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task A_batch_too_large_for_the_server_is_halved_until_it_fits()
    {
        var sizes = new ConcurrentBag<long>();
        await using var server = await StartAsync(async (context, engine) =>
        {
            if (context.Request.ContentLength > 2_000) context.Response.StatusCode = 413;
            else
            {
                sizes.Add(context.Request.ContentLength!.Value);
                await KeepAsync(context, engine);
            }
        });
        var totals = await ReplayAsync(server, Samples.Bytes(0, 200), 200, 1);

        Assert.Equal(200, totals.Accepted);
        Assert.True(sizes.Count > 1);
    }

    [Fact]
    public async Task The_command_replays_into_a_server_and_reads_its_metrics()
    {
        await using var server = await StartAsync(KeepAsync);
        var run = new CommandRun { Input = Samples.Bytes(0, 100) };

        Assert.Equal(0, await run.RunAsync("replay", "-", "--url", server.Url.ToString(), "--format", "json"));
        Assert.Equal(100, run.Json.GetProperty("accepted").GetInt64());
        Assert.Equal(2, run.Json.GetProperty("rooms").GetArrayLength());
    }

    [Fact]
    public async Task Without_a_server_the_command_fails_in_bounded_time()
    {
        var run = new CommandRun { Input = Samples.Bytes(0, 1) };

        Assert.Equal(1, await run.RunAsync("replay", "-", "--url", "http://127.0.0.1:1", "--retry-for", "0"));
        Assert.StartsWith("error: http://127.0.0.1:1/v1/events took no events", run.Error);
    }

    [Fact]
    public void The_wait_grows_to_its_ceiling_and_honours_the_server()
    {
        var policy = new RetryPolicy();

        Assert.Equal(TimeSpan.FromMilliseconds(100), policy.Wait(0, null, 1));
        Assert.Equal(TimeSpan.FromMilliseconds(400), policy.Wait(2, null, 1));
        Assert.Equal(TimeSpan.FromSeconds(5), policy.Wait(1_000, null, 1));
        Assert.Equal(TimeSpan.Zero, policy.Wait(5, null, 0));
        Assert.InRange(policy.Wait(0, TimeSpan.FromSeconds(2), 0.5), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.1));
        Assert.InRange(policy.Wait(0, TimeSpan.FromDays(1), 0.5), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(31));
    }

    [Fact]
    public async Task Top_once_shows_a_server_as_text_and_as_json()
    {
        await using var server = await StartAsync(KeepAsync);
        var text = new CommandRun();
        var json = new CommandRun();

        Assert.Equal(0, await text.RunAsync("top", "--once", "--url", server.Url.ToString()));
        Assert.Equal(0, await json.RunAsync("top", "--once", "--format", "json", "--url", server.Url.ToString()));

        Assert.Contains("81.2k", text.Out);
        Assert.Contains("room-2", text.Out);
        Assert.Contains("173 µs", text.Out);
        Assert.Equal(6, json.Json.GetProperty("overview").GetProperty("online").GetInt64());
        Assert.Equal(12, json.Json.GetProperty("engine").GetProperty("refused").GetDouble());
    }

    [Fact]
    public async Task Top_once_without_a_server_exits_1()
    {
        var run = new CommandRun();

        Assert.Equal(1, await run.RunAsync("top", "--once", "--url", "http://127.0.0.1:1"));
        Assert.StartsWith("error: ", run.Error);
    }

    private static async Task<ReplayTotals> ReplayAsync(TestServer server, byte[] lines, int batch, int inFlight, RetryPolicy? policy = null)
    {
        var environment = new ToolEnvironment { Out = TextWriter.Null, Error = TextWriter.Null, OpenInput = () => new MemoryStream(lines), OpenOutput = () => Stream.Null };
        var settings = new ReplaySettings { Files = ["-"], Engine = new(), Url = server.Url, Batch = batch, InFlight = inFlight };
        var totals = new ReplayTotals();
        await using var sink = new HttpSink(server.Url, inFlight, policy ?? _fast, TimeProvider.System, totals);
        await new ReplayRun(environment, settings, totals).RunAsync(sink, CancellationToken.None);
        return totals;
    }

    private static Task KeepAsync(HttpContext context, FakeLiveGrains engine) => KeepAsync(context, engine, answer: true);

    private static async Task KeepAsync(HttpContext context, FakeLiveGrains engine, bool answer)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var verdict = await engine.IngestAsync(body.ToArray(), EventFormat.NdJson);
        context.Response.StatusCode = 202;
        if (answer) await context.Response.WriteAsJsonAsync(verdict);
    }

    private static Task<TestServer> StartAsync(Func<HttpContext, FakeLiveGrains, Task> takeEvents) => TestServer.StartAsync(takeEvents);

    private sealed class TestServer : IAsyncDisposable
    {
        private readonly WebApplication _app;

        private TestServer(WebApplication app, FakeLiveGrains engine)
        {
            _app = app;
            Engine = engine;
        }

        public FakeLiveGrains Engine { get; }

        public Uri Url => new(_app.Urls.First() + "/");

        public static async Task<TestServer> StartAsync(Func<HttpContext, FakeLiveGrains, Task> takeEvents)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var engine = new FakeLiveGrains();
            app.MapPost("/v1/events", context => takeEvents(context, engine));
            app.MapGet("/v1/overview", async () => await engine.GetOverviewAsync());
            app.MapGet("/v1/rooms", async () => await engine.ListRoomsAsync(new RoomListQuery()));
            app.MapGet("/v1/rooms/{room}", async (string room) => await engine.GetRoomAsync(room));
            app.MapGet("/v1/rooms/{room}/products", async (string room) => await engine.GetRoomProductsAsync(room));
            app.MapGet("/v1/rooms/{room}/series", async (string room) => await engine.GetRoomSeriesAsync(room, new SeriesQuery("gmv", 60)));
            app.MapGet("/v1/products/{product}", async (string product) => await engine.GetProductAsync(product));
            app.MapGet("/metrics", () => "# HELP x\nlivegrains_events_rejected_total{code=\"invalid_json\"} 12\nlivegrains_log_sync_seconds{shard=\"0\"} 0.000173\n");
            await app.StartAsync();
            return new TestServer(app, engine);
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
