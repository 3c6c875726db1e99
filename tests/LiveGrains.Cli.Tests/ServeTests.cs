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
    public async Task A_signal_during_the_recovery_ends_it_with_0()
    {
        using var signal = new CancellationTokenSource();
        var recovering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = new CommandRun
        {
            Recovery = async stop =>
            {
                recovering.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            },
        };
        var serving = run.RunAsync(signal.Token, "serve", "--urls", "http://127.0.0.1:0", "--data", "/somewhere");

        await recovering.Task.WaitAsync(_limit);
        await signal.CancelAsync();

        Assert.Equal(0, await serving.WaitAsync(_limit));
        Assert.Equal("Stopped before it was ready.", run.Error.Trim());
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task A_signal_as_the_recovery_ends_closes_the_engine_with_0()
    {
        using var signal = new CancellationTokenSource();
        var run = new CommandRun { Recovery = _ => signal.CancelAsync() };

        Assert.Equal(0, await run.RunAsync(signal.Token, "serve", "--urls", "http://127.0.0.1:0").WaitAsync(_limit));
        Assert.True(run.Engine.Disposed);
    }

    [Theory]
    [InlineData("--dedupe-window", "604800", "604801")]
    [InlineData("--dedupe-window", "1", "0")]
    [InlineData("--dedupe-ids", "1024", "1023")]
    [InlineData("--exact-audience", "1", "0")]
    [InlineData("--max-rooms", "33554431", "33554432")]
    [InlineData("--max-audience-pairs", "1024", "1023")]
    [InlineData("--segment-mb", "4096", "4097")]
    public async Task The_ranges_of_options_are_those_of_the_engine(string option, string allowed, string refused)
    {
        using var stopped = new CancellationTokenSource();
        var run = new CommandRun { Recovery = _ => stopped.CancelAsync() };
        Assert.Equal(0, await run.RunAsync(stopped.Token, "serve", "--urls", "http://127.0.0.1:0", option, allowed).WaitAsync(_limit));
        Assert.NotNull(run.OpenedWith);

        run = new CommandRun();
        Assert.Equal(2, await run.RunAsync("serve", option, refused));
        Assert.Null(run.OpenedWith);
        Assert.Contains($"{option} must be from", run.Error);
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

    [Theory]
    [InlineData("Host=h;Database=d;Password=p4ssw0rd", null)]
    [InlineData(null, "Host=h;Database=d;Password=p4ssw0rd")]
    [InlineData("Host=h;Database=d;Password=p4ssw0rd", "Host=other;Password=o")]
    public async Task A_connection_string_of_PostgreSQL_takes_the_place_of_the_directory_and_is_shown_nowhere(string? option, string? variable)
    {
        using var signal = new CancellationTokenSource();
        var run = new CommandRun { PostgresConnection = variable };
        var serving = run.RunAsync(signal.Token, ["serve", "--urls", "http://127.0.0.1:0", .. option is null ? Array.Empty<string>() : ["--postgres", option]]);
        await run.StartScreen.WaitAsync(_limit);
        await signal.CancelAsync();

        Assert.Equal(0, await serving.WaitAsync(_limit));
        Assert.Null(run.OpenedWith!.DataDirectory);
        Assert.Equal("PostgreSQL, database d on h:5432", run.OpenedWith.Store!.Description);
        Assert.Contains("PostgreSQL, database d on h:5432", run.Out);
        Assert.DoesNotContain("p4ssw0rd", run.Out + run.Error);
    }

    [Theory]
    [InlineData("--demo")]
    [InlineData("--data", "/somewhere")]
    public async Task The_variable_does_not_count_where_the_command_says_otherwise(params string[] arguments)
    {
        using var stopped = new CancellationTokenSource();
        var run = new CommandRun { PostgresConnection = "Host=h", Recovery = _ => stopped.CancelAsync() };
        Assert.Equal(0, await run.RunAsync(stopped.Token, ["serve", "--urls", "http://127.0.0.1:0", .. arguments]).WaitAsync(_limit));
        Assert.Null(run.OpenedWith!.Store);
    }

    [Fact]
    public async Task A_connection_string_that_cannot_be_read_is_not_repeated()
    {
        var run = new CommandRun();
        Assert.Equal(2, await run.RunAsync("serve", "--postgres", "postgresql://u:p4ssw0rd@h/d"));
        Assert.StartsWith("error: wrong_usage", run.Error);
        Assert.DoesNotContain("p4ssw0rd", run.Out + run.Error);
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
