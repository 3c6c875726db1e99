using System.Buffers;
using LiveGrains.Simulator;

namespace LiveGrains.Cli.Serve;

/// <summary>
/// Plays a simulated platform into an engine in real time: simulated time begins at now, and a chunk of events goes in when
/// the last of them is due. At the end of a simulated year the next one begins with the next seed.
/// </summary>
public sealed class DemoFeed
{
    private const int MinutesOfRun = 365 * 24 * 60;
    private const int LargestChunk = 2_000;
    private static readonly TimeSpan _longSpan = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _shortSpan = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _busyPause = TimeSpan.FromMilliseconds(50);

    private readonly ILiveGrains _engine;
    private readonly TimeProvider _time;
    private readonly SimulatorOptions _options;
    private readonly TextWriter _error;

    /// <summary>Makes the feed; nothing runs yet.</summary>
    public DemoFeed(ILiveGrains engine, TimeProvider time, SimulatorOptions options, TextWriter error)
    {
        _engine = engine;
        _time = time;
        _options = options;
        _error = error;
    }

    /// <summary>Feeds until cancelled; then returns. A refusal that is not `busy` ends the feed with one line, not the server.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var run = 0; ; run++)
            {
                await RunOnceAsync(run, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The server is stopping.
        }
        catch (LiveGrainsException refusal)
        {
            _error.WriteLine($"The demo ends: {refusal.Code.Describe().Code}: {refusal.Message}");
        }
    }

    private async Task RunOnceAsync(int run, CancellationToken cancellationToken)
    {
        var start = _time.GetUtcNow();
        var simulator = new PlatformSimulator(_options with
        {
            Seed = (ulong)(start.ToUnixTimeMilliseconds() + run),
            Minutes = MinutesOfRun,
            Start = start,
            // Runs of the demo on one data directory must not take each other's ids for duplicates.
            Source = $"demo-{start.ToUnixTimeMilliseconds()}",
        });
        var buffer = new ArrayBufferWriter<byte>(1 << 18);
        var chunk = 64;
        while (true)
        {
            var before = simulator.CurrentTimeMs;
            buffer.ResetWrittenCount();
            if (simulator.WriteNext(buffer, chunk) == 0) return;
            var span = TimeSpan.FromMilliseconds(simulator.CurrentTimeMs - before);
            if (span > _longSpan) chunk = Math.Max(chunk / 2, 1);
            if (span < _shortSpan) chunk = Math.Min(chunk * 2, LargestChunk);

            var wait = DateTimeOffset.FromUnixTimeMilliseconds(simulator.CurrentTimeMs) - _time.GetUtcNow();
            if (wait > TimeSpan.Zero) await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
            await IngestAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task IngestAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await _engine.IngestAsync(body, EventFormat.NdJson, null, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (LiveGrainsException refusal) when (refusal.Code is ErrorCode.Busy or ErrorCode.StorageFull or ErrorCode.StorageUnavailable or ErrorCode.ShardUnavailable)
            {
                await Task.Delay(_busyPause, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
