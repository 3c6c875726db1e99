using System.Diagnostics;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Shards;

namespace LiveGrains.Engine.Snapshots;

/// <summary>Runs the snapshot builder of a shard, one at a time, when enough log has come together. Any thread.</summary>
internal sealed class SnapshotSchedule : IDisposable
{
    private readonly IShardLog _log;
    private readonly uint _shard;
    private readonly uint _shards;
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<Exception> _report;
    private readonly object _gate = new();
    private Task _running = Task.CompletedTask;
    private long _position;
    private long _failedAt = -1;
    private long _count;

    public SnapshotSchedule(IShardLog log, uint shard, uint shards, EngineOptions options, long position, TimeProvider time, Action<Exception> report)
    {
        _log = log;
        _shard = shard;
        _shards = shards;
        _options = options;
        _time = time;
        _report = report;
        _position = position;
        LookAtLog();
    }

    /// <summary>Called, on the snapshot's thread, when one was made; null: nobody.</summary>
    public Action? Made { get; init; }

    /// <summary>Snapshots made since the process started.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Position of the newest snapshot, or −1.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>Where the log that is kept begins.</summary>
    public long FirstPosition { get; private set; }

    /// <summary>Segments that are kept, as of the last snapshot.</summary>
    public long Segments { get; private set; }

    /// <summary>How long the last one took.</summary>
    public double LastSeconds { get; private set; }

    /// <summary>Begins a snapshot when enough log came since the last. Cheap; called after every group.</summary>
    public void Consider(long durablePosition)
    {
        if (_options.SnapshotLogBytes == 0) return;
        var since = Math.Max(Math.Max(Position, 0), Volatile.Read(ref _failedAt));
        if (durablePosition - since >= _options.SnapshotLogBytes && _running.IsCompleted) _ = RunAsync(durablePosition);
    }

    /// <summary>Makes a snapshot at or behind a durable position, after the one that is being made.</summary>
    public Task RunAsync(long durablePosition)
    {
        lock (_gate)
        {
            _running = _running.ContinueWith(_ => Build(durablePosition), CancellationToken.None, TaskContinuationOptions.LongRunning, TaskScheduler.Default);
            return _running;
        }
    }

    /// <summary>Waits for the snapshot that is being made.</summary>
    public void Wait()
    {
        Task running;
        lock (_gate) running = _running;
        running.Wait();
    }

    /// <inheritdoc/>
    public void Dispose() => Wait();

    private void Build(long durablePosition)
    {
        if (durablePosition <= Position) return;
        var start = Stopwatch.GetTimestamp();
        using var activity = EngineTelemetry.Source.StartActivity("snapshot");
        activity?.SetTag("livegrains.shard", (long)_shard);
        // A thread of its own, which ends with the snapshot.
        ThreadPriorities.YieldToOthers();
        try
        {
            var position = SnapshotBuilder.Build(_log, durablePosition, _shard, _shards);
            Volatile.Write(ref _position, position);
            activity?.SetTag("livegrains.log.position", position);
            Interlocked.Increment(ref _count);
            _log.Retain(_options.RetainLogBytes);
            LookAtLog();
            Made?.Invoke();
        }
        catch (Exception e) when (e is IOException or InvalidDataException or LiveGrainsException)
        {
            // The log is kept as long as there is no snapshot of it, so a failure costs room and time, not data.
            Volatile.Write(ref _failedAt, durablePosition);
            activity?.SetStatus(ActivityStatusCode.Error);
            _report(e);
        }

        LastSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void LookAtLog()
    {
        var extent = _log.Extent();
        Segments = extent.Segments;
        FirstPosition = Math.Max(0, extent.FirstPosition);
    }
}
