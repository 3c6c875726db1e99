using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// Loads an HTTP server from prebuilt requests. A thread with a blocking socket per connection: one send and one receive a
/// request and no framework between, because the generator shares its processors with the server it measures.
/// <para>Closed loop: every connection sends when it is answered. Open loop: request i is due at start + i ÷ rate whatever the
/// server does, and its latency counts from when it was due; so a server that stalls is charged for every request that
/// had to wait (no coordinated omission, G. Tene, "How NOT to measure latency").</para>
/// </summary>
public static class LoadGenerator
{
    private const int StackBytes = 256 << 10;

    /// <summary>A POST with a body.</summary>
    public static byte[] Post(string path, string contentType, ReadOnlySpan<byte> body)
    {
        var head = Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\n\r\n"));
        var request = new byte[head.Length + body.Length];
        head.CopyTo(request, 0);
        body.CopyTo(request.AsSpan(head.Length));
        return request;
    }

    /// <summary>A GET.</summary>
    public static byte[] Get(string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");

    /// <summary>NDJSON cut into POSTs of so many lines.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> PostLines(ReadOnlyMemory<byte> lines, int linesPerRequest, string path = "/v1/events")
    {
        var requests = new List<ReadOnlyMemory<byte>>();
        var span = lines.Span;
        var start = 0;
        while (start < span.Length)
        {
            var end = start;
            for (var i = 0; i < linesPerRequest && end < span.Length; i++)
            {
                var feed = span[end..].IndexOf((byte)'\n');
                end = feed < 0 ? span.Length : end + feed + 1;
            }
            requests.Add(Post(path, "application/x-ndjson", span[start..end]));
            start = end;
        }
        return requests;
    }

    /// <summary>Runs the load to its end. Blocks; throws <see cref="SocketException"/> when the server cannot be reached at the start.</summary>
    public static LoadResult Run(LoadOptions options, CancellationToken cancellationToken = default)
    {
        var run = new SharedRun(options, cancellationToken);
        var connections = new LoadConnection[options.Connections];
        try
        {
            for (var i = 0; i < connections.Length; i++) connections[i] = new LoadConnection(options.Server);
            var threads = new Thread[connections.Length];
            var histograms = new LatencyHistogram[connections.Length];
            run.Begin();
            for (var i = 0; i < threads.Length; i++)
            {
                var connection = connections[i];
                var histogram = histograms[i] = new LatencyHistogram();
                threads[i] = new Thread(() => run.Drive(connection, histogram), StackBytes) { IsBackground = true, Name = "load" };
                threads[i].Start();
            }
            foreach (var thread in threads) thread.Join();
            return run.Result(histograms);
        }
        finally
        {
            foreach (var connection in connections) connection?.Dispose();
        }
    }

    private sealed class SharedRun(LoadOptions options, CancellationToken cancellationToken)
    {
        private readonly Dictionary<int, long> _failed = [];
        private readonly Lock _lock = new();
        private long _next = -1;
        private long _succeeded;
        private long _lastAnswer;
        private long _start;
        private long _counted;
        private long _end;

        public void Begin()
        {
            _start = Stopwatch.GetTimestamp();
            _lastAnswer = _start;
            _counted = _start + (long)(options.WarmUp.TotalSeconds * Stopwatch.Frequency);
            _end = _counted + (long)(options.Duration.TotalSeconds * Stopwatch.Frequency);
        }

        public void Drive(LoadConnection connection, LatencyHistogram histogram)
        {
            var ticksPerRequest = options.RequestsPerSecond is { } rate ? Stopwatch.Frequency / rate : 0;
            long succeeded = 0;
            var last = _start;
            while (!cancellationToken.IsCancellationRequested)
            {
                // The next free connection takes the next request that is due, as in a queue before them.
                var number = Interlocked.Increment(ref _next);
                if (!options.Cycle && number >= options.Requests.Count) break;
                var from = Stopwatch.GetTimestamp();
                if (ticksPerRequest > 0)
                {
                    var due = _start + (long)(number * ticksPerRequest);
                    if (due >= _end) break;
                    if (due > from) PreciseSleep.Until(due);
                    from = due;
                }
                if (Stopwatch.GetTimestamp() >= _end) break;
                var status = connection.Exchange(options.Requests[(int)(number % options.Requests.Count)]);
                last = Stopwatch.GetTimestamp();
                if (from >= _counted) histogram.Record((long)((last - from) * (1e9 / Stopwatch.Frequency)));
                if (status is >= 200 and < 300)
                {
                    if (from >= _counted) succeeded++;
                    continue;
                }
                lock (_lock) _failed[status] = _failed.GetValueOrDefault(status) + 1;
                if (status == 0 && !connection.TryReconnect()) break;
            }
            lock (_lock)
            {
                _succeeded += succeeded;
                _lastAnswer = Math.Max(_lastAnswer, last);
            }
        }

        public LoadResult Result(LatencyHistogram[] histograms)
        {
            var latency = new LatencyHistogram();
            foreach (var histogram in histograms) latency.Add(histogram);
            var due = options.RequestsPerSecond is { } rate
                ? (long)Math.Ceiling(rate * options.Duration.TotalSeconds)
                : latency.Count;
            if (!options.Cycle) due = Math.Min(due, options.Requests.Count - (options.RequestsPerSecond is { } paced ? (long)(paced * options.WarmUp.TotalSeconds) : 0));
            return new LoadResult
            {
                Succeeded = _succeeded,
                Failed = _failed,
                Elapsed = Stopwatch.GetElapsedTime(_counted, Math.Max(_lastAnswer, _counted)),
                Latency = latency,
                Unsent = cancellationToken.IsCancellationRequested ? 0 : Math.Max(due - latency.Count, 0),
            };
        }
    }
}
