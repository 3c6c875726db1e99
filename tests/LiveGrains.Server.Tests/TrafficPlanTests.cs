using System.IO.Compression;
using System.Net;
using System.Text;

namespace LiveGrains.Server.Tests;

public sealed class TrafficPlanTests
{
    private const string Small = """{"segments":[{"segment":"s","impressions":10}],"rooms":[{"room":"r1","values":[1]}]}""";

    private static readonly TrafficPlan _plan = new()
    {
        Status = "optimal",
        Value = 10,
        Impressions = 10,
        Planned = 10,
        Segments = [new("s", 10, 10, 1)],
        Rooms = [new("r1", 10, 1, 10, 0, null, 0, [new("s", 10)])],
        Groups = [],
        Conflict = [],
        Shortfall = 0,
        Method = "networkSimplex",
        Certificate = new(0, 0, 0),
    };

    [Fact]
    public async Task A_request_is_read_whole_and_the_plan_is_written()
    {
        TrafficPlanRequest? asked = null;
        await using var server = await StartAsync((request, _) =>
        {
            asked = request;
            return Task.FromResult(_plan);
        });
        using var response = await PostAsync(server, """
            {"segments":[{"segment":"young","impressions":1000},{"segment":"old","impressions":2000.5}],
             "rooms":[{"room":"r1","host":"h1","category":"c1","values":[0.5,0.25],"atLeast":10,"atMost":100,"atMostPerSegment":60,"exclude":["old"]},{"room":"r2","values":[1]}],
             "groups":[{"name":"new","rooms":["r1"],"atLeastShare":0.05},{"name":"big","host":"h1","atMost":50}],
             "eachRoom":{"atMost":0.3},"eachHost":{"atMost":0.5},"eachCategory":{"atLeast":0.01,"atMost":0.9}}
            """);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var json = await response.JsonAsync();
        Assert.Equal("optimal", json.GetProperty("status").GetString());
        Assert.Equal(10, json.GetProperty("rooms")[0].GetProperty("segments")[0].GetProperty("impressions").GetDouble());
        Assert.Equal(0, json.GetProperty("certificate").GetProperty("relativeGap").GetDouble());
        Assert.NotNull(asked);
        Assert.Equal(new PlanSegment("old", 2000.5), asked.Segments[1]);
        Assert.Equal((10, 100, 60, "old"), (asked.Rooms[0].AtLeast, asked.Rooms[0].AtMost, asked.Rooms[0].AtMostPerSegment, asked.Rooms[0].Exclude!.Single()));
        Assert.Equal((0.05, "h1", 0.3, 0.01), (asked.Groups![0].AtLeastShare, asked.Groups[1].Host, asked.EachRoom!.AtMost, asked.EachCategory!.AtLeast));
    }

    [Fact]
    public async Task What_is_left_out_has_its_default()
    {
        TrafficPlanRequest? asked = null;
        await using var server = await StartAsync((request, _) =>
        {
            asked = request;
            return Task.FromResult(_plan);
        });
        using var response = await PostAsync(server, Small);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(new TrafficPlanRequest { Segments = asked!.Segments, Rooms = asked.Rooms }, asked);
        Assert.Equal(new PlanRoom { Room = "r1", Values = asked.Rooms[0].Values }, asked.Rooms[0]);
    }

    [Fact]
    public async Task A_compressed_request_is_read()
    {
        await using var server = await StartAsync((_, _) => Task.FromResult(_plan));
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionMode.Compress, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(Small));
        using var content = new ByteArrayContent(memory.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");
        using var response = await server.Client.PostAsync("/v1/traffic/plan", content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"segments":[],"rooms":[],"extra":1}""")]
    [InlineData("""{"segments":[],"segments":[],"rooms":[]}""")]
    [InlineData("""{"segments":null,"rooms":[]}""")]
    [InlineData("""{"segments":[{"segment":"s","impressions":"many"}],"rooms":[]}""")]
    [InlineData("""{"segments":[{"segment":"s"}],"rooms":[]}""")]
    [InlineData("""{"segments":[{"segment":"s","impressions":NaN}],"rooms":[]}""")]
    [InlineData("""{"segments":[{"segment":"s","impressions":1}],"rooms":[{"room":"r","values":[[1]]}]}""")]
    [InlineData("""{"segments":[{"segment":"s","impressions":1}],"rooms":[{"room":"r","values":[1e999]}]}""")]
    public async Task What_is_no_request_is_refused_and_reaches_no_solver(string body)
    {
        var asked = 0;
        await using var server = await StartAsync((request, _) =>
        {
            // 1e999 is read as infinity; only the rules can refuse it.
            if (!double.IsInfinity(request.Rooms.FirstOrDefault()?.Values[0] ?? 0)) asked++;
            throw new LiveGrainsException(ErrorCode.InvalidPlan);
        });
        using var response = await PostAsync(server, body);
        await response.IsProblemAsync(ErrorCode.InvalidPlan);
        Assert.Equal(0, asked);
    }

    [Theory]
    [InlineData("text/plain", null, ErrorCode.UnsupportedMediaType)]
    [InlineData("application/x-ndjson", null, ErrorCode.UnsupportedMediaType)]
    [InlineData("application/json", "br", ErrorCode.UnsupportedEncoding)]
    [InlineData("application/json", "gzip", ErrorCode.NothingToRead)]
    public async Task Other_bodies_are_refused(string mediaType, string? encoding, ErrorCode code)
    {
        await using var server = await StartAsync((_, _) => Task.FromResult(_plan));
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Small));
        content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        if (encoding is not null) content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        using var response = await server.Client.PostAsync("/v1/traffic/plan", content);
        await response.IsProblemAsync(code);
    }

    [Fact]
    public async Task A_body_above_the_limit_is_refused()
    {
        await using var server = await RunningServer.StartAsync(new FakeEngine { Limits = new RequestLimits { MaxBodyBytes = 64 } });
        using var response = await PostAsync(server, Small);
        await response.IsProblemAsync(ErrorCode.BodyTooLarge);
    }

    [Fact]
    public async Task A_plan_more_than_allowed_at_once_is_busy_and_the_next_one_is_taken()
    {
        var began = new TaskCompletionSource();
        var end = new TaskCompletionSource<TrafficPlan>();
        await using var server = await StartAsync((_, _) =>
        {
            began.TrySetResult();
            return end.Task;
        });
        var first = PostAsync(server, Small);
        await began.Task;
        using (var second = await PostAsync(server, Small)) await second.IsProblemAsync(ErrorCode.Busy);
        end.SetResult(_plan);
        using (var answered = await first) Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        using var third = await PostAsync(server, Small);
        Assert.Equal(HttpStatusCode.OK, third.StatusCode);
    }

    [Fact]
    public async Task A_plan_that_takes_too_long_is_given_up()
    {
        var engine = new FakeEngine();
        engine.OnPlan = async (_, cancellation) =>
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return _plan;
        };
        await using var server = await RunningServer.StartAsync(engine, new ServerOptions { PlanTimeout = TimeSpan.FromMilliseconds(50) });
        using var response = await PostAsync(server, Small);
        await response.IsProblemAsync(ErrorCode.PlanTimeout);
    }

    private static Task<RunningServer> StartAsync(Func<TrafficPlanRequest, CancellationToken, Task<TrafficPlan>> plan) => RunningServer.StartAsync(new FakeEngine { OnPlan = plan });

    private static async Task<HttpResponseMessage> PostAsync(RunningServer server, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await server.Client.PostAsync("/v1/traffic/plan", content);
    }
}
