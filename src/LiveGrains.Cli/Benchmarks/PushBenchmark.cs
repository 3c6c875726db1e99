using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>`pushCores`.</summary>
internal sealed class PushBenchmark : IBenchmark
{
    private const int SpareFiles = 200;
    private const string Room = "watched";

    public string Name => "pushCores";

    public string What => "processor of pushing one room's changes, 4 a second, to 10,000 connections on loopback: the server process with them less the same with one";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var readers = context.Quick ? 1_000 : 10_000;
        if (MostOpenFiles() is { } most && most < readers + SpareFiles)
            return BenchmarkResult.Skip($"a process may open {most:N0} files here and {readers + SpareFiles:N0} are needed; raise it with `ulimit -n`");

        var seconds = context.Quick ? 3 : 10;
        using var server = new ServerProcess(context.NewDirectory());
        using var feed = new RoomFeed(server.Address);
        using var alone = new Readers(server.Address, 1);
        // The first seconds compile.
        Measure(server, alone, 3, context.CancellationToken);
        var before = Measure(server, alone, seconds, context.CancellationToken);
        using var all = new Readers(server.Address, readers - 1);
        Measure(server, all, 2, context.CancellationToken);
        var during = Measure(server, all, seconds, context.CancellationToken);
        var factor = 10_000.0 / readers;
        return new BenchmarkResult((during.Cores - before.Cores) * factor, "cores")
        {
            Must = 1,
            Goal = 0.3,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"user and system time of the server process ÷ time, {seconds} s each, 20 events/s: {during.Cores:N3} with {readers:N0} readers, {before.Cores:N3} with one; {during.Changes / (double)seconds / (readers - 1):N2} changes/s a reader, {during.Snapshots} snapshots, {during.Bytes / Math.Max(1, during.Changes)} bytes a change{(context.Quick ? "; the difference times ten" : "")}"),
        };
    }

    private static (double Cores, long Changes, long Snapshots, long Bytes) Measure(ServerProcess server, Readers readers, int seconds, CancellationToken stop)
    {
        readers.Take();
        var processor = server.Processor;
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            stop.ThrowIfCancellationRequested();
            var pass = Stopwatch.GetTimestamp();
            readers.Read();
            var rest = TimeSpan.FromMilliseconds(100) - Stopwatch.GetElapsedTime(pass);
            if (rest > TimeSpan.Zero) Thread.Sleep(rest);
        }
        var cores = (server.Processor - processor).TotalSeconds / Stopwatch.GetElapsedTime(start).TotalSeconds;
        var (changes, snapshots, bytes) = readers.Take();
        return (cores, changes, snapshots, bytes);
    }

    /// <summary>Files a process may have open: the runtime raises its own limit to the hard one. Null: not known on this system.</summary>
    private static long? MostOpenFiles()
    {
        if (!File.Exists("/proc/self/limits")) return null;
        var line = File.ReadLines("/proc/self/limits").FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is { Length: > 4 } && long.TryParse(words[4], CultureInfo.InvariantCulture, out var hard) ? hard : null;
    }

    /// <summary>Connections that read one stream each and only count. One thread.</summary>
    private sealed class Readers : IDisposable
    {
        private readonly List<Socket> _sockets = [];
        private readonly byte[] _buffer = new byte[64 << 10];
        private long _changes;
        private long _snapshots;
        private long _bytes;

        public Readers(IPEndPoint server, int count)
        {
            var request = Encoding.ASCII.GetBytes($"GET /v1/rooms/{Room}/live HTTP/1.1\r\nHost: {server}\r\n\r\n");
            for (var i = 0; i < count; i++)
            {
                var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                _sockets.Add(socket);
                socket.Connect(server);
                socket.Send(request);
                // The head and the snapshot tell that it takes part.
                if (socket.Receive(_buffer) == 0 || !_buffer.AsSpan().StartsWith("HTTP/1.1 200"u8)) throw new InvalidOperationException($"Connection {i} was not taken.");
                socket.Blocking = false;
            }
        }

        public void Read()
        {
            foreach (var socket in _sockets)
            {
                int read;
                while ((read = socket.Receive(_buffer, SocketFlags.None, out var error)) > 0 && error == SocketError.Success)
                {
                    _bytes += read;
                    _changes += Count("event: change"u8, read);
                    _snapshots += Count("event: snapshot"u8, read);
                    if (read < _buffer.Length) break;
                }
            }
        }

        public (long Changes, long Snapshots, long Bytes) Take()
        {
            var taken = (_changes, _snapshots, _bytes);
            _changes = _snapshots = _bytes = 0;
            return taken;
        }

        public void Dispose()
        {
            foreach (var socket in _sockets) socket.Dispose();
        }

        private int Count(ReadOnlySpan<byte> text, int read)
        {
            var rest = _buffer.AsSpan(0, read);
            var count = 0;
            for (int at; (at = rest.IndexOf(text)) >= 0; rest = rest[(at + text.Length)..]) count++;
            return count;
        }
    }

    /// <summary>A room with something new in every tick: 20 events a second.</summary>
    private sealed class RoomFeed : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Thread _thread;

        public RoomFeed(IPEndPoint server)
        {
            using var first = new LoadConnection(server);
            if (first.Exchange(Post(0)) != 202) throw new InvalidOperationException("The first event was not accepted.");
            _thread = new Thread(() => Feed(server));
            _thread.Start();
        }

        public void Dispose()
        {
            _stop.Cancel();
            _thread.Join();
            _stop.Dispose();
        }

        private void Feed(IPEndPoint server)
        {
            using var connection = new LoadConnection(server);
            for (var i = 1; !_stop.Token.WaitHandle.WaitOne(50); i++) connection.Exchange(Post(i));
        }

        private static ReadOnlyMemory<byte> Post(int i)
        {
            var type = (i % 4) switch { 0 => "enter", 1 => "like", 2 => "comment", _ => "heartbeat" };
            var line = string.Create(CultureInfo.InvariantCulture,
                $"{{\"id\":\"{i}\",\"type\":\"{type}\",\"time\":{1_800_000_000_000 + i * 50L},\"room\":\"{Room}\",\"user\":\"u{i % 500}\"}}\n");
            return LoadGenerator.PostLines(Encoding.UTF8.GetBytes(line), 1)[0];
        }
    }
}
