using System.Net;
using System.Net.Sockets;
using System.Text;
using LiveGrains.Cli.Bench;
using LiveGrains.Cli.Benchmarks;

namespace LiveGrains.Cli.Tests;

public sealed class BenchmarkTests
{
    [Fact]
    public void Percentiles_of_the_histogram_are_within_one_percent()
    {
        var histogram = new LatencyHistogram();
        var random = new Random(7);
        var values = new long[200_000];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (long)Math.Pow(10, random.NextDouble() * 10);
            histogram.Record(values[i]);
        }
        Array.Sort(values);

        foreach (var percent in (double[])[0.1, 1, 10, 50, 90, 99, 99.9, 99.99, 100])
        {
            var exact = values[Math.Max((int)Math.Ceiling(percent / 100 * values.Length) - 1, 0)];
            Assert.InRange(histogram.Percentile(percent), exact * 0.99, exact * 1.01);
        }
        Assert.Equal(values[^1], histogram.MaxNanoseconds);
        Assert.Equal(values.Average(), histogram.MeanNanoseconds, values.Average() * 1e-9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(1L << 40)]
    [InlineData((1L << 62) - 1)]
    public void One_value_is_its_own_percentile(long value)
    {
        var histogram = new LatencyHistogram();
        histogram.Record(value);

        Assert.InRange(histogram.Percentile(50), value * 0.99, value * 1.01);
    }

    [Fact]
    public void Merged_histograms_are_one_histogram()
    {
        var first = new LatencyHistogram();
        var second = new LatencyHistogram();
        first.Record(100);
        second.Record(300);
        first.Add(second);

        Assert.Equal(2, first.Count);
        Assert.Equal(100, first.Percentile(50));
        Assert.Equal(300, first.Percentile(100));
    }

    [Theory]
    [InlineData("HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length:2\r\nDate: now\r\n\r\n{}")]
    [InlineData("HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n")]
    public void The_load_generator_reads_answers_with_a_length_or_in_chunks_to_their_end(string answer)
    {
        using var server = new AnsweringServer(answer);
        var requests = Enumerable.Range(0, 50).Select(i => (ReadOnlyMemory<byte>)LoadGenerator.Post("/v1/events", "application/x-ndjson", Samples.Bytes(i, 1))).ToArray();

        var result = LoadGenerator.Run(new LoadOptions { Server = server.Address, Requests = requests, Connections = 3 });

        Assert.Equal(50, result.Succeeded);
        Assert.Empty(result.Failed);
        Assert.Equal(50, result.Latency.Count);
    }

    [Fact]
    public void In_the_open_loop_a_stall_is_charged_to_every_request_that_waited()
    {
        // One connection, 100 requests a second, each answered after 30 ms: the queue grows, and so must the latency.
        using var server = new AnsweringServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", TimeSpan.FromMilliseconds(30));
        var result = LoadGenerator.Run(new LoadOptions
        {
            Server = server.Address,
            Requests = [LoadGenerator.Get("/")],
            Cycle = true,
            Connections = 1,
            RequestsPerSecond = 100,
            Duration = TimeSpan.FromSeconds(4),
        });

        Assert.True(result.Latency.Percentile(90) > 300e6, result.Latency.ToString());
        Assert.True(result.Unsent > 0);
    }

