using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using LiveGrains.Simulator;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>A `livegrains serve` of this build as a process of its own, ended by process id.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly string? _directory;

    /// <summary>On a fresh directory.</summary>
    public ServerProcess(string directory)
        : this(null, directory, "--data", directory, "--clock", "event", "--snapshot-mb", "0")
    {
    }

    /// <summary>With options of its own.</summary>
    /// <param name="tool">The tool's assembly; null: this one.</param>
    /// <param name="directory">Removed at the end; null: none.</param>
    /// <param name="options">Of `serve`.</param>
    public ServerProcess(string? tool, string? directory, params IReadOnlyList<string> options)
    {
        _directory = directory;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = (IPEndPoint)probe.LocalEndpoint;
        }

        tool ??= typeof(ServerProcess).Assembly.Location;
        // A program of its own runs without the host, and is the tool itself.
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(tool);
        foreach (var argument in (string[])["serve", "--urls", $"http://{Address}", .. options]) start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            WaitReady();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>The processor time it used.</summary>
    public TimeSpan Processor
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        if (_directory != null) Directory.Delete(_directory, true);
    }

    private void WaitReady()
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://{Address}"), Timeout = TimeSpan.FromSeconds(5) };
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30))
        {
            try
            {
                if (client.GetAsync("/healthz/ready").GetAwaiter().GetResult().IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                Thread.Sleep(50);
            }

            if (_process.HasExited) break;
        }

        throw new InvalidOperationException("The server did not start.");
    }
}

/// <summary>NDJSON of the simulated world for HTTP, each line sent once.</summary>
internal sealed class HttpLines
{
    private readonly ReadOnlyMemory<byte> _lines;
    private int _at;

    public HttpLines(bool quick, int events, CancellationToken cancellationToken)
    {
        var simulator = SimulatedWorld.Simulator(quick);
        var buffer = new ArrayBufferWriter<byte>(events * 128);
        for (var left = events; left > 0;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var written = simulator.WriteNext(buffer, Math.Min(left, 4_096));
            if (written == 0) break;
            left -= written;
        }

        _lines = buffer.WrittenMemory;
    }

    /// <summary>The next lines as requests of so many lines each.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Take(int events, int perRequest)
    {
        var rest = _lines[_at..];
        var end = 0;
        for (var i = 0; i < events && end < rest.Length; i++) end += rest.Span[end..].IndexOf((byte)'\n') + 1;
        _at += end;
        return LoadGenerator.PostLines(rest[..end], perRequest);
    }
}

/// <summary>
/// `httpBatch`, and with the same server at half of that rate `ackP50`, `ackP99`, `roomQueryP99`, `recommendP99`: one run gives all, so that
/// they are about the same build in the same minute.
/// </summary>
internal sealed class HttpBatchRun
{
    private const int LiveRooms = 10_000;

    public required double EventsPerSecond { get; init; }
    public required double AckP50Ms { get; init; }
    public required double AckP99Ms { get; init; }
    public required double RoomP99Ms { get; init; }
    public required double RecommendP99Ms { get; init; }
    public required string BatchNote { get; init; }
    public required string HalfNote { get; init; }
    public required string RecommendNote { get; init; }

