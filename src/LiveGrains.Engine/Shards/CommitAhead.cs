using System.Diagnostics;
using LiveGrains.Engine.Ingest;

namespace LiveGrains.Engine.Shards;

/// <summary>
/// Makes a group of blocks durable on a thread of its own while the shard's thread folds the group before it. Used only when
/// blocks wait, so that under little load an event passes no second thread. One group at a time; while one is on its way,
/// nobody else touches the log. Start and wait are for one thread.
/// </summary>
internal sealed class CommitAhead : IDisposable
{
    private readonly Shard _shard;
    private readonly SemaphoreSlim _started = new(0);
    private readonly SemaphoreSlim _ended = new(0);
    private readonly Thread _thread;
    private readonly IngestBlock[] _group;
    private int _count;
    private long _clockMs;
    private Exception? _failure;
    private double _microseconds;
    private bool _closing;

    public CommitAhead(Shard shard, int number, int maxBlocks)
    {
        _shard = shard;
        _group = new IngestBlock[maxBlocks];
        _thread = new Thread(Run) { Name = $"log {number}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Blocks on their way; 0: none.</summary>
    public int Count => _count;

    /// <summary>The first block on its way, or null.</summary>
    public IngestBlock? First => _count == 0 ? null : _group[0];

    /// <summary>Begins to make blocks durable; none are on their way.</summary>
    public void Start(ReadOnlySpan<IngestBlock> group, long clockMs)
    {
        group.CopyTo(_group);
        _count = group.Length;
        _clockMs = clockMs;
        _started.Release();
    }

    /// <summary>Waits for the group and moves its blocks; returns how many, and what went wrong or null.</summary>
    public int Wait(Span<IngestBlock> group, out Exception? failure, out double microseconds)
    {
        _ended.Wait();
        var count = _count;
        _group.AsSpan(0, count).CopyTo(group);
        Array.Clear(_group, 0, count);
        _count = 0;
        failure = _failure;
        microseconds = _microseconds;
        return count;
    }

    /// <summary>Ends the thread; no group is on its way.</summary>
    public void Dispose()
    {
        _closing = true;
        _started.Release();
        _thread.Join();
        _started.Dispose();
        _ended.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _started.Wait();
            if (_closing) return;
            var start = Stopwatch.GetTimestamp();
            try
            {
                _failure = null;
                _shard.Commit(_group.AsSpan(0, _count), _clockMs);
            }
            catch (Exception e)
            {
                // Whoever waits decides what it means, as if the call had been its own.
                _failure = e;
            }

            _microseconds = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            _ended.Release();
        }
    }
}
