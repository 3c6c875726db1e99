using System.Net;

namespace LiveGrains.Server.Tests;

public sealed class ProblemTests
{
    public static TheoryData<ErrorCode> AllCodes => [.. Enum.GetValues<ErrorCode>().Where(code => code != ErrorCode.None)];

    [Fact]
    public async Task Every_code_of_a_refused_ingest_has_its_status_from_the_catalogue()
    {
        var engine = new FakeEngine();
        await using var server = await RunningServer.StartAsync(engine);
        foreach (var code in Enum.GetValues<ErrorCode>().Where(code => code != ErrorCode.None))
        {
            // Thrown from the call, and from its task.
            foreach (var thrownFromCall in new[] { true, false })
            {
                engine.OnIngest = _ => thrownFromCall
                    ? throw new LiveGrainsException(code, "In this case.")
                    : ValueTask.FromException<IngestAnswer>(new LiveGrainsException(code, "In this case."));
                using var response = await server.PostAsync("{}");
                var problem = await response.IsProblemAsync(code);
                Assert.Equal("In this case.", problem.GetProperty("detail").GetString());
            }
        }
        engine.OnIngest = _ => ValueTask.FromResult(FakeEngine.Accepted(1));
        using var after = await server.PostAsync("{}");
        Assert.Equal(HttpStatusCode.Accepted, after.StatusCode);
    }

    [Theory]
    [MemberData(nameof(AllCodes))]
    public async Task Every_code_of_a_refused_question_has_its_status_from_the_catalogue(ErrorCode code)
    {
        await using var server = await RunningServer.StartAsync(new FakeEngine { Failure = new LiveGrainsException(code) });
        using var response = await server.Client.GetAsync("/v1/overview");
        var problem = await response.IsProblemAsync(code);
        Assert.Equal(code.Describe().Title, problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("/v2")]
    [InlineData("/v1/")]
    [InlineData("/v1/events/1")]
    [InlineData("/v1/rooms/r1/nothing")]
    [InlineData("/appsettings.json")]
    [InlineData("/%E7%9B%B4%E6%92%AD")]
    public async Task Unknown_path_is_404(string path)
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync(path);
        await response.IsProblemAsync(ErrorCode.NotFound);
    }

    [Theory]
    [InlineData("GET", "/v1/events", "POST")]
    [InlineData("PUT", "/v1/events", "POST")]
    [InlineData("POST", "/v1/rooms", "GET, HEAD")]
    [InlineData("DELETE", "/v1/rooms/r1", "GET, HEAD")]
    [InlineData("POST", "/metrics", "GET, HEAD")]
    [InlineData("POST", "/", "GET, HEAD")]
    public async Task Other_method_is_405_and_Allow_names_the_right_ones(string method, string path, string allowed)
    {
        await using var server = await RunningServer.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await server.Client.SendAsync(request);
        await response.IsProblemAsync(ErrorCode.MethodNotAllowed);
        Assert.Equal(allowed.Split(", ").Order(), response.Content.Headers.Allow.Order());
    }

    [Fact]
    public async Task Defect_is_500_without_its_message_and_is_logged_without_the_path()
    {
        var logs = new RecordingLogs();
        var engine = new FakeEngine { Failure = new InvalidOperationException("secret words"), OnIngest = _ => throw new InvalidOperationException("secret words") };
        await using var server = await RunningServer.StartAsync(engine, logs: logs);
        foreach (var ask in new Func<Task<HttpResponseMessage>>[] { () => server.Client.GetAsync("/v1/users/u1"), () => server.PostAsync("{}") })
        {
            using var response = await ask();
            Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync());
            await response.IsProblemAsync(ErrorCode.InternalError);
        }
        Assert.Contains(logs.Lines, line => line.StartsWith("Error: GET /v1/users/{user} failed") && line.Contains("secret words"));
        Assert.DoesNotContain(logs.Lines, line => line.Contains("users/u1"));
        Assert.Contains(logs.Lines, line => line.StartsWith("Error: POST /v1/events failed"));
    }

    [Fact]
    public async Task Nothing_is_logged_for_requests_that_are_refused()
    {
        var logs = new RecordingLogs();
        await using var server = await RunningServer.StartAsync(new FakeEngine { OnIngest = _ => throw new LiveGrainsException(ErrorCode.Busy) }, logs: logs);
        using var busy = await server.PostAsync("{}");
        using var unknown = await server.Client.GetAsync("/nothing");
        using var invalid = await server.Client.GetAsync("/v1/rooms?limit=x");
        Assert.Empty(logs.Lines);
    }

    [Fact]
    public async Task Instance_is_a_valid_reference()
    {
        await using var server = await RunningServer.StartAsync();
        using var socket = await server.ConnectAsync();
        await socket.SendAsync("GET /a%20b%22%3C/%E7%9B%B4 HTTP/1.1\r\nHost: x\r\n\r\n");
        var (_, _, body) = await socket.ReadAnswerAsync();
        Assert.Equal("/a%20b%22%3C/%E7%9B%B4", body.Json().GetProperty("instance").GetString());
    }
}
