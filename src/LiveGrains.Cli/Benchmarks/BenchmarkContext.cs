using System.Buffers;
using LiveGrains.Simulator;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>What benchmarks share: their size, a directory of their own, events. Not safe for several threads.</summary>
public sealed class BenchmarkContext : IDisposable
{
    private IReadOnlyList<BenchmarkEvent>? _events;
    private byte[]? _lines;
    private string? _directory;

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

    /// <summary>Removes the files.</summary>
    public void Dispose()
    {
        if (_directory is null) return;
        System.IO.Directory.Delete(_directory, recursive: true);
        _directory = null;
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
