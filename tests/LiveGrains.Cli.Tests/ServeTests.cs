namespace LiveGrains.Cli.Tests;

public sealed class ServeTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_signal_ends_the_server_in_order_with_0()
    {
        using var signal = new CancellationTokenSource();
        var run = new CommandRun();
        var serving = run.RunAsync(signal.Token, "serve", "--urls", "http://127.0.0.1:0", "--data", "/somewhere");

        await run.StartScreen.WaitAsync(_limit);
        await signal.CancelAsync();

        Assert.Equal(0, await serving.WaitAsync(_limit));
        Assert.True(run.Engine.Disposed);
        Assert.Equal("/somewhere", run.OpenedWith!.DataDirectory);
        Assert.Contains("http://127.0.0.1:", run.Out);
        Assert.Contains("/somewhere", run.Out);
        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Fact]
    public async Task The_demo_feeds_events_in_memory_also_when_the_engine_is_busy_at_first()
    {
        using var signal = new CancellationTokenSource();
        var run = new CommandRun { Engine = new FakeLiveGrains { Refusals = 3 } };
        var serving = run.RunAsync(signal.Token, "serve", "--urls", "http://127.0.0.1:0", "--demo");

        await run.Engine.FirstEvents.Task.WaitAsync(_limit);
        await signal.CancelAsync();

        Assert.Equal(0, await serving.WaitAsync(_limit));
        Assert.Null(run.OpenedWith!.DataDirectory);
    }

    [Fact]
    public async Task An_address_in_use_is_one_line_and_closes_the_engine()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var run = new CommandRun();

        Assert.Equal(1, await run.RunAsync("serve", "--urls", $"http://{taken.LocalEndpoint}"));
        Assert.StartsWith("error: address_in_use", run.Error);
        Assert.True(run.Engine.Disposed);
    }
}
