using System.Diagnostics;
using LiveGrains.Model;

namespace LiveGrains.Crash.Tests;

/// <summary>
/// A data directory, its server, and the clients that feed it over any number of ends of the server. Segments and snapshots
/// are small, so that an end often comes while one is made.
/// </summary>
internal sealed class LoadRun : IAsyncDisposable
{
    private const int Connections = 5;
    private static readonly TimeSpan _snapshotWait = TimeSpan.FromSeconds(4);

    private readonly string _directory;
    private readonly string[] _options;
    private readonly int _shards;
    private readonly SplitMix64 _random;
    private readonly ServerGate _gate = new();
    private readonly LoadClient[] _clients;
    private Task[] _running = [];
    private RunningServer? _server;
    private DateTime _serverStarted;

    /// <summary>Makes the run; nothing is started.</summary>
    public LoadRun(string directory, ulong seed, int shards = 1)
    {
        _directory = directory;
        _shards = shards;
        _random = new SplitMix64(seed ^ 0x5EED);
        _options = ["--clock", "event", "--snapshot-mb", "1", "--segment-mb", "1", "--shards", $"{shards}"];
        // The last connection has no sequence and is deduplicated by its ids.
        _clients = [.. Enumerable.Range(0, Connections).Select(i => new LoadClient(new LoadStream(i, seed, i < Connections - 1), _gate, shards == 1))];
    }

    /// <summary>The server that runs.</summary>
    public RunningServer Server => _server ?? throw new InvalidOperationException("There is no server.");

    /// <summary>Events that were acknowledged so far.</summary>
    public long Acknowledged => _clients.Sum(c => c.Count);

    /// <summary>Requests that got no answer.</summary>
    public int Lost => _clients.Sum(c => c.Lost);

    /// <summary>Ends of the server that left a snapshot half made.</summary>
    public int HalfSnapshots { get; private set; }

    /// <summary>Ends while the server was still starting.</summary>
    public int KilledStarts { get; private set; }

    /// <summary>Ends after which an event that had no answer was there.</summary>
    public int KeptUnanswered { get; private set; }

    /// <summary>Starts the first server and the clients.</summary>
    public async Task StartAsync()
    {
        _serverStarted = DateTime.UtcNow;
        _server = await RunningServer.StartAsync(_directory, _options);
        _running = [.. _clients.Select(c => Task.Run(c.RunAsync))];
        _gate.Open(_server.Address);
    }

    /// <summary>Lets the clients work until a random number of events more is acknowledged, and then a random moment.</summary>
    public async Task WorkAsync(int most = 6_000)
    {
        var target = Acknowledged + _random.Between(200, most);
        await Wait.UntilAsync(() => Acknowledged >= target || _running.Any(c => c.IsCompleted), "the clients get on");
        await ThrowIfFailedAsync();
        if (_random.Chance(0.5)) await SnapshotBeginsAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(_random.Below(25)));
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _gate.Close();
        await Server.Process.KillAsync();
        await GoneAsync();
    }

    /// <summary>SIGTERM, as often as said, with a random moment between; returns the exit code.</summary>
    public async Task<int> TerminateAsync(int signals = 1)
    {
        _gate.Close();
        for (var i = 0; i < signals; i++)
        {
            Server.Process.Terminate();
            if (i + 1 < signals) await Task.Delay(TimeSpan.FromMilliseconds(_random.Below(40)));
        }

        var exitCode = await Server.Process.ExitAsync();
        await GoneAsync();
        return exitCode;
    }

    /// <summary>Starts a server again, now and then after one that is killed in its recovery, and checks the number of its events before the clients go on.</summary>
    public async Task RestartAsync(bool mayKillStart = true, bool mayKeepUnanswered = true)
    {
        while (mayKillStart && _random.Chance(0.4))
        {
            await using var starting = ToolProcess.Start(RunningServer.Arguments(_directory, _options));
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Below(600)));
            await starting.KillAsync();
            KilledStarts++;
        }

        _serverStarted = DateTime.UtcNow;
        _server = await RunningServer.StartAsync(_directory, _options);
        var events = (await _server.Api.GetJsonAsync("v1/overview"))["events"]!.GetValue<long>();
        var unanswered = _clients.Where(c => c.Uncertain > 0).Select(c => c.Uncertain).ToArray();
        var extra = events - Acknowledged;
        var isPossible = _shards == 1 ? IsSumOfSome(unanswered, extra) : extra >= 0 && extra <= unanswered.Sum();
        Assert.True(isPossible, $"{events} events after the restart; {Acknowledged} were acknowledged, not answered were batches of {string.Join(", ", unanswered)}");
        if (!mayKeepUnanswered) Assert.Equal(0, extra);
        if (extra > 0) KeptUnanswered++;
        _gate.Open(_server.Address);
    }

    /// <summary>Ends the clients in order, each with its last batch acknowledged.</summary>
    public async Task FinishAsync()
    {
        foreach (var client in _clients) client.Stop();
        await Task.WhenAll(_running).WaitAsync(Wait.Limit);
    }

    /// <summary>What the server answers otherwise than the model, which got each acknowledged event once.</summary>
    public Task<List<string>> DifferencesAsync() => LoadComparison.DifferencesAsync(Server.Api, _clients.Select(c => c.Acknowledged));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Stop();
        if (_server != null) await _server.DisposeAsync();
    }

    private static bool IsSumOfSome(ReadOnlySpan<int> batches, long sum) =>
        sum == 0 || (!batches.IsEmpty && (IsSumOfSome(batches[1..], sum) || IsSumOfSome(batches[1..], sum - batches[0])));

    // A snapshot comes with every MiB of log of a shard; when none comes in time, the moment is as good as another.
    private async Task SnapshotBeginsAsync()
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < _snapshotWait && !HasHalfSnapshot();)
            await Task.Delay(TimeSpan.FromMilliseconds(1));
    }

    // Of this server: one that an earlier server left stays until the next is made.
    private bool HasHalfSnapshot() =>
        Directory.EnumerateFiles(_directory, "snapshot.partial", SearchOption.AllDirectories).Any(file => File.GetLastWriteTimeUtc(file) > _serverStarted);

    private async Task GoneAsync()
    {
        await Server.DisposeAsync();
        _server = null;
        await Wait.UntilAsync(() => _gate.Waiting == _clients.Length || _running.Any(c => c.IsCompleted), "all clients saw that the server is gone");
        await ThrowIfFailedAsync();
        if (HasHalfSnapshot()) HalfSnapshots++;
    }

    private async Task ThrowIfFailedAsync()
    {
        foreach (var client in _running.Where(c => c.IsFaulted)) await client;
    }
}