    [Fact]
    public void Lines_are_cut_into_requests_without_loss()
    {
        var requests = LoadGenerator.PostLines(Samples.Bytes(0, 25), 10);

        Assert.Equal(3, requests.Count);
        var bodies = requests.Select(r => Encoding.UTF8.GetString(r.Span)).Select(r => r[(r.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        Assert.Equal(Samples.Lines(0, 25), string.Concat(bodies));
    }

    [Fact]
    public async Task Actors_count_every_event()
    {
        var events = BenchmarkEvent.ParseLines(Samples.Bytes(0, 1_000));

        Assert.Equal(1_000, events.Count);
        Assert.True(await ActorPerEntity.Measure(events, CancellationToken.None) > 0);
    }

    [Fact]
    public void Redis_commands_are_RESP_and_counted()
    {
        var pipelines = RedisPipeline.Encode(BenchmarkEvent.ParseLines(Samples.Bytes(0, 1_500)));

        Assert.Equal(2, pipelines.Count);
        Assert.Equal(1_000 * 5, pipelines[0].Commands);
        Assert.StartsWith("*4\r\n$7\r\nHINCRBY\r\n$8\r\nr:room-1\r\n$4\r\nlike\r\n$1\r\n1\r\n", Encoding.UTF8.GetString(pipelines[0].Bytes));
    }

    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 2, 3 }, 2.5)]
    public void The_median_is_the_middle(double[] values, double median) => Assert.Equal(median, BenchCommand.Median(values));

    [Fact]
    public async Task The_report_has_medians_runs_bars_skips_and_failures()
    {
        var writer = new StringWriter();
        var environment = new ToolEnvironment { Out = writer, Error = TextWriter.Null, OpenInput = () => Stream.Null, OpenOutput = () => Stream.Null };
        var command = BenchCommand.Create(environment, [new Steps(), new Absent(), new Broken()]);

        var code = await command.Parse(["--format", "json", "--runs", "3"]).InvokeAsync();

        Assert.Equal(1, code);
        using var json = System.Text.Json.JsonDocument.Parse(writer.ToString());
        Assert.False(string.IsNullOrEmpty(json.RootElement.GetProperty("machine").GetProperty("cpu").GetString()));
        var results = json.RootElement.GetProperty("results");
        Assert.Equal(20, results[0].GetProperty("value").GetDouble());
        Assert.Equal(3, results[0].GetProperty("runs").GetArrayLength());
        Assert.Equal(5, results[0].GetProperty("must").GetDouble());
        Assert.Equal("not here", results[1].GetProperty("skipped").GetString());
        Assert.Contains("broken", results[2].GetProperty("error").GetString());
    }

    private sealed class Steps : IBenchmark
    {
        private double _value;

        public string Name => "steps";

        public string What => "counts by ten";

        public BenchmarkResult Run(BenchmarkContext context) => new(_value += 10, "things/s") { Must = 5 };
    }

    private sealed class Absent : IBenchmark
    {
        public string Name => "absent";

        public string What => "is not installed";

        public BenchmarkResult Run(BenchmarkContext context) => BenchmarkResult.Skip("not here");
    }

    private sealed class Broken : IBenchmark
    {
        public string Name => "broken";

        public string What => "fails";

        public BenchmarkResult Run(BenchmarkContext context) => throw new IOException("broken");
    }

    /// <summary>Answers every request with the same bytes, one after the other on each connection.</summary>
    private sealed class AnsweringServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly byte[] _answer;
        private readonly TimeSpan _delay;

        public AnsweringServer(string answer, TimeSpan delay = default)
        {
            _answer = Encoding.ASCII.GetBytes(answer);
            _delay = delay;
            _listener.Start();
            new Thread(Accept) { IsBackground = true }.Start();
        }

        public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

        public void Dispose() => _listener.Dispose();

        private void Accept()
        {
            try
            {
                while (true)
                {
                    var socket = _listener.AcceptSocket();
                    new Thread(() => Answer(socket)) { IsBackground = true }.Start();
                }
            }
            catch (Exception exception) when (exception is SocketException or InvalidOperationException or NullReferenceException)
            {
                // The listener is closed; between two calls it throws any of these.
            }
        }

        private void Answer(Socket socket)
        {
            using (socket)
            {
                // The generator may leave before it read its last answer.
                try
                {
                    AnswerAll(socket);
                }
                catch (SocketException)
                {
                }
            }
        }

        private void AnswerAll(Socket socket)
        {
            var buffer = new byte[64 << 10];
            while (socket.Receive(buffer) > 0)
            {
                if (_delay > TimeSpan.Zero) Thread.Sleep(_delay);
                socket.Send(_answer);
            }
        }
    }
}
