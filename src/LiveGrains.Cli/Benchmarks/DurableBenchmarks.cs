using System.Diagnostics;
using System.Globalization;
using LiveGrains.Core;
using LiveGrains.Engine;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>A shard on a real disk with its own thread, fed with the world's blocks.</summary>
internal sealed class DurableShard : IDisposable
{
    private const int Outstanding = 64;
    private readonly Queue<IngestBlock> _free = new(Enumerable.Range(0, Outstanding).Select(_ => new IngestBlock()));
    private readonly Queue<IngestBlock> _sent = new();
    private readonly SimulatedWorld _world;

    public DurableShard(SimulatedWorld world, string directory)
        : this(world, Shard.Open(new FileStorage(directory), world.Settings, 7, new EngineOptions().SegmentBytes, action => Task.Run(action)))
    {
        Directory = directory;
    }

    /// <summary>With a shard that is opened already, wherever its log is.</summary>
    public DurableShard(SimulatedWorld world, Shard shard)
    {
        _world = world;
        var options = new EngineOptions { Clock = ClockMode.Event, SnapshotLogBytes = 0, MaxQueueBytes = 1L << 30 };
        Shard = shard;
        Runner = new ShardRunner(0, shard, options, TimeProvider.System, new EngineClock(ClockMode.Event, TimeProvider.System, Math.Max(0, shard.State.ClockMs)), _ => { });
    }

    public string? Directory { get; }
    public Shard Shard { get; }
    public ShardRunner Runner { get; }

    /// <summary>Longest time between two acknowledgements, ms, as the feeding thread sees it.</summary>
    public double LongestGapMs { get; set; }

    /// <summary>Feeds blocks until all are acknowledged; returns their events.</summary>
    public long Feed(IEnumerable<(byte[] Records, int Count)> blocks, Func<bool>? until = null)
    {
        long events = 0;
        var last = Stopwatch.GetTimestamp();
        foreach (var (records, count) in blocks)
        {
            if (until?.Invoke() == true) break;
            if (_free.Count == 0) Await(ref last);
            var block = _free.Dequeue();
            records.CopyTo(block.Reserve(records.Length));
            block.AppendAll(records.Length, count);
            Runner.Submit(block);
            _sent.Enqueue(block);
            events += count;
        }

        while (_sent.Count > 0) Await(ref last);
        return events;
    }

    public void Dispose()
    {
        Runner.Dispose();
        if (Directory is { } directory) System.IO.Directory.Delete(directory, recursive: true);
    }

    private void Await(ref long last)
    {
        var block = _sent.Dequeue();
        block.Completion().AsTask().GetAwaiter().GetResult();
        var now = Stopwatch.GetTimestamp();
        LongestGapMs = Math.Max(LongestGapMs, (now - last) * 1000.0 / Stopwatch.Frequency);
        last = now;
        block.Reset();
        _free.Enqueue(block);
    }
}

/// <summary>`durable`.</summary>
internal sealed class DurableBenchmark : IBenchmark
{
    public string Name => "durable";

    public string What => "durable, in process, blocks of 1,000 in, fdatasync before each acknowledgement";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        using var shard = new DurableShard(context.World, context.NewDirectory());
        var start = Stopwatch.GetTimestamp();
        var events = shard.Feed(context.World.Blocks);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var status = shard.Runner.Status();
        return new BenchmarkResult(events / seconds, "events/s")
        {
            Must = 1.5e6,
            Goal = 4e6,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"{status.LogFrames:N0} frames, {status.LogPosition / 1e6 / seconds:N0} MB/s; of the shard's thread {status.FoldMicrosecondsTotal / seconds / 1e4:N0} % fold, {status.SyncMicrosecondsTotal / seconds / 1e4:N0} % write and sync"),
        };
    }
}

/// <summary>`snapshotPauseMs`.</summary>
internal sealed class SnapshotPauseBenchmark : IBenchmark
{
    public string Name => "snapshotPauseMs";

    public string What => "longest time between two acknowledgements under full load while a snapshot is made";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var blocks = context.World.Blocks;
        using var shard = new DurableShard(context.World, context.NewDirectory());
        shard.Feed(blocks.Take(blocks.Count / 2));
        // The same load without a snapshot, for what the disk alone does.
        shard.LongestGapMs = 0;
        shard.Feed(blocks.Skip(blocks.Count / 2).Take(blocks.Count / 6));
        var without = shard.LongestGapMs;
        shard.LongestGapMs = 0;
        var snapshot = shard.Runner.SnapshotAsync();
        var events = shard.Feed(blocks.Skip(blocks.Count * 2 / 3), () => snapshot.IsCompleted);
        var covered = snapshot.IsCompleted;
        var with = shard.LongestGapMs;
        snapshot.Wait();
        return new BenchmarkResult(with, "ms")
        {
            Must = 20,
            Goal = 3,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"without a snapshot {without:N1} ms; snapshot of {shard.Shard.State.Users.Count:N0} users took {shard.Runner.Status().SnapshotSeconds:N1} s{(covered ? "" : ", the load ended first")}; {events:N0} events meanwhile"),
        };
    }
}

/// <summary>`restartSeconds`.</summary>
internal sealed class RestartBenchmark : IBenchmark
{
    private const int LogEvents = 2_500_000;

    public string Name => "restartSeconds";

    public string What => "from start to ready: snapshot of 1 M users and 10 s of log at 250,000 events/s behind it";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var directory = context.NewDirectory();
        var world = context.World;
        var storage = new FileStorage(directory);
        var tail = context.Quick ? LogEvents / 10 : LogEvents;
        using (var shard = Shard.Open(storage, world.Settings, 7, 64 << 20))
        {
            var block = new IngestBlock();
            var left = world.Events;
            var snapshot = false;
            foreach (var (records, count) in world.Blocks)
            {
                if (left <= tail && !snapshot)
                {
                    shard.WriteSnapshot(0, 1);
                    snapshot = true;
                }

                records.CopyTo(block.Reserve(records.Length));
                block.AppendAll(records.Length, count);
                shard.Commit([block], 0);
                shard.Fold(block);
                block.Reset();
                left -= count;
            }

            shard.Seal();
        }

        var start = Stopwatch.GetTimestamp();
        using var opened = Shard.Open(storage, world.Settings, 7, 64 << 20);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var note = string.Create(CultureInfo.InvariantCulture, $"{opened.State.Users.Count:N0} users, {opened.Recovery.Events:N0} events of log, files in the page cache");
        opened.Dispose();
        System.IO.Directory.Delete(directory, true);
        return new BenchmarkResult(seconds, "s") { Must = 5, Goal = 1, LowerIsBetter = true, Note = note };
    }
}
