using System.Diagnostics;
using System.Text;

namespace LiveGrains.Server.Tests;

/// <summary>Clients that are slow, rude or too large, over bare sockets.</summary>
public sealed class WireTests
{
    private static readonly ServerOptions _impatient = new()
    {
        BodyGracePeriod = TimeSpan.FromSeconds(1.1),
        HeadersTimeout = TimeSpan.FromSeconds(1),
    };

    [Fact]
    public async Task Hundred_megabytes_are_refused_before_they_are_sent()
    {
        await using var server = await RunningServer.StartAsync();
        using var socket = await server.ConnectAsync();
        await socket.SendAsync(Head($"Content-Length: {100 << 20}"));
        var (status, headers, body) = await socket.ReadAnswerAsync();
        Assert.Equal(413, status);
        Assert.Equal("close", headers["connection"]);
        Answers.IsProblem(body.Json(), ErrorCode.BodyTooLarge);
        Assert.Empty(server.Engine.AllIngested);
    }

    [Fact]
    public async Task Client_that_waits_for_100_continue_is_told_413_instead()
    {
        await using var server = await RunningServer.StartAsync();
        using var socket = await server.ConnectAsync();
        await socket.SendAsync(Head($"Content-Length: {100 << 20}\r\nExpect: 100-continue"));
        var (status, _, _) = await socket.ReadAnswerAsync();
        Assert.Equal(413, status);
    }

    [Fact]
    public async Task Client_that_sends_far_more_than_is_allowed_still_gets_its_answer()
    {
        await using var server = await RunningServer.StartAsync();
        // Three times as much; what the server reads of it without need it reads for a few seconds only.
        using var response = await server.PostAsync(new byte[24 << 20]);
        await response.IsProblemAsync(ErrorCode.BodyTooLarge);
    }

    [Theory]
    [InlineData("Content-Length: 1000")]
    [InlineData("Transfer-Encoding: chunked")]
    public async Task Client_that_sends_a_byte_a_second_is_cut_off(string framing)
    {
        await using var server = await RunningServer.StartAsync(null, _impatient);
        using var socket = await server.ConnectAsync();
        var piece = framing.StartsWith('T') ? "1\r\nx\r\n" : "x";
        await socket.SendAsync(Head(framing) + piece);
        using var stop = new CancellationTokenSource();
        var drip = DripAsync();
        var watch = Stopwatch.StartNew();

        var (status, headers, body) = await socket.ReadAnswerAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(408, status);
        Assert.Equal("close", headers["connection"]);
        Answers.IsProblem(body.Json(), ErrorCode.RequestTimeout);
        Assert.True(await socket.IsClosedAsync(TimeSpan.FromSeconds(20)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
        Assert.Empty(server.Engine.AllIngested);
        await stop.CancelAsync();
        await drip;

        async Task DripAsync()
        {
            using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
            try
            {
                while (await second.WaitForNextTickAsync(stop.Token)) await socket.SendAsync(piece);
            }
            catch (Exception exception) when (exception is OperationCanceledException or System.Net.Sockets.SocketException)
            {
            }
        }
    }

    [Fact]
    public async Task Body_that_keeps_the_rate_but_takes_too_long_is_cut_off()
    {
        await using var server = await RunningServer.StartAsync(null, new ServerOptions { BodyTimeout = TimeSpan.FromMilliseconds(1) });
        using var socket = await server.ConnectAsync();
        await socket.SendAsync(Head("Content-Length: 1000000") + "x");
        using var stop = new CancellationTokenSource();
        var flow = FlowAsync();
        var (status, _, body) = await socket.ReadAnswerAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(408, status);
        Answers.IsProblem(body.Json(), ErrorCode.RequestTimeout);
        await stop.CancelAsync();
        await flow;

        async Task FlowAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            try
            {
                while (await timer.WaitForNextTickAsync(stop.Token)) await socket.SendAsync(new string('x', 100));
            }
            catch (Exception exception) when (exception is OperationCanceledException or System.Net.Sockets.SocketException)
            {
            }
        }
    }

    [Fact]
    public async Task Client_that_does_not_finish_its_headers_is_cut_off()
    {
        await using var server = await RunningServer.StartAsync(null, _impatient);
        using var socket = await server.ConnectAsync();
        await socket.SendAsync("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-");
        Assert.True(await socket.IsClosedAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Client_that_goes_away_in_its_body_disturbs_nobody()
    {
        var logs = new RecordingLogs();
        await using var server = await RunningServer.StartAsync(logs: logs);
        using (var socket = await server.ConnectAsync())
        {
            await socket.SendAsync(Head("Content-Length: 1000") + "half");
            socket.LingerState = new(true, 0);
        }
        using var response = await server.PostAsync("{}");
        Assert.Equal(202, (int)response.StatusCode);
        Assert.True(logs.Lines.IsEmpty, string.Join("\n", logs.Lines));
    }

    [Theory]
    [InlineData("zz\r\nbody\r\n0\r\n\r\n")]
    [InlineData("5\r\nhelloXX0\r\n\r\n")]
    public async Task Badly_framed_chunks_are_refused(string chunks)
    {
        await using var server = await RunningServer.StartAsync();
        using var socket = await server.ConnectAsync();
        await socket.SendAsync(Head("Transfer-Encoding: chunked") + chunks);
        var (status, _, body) = await socket.ReadAnswerAsync();
        Assert.Equal(400, status);
        Answers.IsProblem(body.Json(), ErrorCode.NothingToRead);
        Assert.Empty(server.Engine.AllIngested);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_order()
    {
        var engine = new FakeEngine();
        engine.OnIngest = body => ValueTask.FromResult(FakeEngine.Accepted(body.Length));
        await using var server = await RunningServer.StartAsync(engine);
        using var socket = await server.ConnectAsync();
        await socket.SendAsync(string.Concat(Enumerable.Range(1, 20).Select(i => Head($"Content-Length: {i}") + new string('x', i))));
        var text = "";
        var chunk = new byte[64 << 10];
        while (!text.Contains("\"accepted\":20,"))
        {
            var read = await socket.ReceiveAsync(chunk);
            Assert.NotEqual(0, read);
            text += Encoding.UTF8.GetString(chunk, 0, read);
        }
        var places = Enumerable.Range(1, 20).Select(i => text.IndexOf($"\"accepted\":{i},", StringComparison.Ordinal)).ToArray();
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    private static string Head(string headers) => $"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{headers}\r\n\r\n";
}
