using System.Buffers;
using LiveGrains.Simulator;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>What benchmarks share: their size, a directory of their own, events. Not safe for several threads.</summary>
public sealed class BenchmarkContext : IDisposable
{
    private IReadOnlyList<BenchmarkEvent>? _events;
    private byte[]? _lines;
    private string? _directory;
    private SimulatedWorld? _world;
    private string[]? _rooms;
    private string[]? _users;
    private readonly List<HttpBatchRun> _httpRuns = [];
    private readonly Dictionary<string, int> _httpTaken = [];
    private int _directories;

    /// <summary>Makes a context.</summary>
    /// <param name="quick">A tenth of the work, for a first look.</param>
    /// <param name="cancellationToken">Ends the benchmarks between steps.</param>
    public BenchmarkContext(bool quick, CancellationToken cancellationToken)
    {
        Quick = quick;
        CancellationToken = cancellationToken;
    }

    /// <summary>A tenth of the work.</summary>
    public bool Quick { get; }

    /// <summary>Ends the benchmarks.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Number of events of <see cref="Events"/> and <see cref="Lines"/>.</summary>
    public int EventCount => Quick ? 50_000 : 500_000;

    /// <summary>A simulated platform as NDJSON; made once.</summary>
    public ReadOnlyMemory<byte> Lines => _lines ??= Simulate(EventCount);

    /// <summary>The same, parsed; made once.</summary>
    public IReadOnlyList<BenchmarkEvent> Events => _events ??= BenchmarkEvent.ParseLines(Lines);

    /// <summary>A directory for files, removed at the end.</summary>
    public string Directory => _directory ??= System.IO.Directory.CreateTempSubdirectory("livegrains-bench-").FullName;

    /// <summary>The large world, as blocks; made once.</summary>
    internal SimulatedWorld World => _world ??= new SimulatedWorld(Quick, CancellationToken);

    /// <summary>An empty directory that the benchmark removes.</summary>
    internal string NewDirectory() => Path.Combine(Directory, $"{++_directories}");

    /// <summary>The id of a room of the large world that is on air early.</summary>
    internal string RoomName(int index) => (_rooms ??= Find(e => e.Room, 50))[index % _rooms.Length];

    /// <summary>The id of a user of the large world who is there early.</summary>
    internal string UserName(int index) => (_users ??= Find(e => e.User, 200))[index % _users.Length];

    /// <summary>The next run of the HTTP benchmark that a number has not been taken from: the first number asked makes it, the others share it.</summary>
    internal HttpBatchRun HttpRun(string number)
    {
        _world = null; // 2.5 GB that nobody needs beside the server
        var taken = _httpTaken.GetValueOrDefault(number);
        _httpTaken[number] = taken + 1;
        while (_httpRuns.Count <= taken) _httpRuns.Add(HttpBatchRun.Measure(this));
        return _httpRuns[taken];
    }

    /// <summary>Removes the files.</summary>
    public void Dispose()
    {
        if (_directory is null) return;
        System.IO.Directory.Delete(_directory, recursive: true);
        _directory = null;
    }

    private string[] Find(Func<BenchmarkEvent, string?> id, int most)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        SimulatedWorld.Simulator(Quick).WriteNext(buffer, 20_000);
        return BenchmarkEvent.ParseLines(buffer.WrittenMemory).Where(e => e.Type == "enter").Select(e => id(e)!).Distinct().Take(most).ToArray();
    }

    private static byte[] Simulate(int events)
    {
        var buffer = new ArrayBufferWriter<byte>(events * 256);
        var left = events;
        for (ulong seed = 1; left > 0; seed++)
        {
            var simulator = new PlatformSimulator(new SimulatorOptions
            {
                Seed = seed,
                Rooms = 100,
                Users = 50_000,
                Products = 500,
                Minutes = 120,
                Start = new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero),
                Activity = 1,
                Source = $"bench-{seed}",
            });
            while (left > 0 && simulator.WriteNext(buffer, Math.Min(left, 4_096)) is > 0 and var written) left -= written;
        }
        return buffer.WrittenSpan.ToArray();
    }
}
