using System.Diagnostics;
using System.Globalization;
using System.Net;
using LiveGrains.Cli.Benchmarks;
using LiveGrains.Crash.Tests;
using LiveGrains.Model;
using Npgsql;

namespace LiveGrains.Cluster.Tests;

/// <summary>Silos as processes with one PostgreSQL, and clients that feed them over any of their ends.</summary>
internal sealed class SiloProcesses : IAsyncDisposable
{
    /// <summary>Shards of the cluster.</summary>
    public const int Shards = 6;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private readonly PostgresServer _postgres = PostgresServer.Start();
    private readonly string _database;
    private readonly SplitMix64 _random;
    private readonly RunningServer?[] _silos;
    private readonly List<ToolProcess> _started = [];
    private readonly int[] _ports;
    private readonly ClusterClient[] _clients;
    private readonly int _dedupeIds;
    private volatile IReadOnlyList<Uri> _addresses = [];
    private Task[] _running = [];

    /// <summary>Makes the database; no silo runs yet.</summary>
    /// <param name="seed">Of the clients' events.</param>
    /// <param name="silos">How many there may be.</param>
    /// <param name="numbered">Clients whose events have a sequence, so that no window of ids matters to them.</param>
    /// <param name="unnumbered">Clients whose events are deduplicated by their ids.</param>
    /// <param name="dedupeIds">Ids that a shard remembers.</param>
    public SiloProcesses(ulong seed, int silos, int numbered = 3, int unnumbered = 1, int dedupeIds = 100_000)
    {
        _dedupeIds = dedupeIds;
        _database = _postgres.CreateDatabase();
        _random = new SplitMix64(seed ^ 0x51105);
        _silos = new RunningServer?[silos];
        _ports = [.. Enumerable.Range(0, silos).Select(_ => FreePort.Take())];
        _clients = [.. Enumerable.Range(0, numbered + unnumbered).Select(i => new ClusterClient(new LoadStream(i, seed, i < numbered), () => _addresses, i))];
    }

    /// <summary>Events that were acknowledged so far.</summary>
    public long Acknowledged => _clients.Sum(c => c.Count);

    /// <summary>Requests that had to be sent again.</summary>
    public int Retries => _clients.Sum(c => c.Retries);

    /// <summary>A silo that runs.</summary>
    public RunningServer Silo(int silo) => _silos[silo]!;

    /// <summary>Starts a silo; the clients know of it when it is ready.</summary>
    public async Task StartAsync(int silo)
    {
        _silos[silo] = await RunningServer.StartAsync(null, "--cluster", "postgres", "--postgres", _database, "--silo-port", $"{_ports[silo]}",
            "--shards", $"{Shards}", "--clock", "event", "--snapshot-mb", "1", "--dedupe-ids", $"{_dedupeIds}");
        _started.Add(_silos[silo]!.Process);
        Announce();
    }

    /// <summary>Starts the clients.</summary>
    public void Feed() => _running = [.. _clients.Select(c => Task.Run(c.RunAsync))];

    /// <summary>Lets the clients work until a random number of events more is acknowledged.</summary>
    public async Task WorkAsync()
    {
        var target = Acknowledged + _random.Between(500, 4_000);
        await Wait.UntilAsync(() => Acknowledged >= target || _running.Any(c => c.IsCompleted), "the clients get on", _patience);
        await EndOfAsync(_running.Where(c => c.IsFaulted));
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync(int silo)
    {
        var process = _silos[silo]!;
        _silos[silo] = null;
        await process.Process.KillAsync();
        Announce();
        await process.DisposeAsync();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> TerminateAsync(int silo)
    {
        var process = _silos[silo]!;
        _silos[silo] = null;
        Announce();
        process.Process.Terminate();
        var exitCode = await process.Process.ExitAsync(_patience);
        await process.DisposeAsync();
        return exitCode;
    }

    /// <summary>The clients forget a silo, which may stand still.</summary>
    public RunningServer Forget(int silo)
    {
        var process = _silos[silo]!;
        _silos[silo] = null;
        Announce();
        return process;
    }

    /// <summary>Waits until all shards answer a question that is asked from now on, to a silo; returns how long it took.</summary>
    public async Task<TimeSpan> AllShardsAnswerAsync(int silo)
    {
        var started = Stopwatch.GetTimestamp();
        // The overview has an answer only when every shard gave its part.
        await Wait.UntilAsync(async () => (await Silo(silo).Api.TryGetAsync("v1/overview")).Status == HttpStatusCode.OK, "all shards answer", _patience);
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Waits until the shards are spread evenly over the silos that run.</summary>
    public Task EvenAsync() => Wait.UntilAsync(async () =>
    {
        var running = _silos.OfType<RunningServer>().ToList();
        foreach (var silo in running)
        {
            if (await ShardsOfAsync(silo) != Shards / running.Count) return false;
        }

        return true;
    }, "every silo has its share", _patience);

    /// <summary>Ends the clients in order and waits until the silo answers as the model that got each acknowledged event once.</summary>
    public async Task FinishAsync()
    {
        foreach (var client in _clients) client.Stop();
        await EndOfAsync(_running);
        foreach (var silo in _silos.OfType<RunningServer>())
        {
            // An event clock spreads within a second or two to machines that did not see its events; what is wrong stays wrong.
            List<string> differences = [];
            for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < Wait.Limit;)
            {
                differences = await LoadComparison.DifferencesAsync(silo.Api, _clients.Select(c => c.Acknowledged));
                if (differences.Count == 0) break;
            }

            Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(30))}");
        }

        // Nobody wrote under an epoch after a newer one had written.
        Assert.Equal(0, Ask("SELECT count(*) FROM (SELECT epoch < lag(epoch) OVER (PARTITION BY shard ORDER BY number) AS wrong FROM livegrains.frame) frames WHERE wrong"));
    }

    /// <summary>Asks the database for a number.</summary>
    public long Ask(string sql)
    {
        using var connection = new NpgsqlConnection(_database);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) client.Stop();
        foreach (var silo in _silos.OfType<RunningServer>()) await silo.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        _postgres.Dispose();
    }

    // What a client did not expect is explained by what the silos said, if by anything.
    private async Task EndOfAsync(IEnumerable<Task> clients)
    {
        try
        {
            await Task.WhenAll(clients).WaitAsync(_patience);
        }
        catch (Exception e) when (e is not TimeoutException)
        {
            throw new InvalidOperationException($"{e.Message}\n{string.Join('\n', _started.Select(p => p.Error))}", e);
        }
    }

    private static async Task<int> ShardsOfAsync(RunningServer silo)
    {
        var metrics = await silo.Api.GetAsync("metrics");
        return metrics.Split('\n').Count(l => l.StartsWith("livegrains_log_position_bytes{", StringComparison.Ordinal));
    }

    private void Announce() => _addresses = [.. _silos.OfType<RunningServer>().Select(s => s.Address)];
}