    public static HttpBatchRun Measure(BenchmarkContext context)
    {
        const int PerRequest = 100;
        var seconds = context.Quick ? 2 : 8;
        var lines = new HttpLines(context.Quick, context.Quick ? 2_500_000 : 12_000_000, context.CancellationToken);
        using var server = new ServerProcess(context.NewDirectory());
        // The server's code is compiled and its first users are known before anything is measured.
        Load(server, lines.Take(300_000, PerRequest), 16, null, 30);
        var processor = server.Processor;
        var full = Load(server, lines.Take(seconds * 700_000, PerRequest), 16, null, seconds);
        var rate = full.RequestsPerSecond * PerRequest;
        var note = string.Create(CultureInfo.InvariantCulture,
            $"{full.Succeeded:N0} requests, server {(server.Processor - processor).TotalSeconds / full.Elapsed.TotalSeconds:N2} cores, p99 {full.Latency.Percentile(99) / 1e6:N1} ms{Failures(full)}");
        var half = rate / 2 / PerRequest;
        // Connections and the generator's threads are made in a second that does not count: a hundredth of the time is 80 ms.
        var warmUp = TimeSpan.FromSeconds(1);
        var (acks, rooms) = Ask(Enumerable.Range(0, 50).Select(i => LoadGenerator.Get($"/v1/rooms/{context.RoomName(i)}")));
        Load(server, LoadGenerator.PostLines(StartedRooms(), 1000), 1, null, 30);
        var (_, lists) = Ask(Enumerable.Range(0, 200).Select(i => LoadGenerator.Get($"/v1/users/{context.UserName(i)}/recommendations?limit=20")));
        return new HttpBatchRun
        {
            EventsPerSecond = rate,
            AckP50Ms = acks.Latency.Percentile(50) / 1e6,
            AckP99Ms = acks.Latency.Percentile(99) / 1e6,
            RoomP99Ms = rooms.Latency.Percentile(99) / 1e6,
            RecommendP99Ms = lists.Latency.Percentile(99) / 1e6,
            BatchNote = note,
            HalfNote = string.Create(CultureInfo.InvariantCulture,
                $"at {half * PerRequest:N0} events/s, {acks.Succeeded:N0} requests, p99.9 {acks.Latency.Percentile(99.9) / 1e6:N1} ms, {acks.Unsent:N0} unsent{Failures(acks)}; rooms: {rooms.Succeeded:N0} answers, p50 {rooms.Latency.Percentile(50) / 1e6:N2} ms{Failures(rooms)}"),
            RecommendNote = string.Create(CultureInfo.InvariantCulture,
                $"at {half * PerRequest:N0} events/s, {lists.Succeeded:N0} lists of 20, {LiveRooms:N0} rooms started beside those of the world, p50 {lists.Latency.Percentile(50) / 1e6:N2} ms, p99.9 {lists.Latency.Percentile(99.9) / 1e6:N1} ms{Failures(lists)}"),
        };

        // Half the rate of events, and beside it two connections that ask a hundred questions a second.
        (LoadResult Events, LoadResult Answers) Ask(IEnumerable<byte[]> questions)
        {
            LoadResult? answers = null;
            var gets = questions.Select(q => (ReadOnlyMemory<byte>)q).ToArray();
            var asking = new Thread(() => answers = LoadGenerator.Run(new LoadOptions
            {
                Server = server.Address,
                Requests = gets,
                Connections = 2,
                RequestsPerSecond = 100,
                Duration = TimeSpan.FromSeconds(seconds),
                WarmUp = warmUp,
                Cycle = true,
            }));
            var requests = lines.Take((int)(half * PerRequest * (seconds + 1) * 1.1), PerRequest);
            asking.Start();
            var events = Load(server, requests, 16, half, seconds, warmUp);
            asking.Join();
            return (events, answers!);
        }
    }

    // Rooms on air, of twenty categories, that nobody has come to yet.
    private static ReadOnlyMemory<byte> StartedRooms()
    {
        var text = new StringBuilder();
        var start = new SimulatorOptions().Start.ToUnixTimeMilliseconds();
        for (var i = 0; i < LiveRooms; i++)
            text.Append(CultureInfo.InvariantCulture, $"{{\"id\":\"s{i}\",\"source\":\"rooms\",\"type\":\"room.start\",\"time\":{start},\"room\":\"started-{i}\",\"host\":\"host {i}\",\"category\":\"category {i % 20}\",\"title\":\"room {i} of category {i % 20}\",\"tags\":[\"tag {i % 300}\"]}}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    internal static LoadResult Load(ServerProcess server, IReadOnlyList<ReadOnlyMemory<byte>> requests, int connections, double? rate, double seconds, TimeSpan warmUp = default) =>
        LoadGenerator.Run(new LoadOptions
        {
            Server = server.Address,
            Requests = requests,
            Connections = connections,
            RequestsPerSecond = rate,
            Duration = TimeSpan.FromSeconds(seconds),
            WarmUp = warmUp,
        });

    internal static string Failures(LoadResult result) => result.Failed.Count == 0 ? "" : "; failed: " + string.Join(", ", result.Failed.Select(f => $"{f.Value} × {f.Key}"));
}

/// <summary>One number of <see cref="HttpBatchRun"/>.</summary>
internal sealed class HttpBatchBenchmark(string name, string what, Func<HttpBatchRun, double> value, string unit, double must, double goal, bool lowerIsBetter) : IBenchmark
{
    public string Name => name;

    public string What => what;

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var run = context.HttpRun(name);
        return new BenchmarkResult(value(run), unit) { Must = must, Goal = goal, LowerIsBetter = lowerIsBetter, Note = name == "recommendP99" ? run.RecommendNote : lowerIsBetter ? run.HalfNote : run.BatchNote };
    }
}

/// <summary>`httpSingle`.</summary>
internal sealed class HttpSingleBenchmark : IBenchmark
{
    public string Name => "httpSingle";

    public string What => "HTTP, 1 event a request, 64 connections, durable, load generator on the same machine";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var seconds = context.Quick ? 2 : 6;
        var lines = new HttpLines(context.Quick, (seconds + 2) * 70_000, context.CancellationToken);
        using var server = new ServerProcess(context.NewDirectory());
        HttpBatchRun.Load(server, lines.Take(100_000, 1), 64, null, 3);
        var result = HttpBatchRun.Load(server, lines.Take(seconds * 70_000, 1), 64, null, seconds);
        return new BenchmarkResult(result.RequestsPerSecond, "requests/s")
        {
            Must = 15e3,
            Goal = 40e3,
            Note = string.Create(CultureInfo.InvariantCulture, $"p50 {result.Latency.Percentile(50) / 1e6:N2} ms, p99 {result.Latency.Percentile(99) / 1e6:N2} ms{HttpBatchRun.Failures(result)}"),
        };
    }
}
