using System.Globalization;
using System.Net.Http;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>Three silos of this build as processes, with a PostgreSQL of their own, all on this machine.</summary>
internal sealed class ClusterProcesses : IDisposable
{
    private const int Count = 3;
    private readonly PostgresServer _postgres = PostgresServer.Start();
    private readonly List<ServerProcess> _silos = [];

    public ClusterProcesses(int shards)
    {
        try
        {
            var database = _postgres.CreateDatabase();
            for (var i = 0; i < Count; i++)
            {
                _silos.Add(new ServerProcess(Tool!, null, "--cluster", "postgres", "--postgres", database, "--silo-port", $"{FreePort.Take()}",
                    "--shards", $"{shards}", "--clock", "event", "--snapshot-mb", "0"));
            }

            WaitSpread(shards);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there is no cluster; null: there can be one.</summary>
    public static string? Missing => PostgresServer.Missing ?? (Tool == null ? "this build has no cluster (dotnet run -c Release --project src/LiveGrains.Silo -- bench)" : null);

    /// <summary>The silos.</summary>
    public IReadOnlyList<ServerProcess> Silos => _silos;

    /// <summary>A silo without a shard; there is one when there are fewer shards than silos.</summary>
    public ServerProcess WithoutShards => _silos.First(s => ShardsOf(s) == 0);

    private static string? Tool => Path.Combine(AppContext.BaseDirectory, "livegrains-silo.dll") is var path && File.Exists(path) ? path : null;

    public void Dispose()
    {
        foreach (var silo in _silos) silo.Dispose();
        _postgres.Dispose();
    }

    // The load is measured when nothing moves.
    private void WaitSpread(int shards)
    {
        var most = (shards + Count - 1) / Count;
        for (var tries = 0; tries < 600; tries++)
        {
            var loads = _silos.Select(ShardsOf).ToList();
            if (loads.Sum() == shards && loads.Max() <= most) return;
            Thread.Sleep(100);
        }

        throw new InvalidOperationException("The shards did not spread.");
    }

    private static int ShardsOf(ServerProcess silo)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{silo.Address}"), Timeout = TimeSpan.FromSeconds(10) };
        return client.GetStringAsync("/metrics").GetAwaiter().GetResult().Split('\n').Count(l => l.StartsWith("livegrains_log_position_bytes{", StringComparison.Ordinal));
    }
}

/// <summary>`clusterBatch`: three silos with PostgreSQL against the single process with files, the same client, in turns.</summary>
/// <param name="name">The benchmark's name.</param>
/// <param name="connections">Of the client, shared out among the silos.</param>
internal sealed class ClusterBatchBenchmark(string name, int connections) : IBenchmark
{
    private const int PerRequest = 100;
    private const int Shards = 3;
    private const int Measured = 2_500_000;

    public string Name => name;

    public string What => $"three silos with a shard each and PostgreSQL on this machine against the single process with files: HTTP NDJSON, 100 a request, {connections} connections, durable";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        if (ClusterProcesses.Missing is { } missing) return BenchmarkResult.Skip(missing);
        var seconds = context.Quick ? 4 : 8;
        var first = context.Quick ? 1_000_000 : 4_000_000;
        var lines = new HttpLines(context.Quick, first + Measured, context.CancellationToken);
        // Each of them gets the same events. Of those that come first each silo has a third, and that must be enough for its code to be
        // compiled to the end: a silo that has just started takes a fifth of what it takes later, and after a million events still half.
        var warmUp = lines.Take(first, PerRequest);
        var requests = lines.Take(Measured, PerRequest);
        double single, postgres, cluster;
        string failures;
        using (var server = new ServerProcess(context.NewDirectory())) single = Load([server], warmUp, requests, seconds, out _);
        using (var database = PostgresServer.Start())
        {
            using var server = new ServerProcess(null, null, "--postgres", database.CreateDatabase(), "--clock", "event", "--snapshot-mb", "0");
            postgres = Load([server], warmUp, requests, seconds, out _);
        }

        using (var silos = new ClusterProcesses(Shards)) cluster = Load(silos.Silos, warmUp, requests, seconds, out failures);
        return new BenchmarkResult(100 * cluster / single, "% of single")
        {
            Must = 30,
            Goal = 60,
            Note = string.Create(CultureInfo.InvariantCulture, $"cluster {cluster:N0} events/s, single with files {single:N0}, single with PostgreSQL {postgres:N0}{failures}"),
        };
    }

    private double Load(IReadOnlyList<ServerProcess> servers, IReadOnlyList<ReadOnlyMemory<byte>> warmUp, IReadOnlyList<ReadOnlyMemory<byte>> requests, double seconds, out string failures)
    {
        Run(servers, warmUp, 120);
        var results = Run(servers, requests, seconds);
        failures = string.Concat(results.Select(HttpBatchRun.Failures));
        return results.Sum(r => r.Succeeded) * PerRequest / results.Max(r => r.Elapsed).TotalSeconds;
    }

    // The generator's connections are shared out among the servers; each request is sent to one of them.
    private LoadResult[] Run(IReadOnlyList<ServerProcess> servers, IReadOnlyList<ReadOnlyMemory<byte>> requests, double seconds)
    {
        var results = new LoadResult[servers.Count];
        var threads = servers.Select((server, i) => new Thread(() =>
            results[i] = HttpBatchRun.Load(server, [.. requests.Where((_, n) => n % servers.Count == i)], connections / servers.Count, null, seconds))).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return results;
    }
}

/// <summary>`clusterRoomP99`: a room's metrics asked of a silo that has no shard at all, so that each answer comes from another one.</summary>
internal sealed class ClusterRoomBenchmark : IBenchmark
{
    public string Name => "clusterRoomP99";

    public string What => "one room's metrics over HTTP, asked of a silo that does not have it, 100 a second";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        if (ClusterProcesses.Missing is { } missing) return BenchmarkResult.Skip(missing);
        var lines = new HttpLines(context.Quick, 200_000, context.CancellationToken);
        using var silos = new ClusterProcesses(shards: 2);
        var wrong = silos.WithoutShards;
        HttpBatchRun.Load(wrong, lines.Take(200_000, 100), 4, null, 30);
        var asked = LoadGenerator.Run(new LoadOptions
        {
            Server = wrong.Address,
            Requests = [.. Enumerable.Range(0, 50).Select(i => (ReadOnlyMemory<byte>)LoadGenerator.Get($"/v1/rooms/{context.RoomName(i)}"))],
            Connections = 2,
            RequestsPerSecond = 100,
            Duration = TimeSpan.FromSeconds(context.Quick ? 5 : 20),
            WarmUp = TimeSpan.FromSeconds(3),
            Cycle = true,
        });
        return new BenchmarkResult(asked.Latency.Percentile(99) / 1e6, "ms")
        {
            Must = 10,
            Goal = 3,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture, $"{asked.Succeeded:N0} answers, p50 {asked.Latency.Percentile(50) / 1e6:N2} ms{HttpBatchRun.Failures(asked)}"),
        };
    }
}
