using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace LiveGrains.Server.Tests;

public sealed class LifecycleTests
{
    [Fact]
    public async Task Stopping_takes_no_new_connection_and_waits_for_the_running_request()
    {
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource<IngestAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        var engine = new FakeEngine
        {
            OnIngest = _ =>
            {
                entered.SetResult();
                return new ValueTask<IngestAnswer>(release.Task);
            },
        };
        await using var server = await RunningServer.StartAsync(engine);
        using var idle = await server.ConnectAsync();
        var running = server.PostAsync("{}");
        await entered.Task;

        var stopping = server.App.StopAsync();

        // The idle connection is closed in the course of stopping: from then on it is certain that nothing listens.
        Assert.True(await idle.IsClosedAsync(TimeSpan.FromSeconds(20)));
        await Assert.ThrowsAnyAsync<SocketException>(() => server.ConnectAsync());
        Assert.False(stopping.IsCompleted);
        release.SetResult(FakeEngine.Accepted(1));
        using var response = await running;
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await stopping;
    }

    [Fact]
    public async Task Default_address_is_this_machine_only()
    {
        Assert.All(new ServerOptions().Urls, url => Assert.Equal("127.0.0.1", new Uri(url).Host));
        await using var server = await RunningServer.StartAsync();
        Assert.Equal("127.0.0.1", server.Address.Host);
    }

    [Fact]
    public async Task Environment_does_not_move_the_address()
    {
        Environment.SetEnvironmentVariable("ASPNETCORE_URLS", "http://0.0.0.0:0");
        Environment.SetEnvironmentVariable("ASPNETCORE_HTTP_PORTS", "0");
        try
        {
            var logs = new RecordingLogs();
            await using var server = await RunningServer.StartAsync(logs: logs);
            Assert.Equal("127.0.0.1", server.Address.Host);
            Assert.Empty(logs.Lines);
        }
        finally
        {
            Environment.SetEnvironmentVariable("ASPNETCORE_URLS", null);
            Environment.SetEnvironmentVariable("ASPNETCORE_HTTP_PORTS", null);
        }
    }

    [Theory]
    [InlineData("taken")]
    [InlineData("http://192.0.2.1:5080")]
    public async Task Address_that_cannot_be_bound_is_address_in_use_and_nothing_is_logged(string url)
    {
        await using var first = await RunningServer.StartAsync();
        var logs = new RecordingLogs();
        await using var second = LiveGrainsServer.Build(new FakeEngine(),
            new ServerOptions { Urls = [url == "taken" ? first.Address.ToString() : url] },
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Logging.AddProvider(logs);
            });
        var exception = await Assert.ThrowsAsync<LiveGrainsException>(() => second.StartAsync());
        Assert.Equal(ErrorCode.AddressInUse, exception.Code);
        Assert.Contains(url == "taken" ? first.Address.Port.ToString() : "192.0.2.1", exception.Message);
        Assert.Empty(logs.Lines);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("https://127.0.0.1:5443")]
    [InlineData("http://127.0.0.1:5080/base")]
    public void Address_that_makes_no_sense_is_wrong_usage(string url)
    {
        var exception = Assert.Throws<LiveGrainsException>(() => LiveGrainsServer.Build(new FakeEngine(), new ServerOptions { Urls = [url] }));
        Assert.Equal(ErrorCode.WrongUsage, exception.Code);
        Assert.Contains("--urls", exception.Message);
    }

    [Fact]
    public async Task Connections_above_the_limit_are_closed()
    {
        await using var server = await RunningServer.StartAsync(null, new ServerOptions { MaxConnections = 1 });
        using var first = await server.ConnectAsync();
        await first.SendAsync("GET /healthz/live HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal(200, (await first.ReadAnswerAsync()).Status);
        using var second = await server.ConnectAsync();
        Assert.True(await second.IsClosedAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Server_says_nothing_about_itself_in_headers()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync("/healthz/live");
        Assert.False(response.Headers.Contains("Server"));
    }
}
