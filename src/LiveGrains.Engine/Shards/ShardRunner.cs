using System.Buffers;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Shards;

/// <summary>
/// The thread of a shard. It takes all blocks that wait, makes them durable with one write and one sync, folds and
/// acknowledges them one by one, and answers questions between blocks. When more blocks wait by then, they become durable
/// on a second thread meanwhile. Submitting is for any thread.
/// </summary>
internal sealed partial class ShardRunner : IDisposable
{
    private const int MaxGroupBytes = 1 << 20;
    private const int MaxGroupBlocks = 4096;
    private const int FeedBytesAtOnce = 32 << 10;
    private static readonly TimeSpan SealAfter = TimeSpan.FromSeconds(1);

    private readonly object _gate = new();
    private readonly Queue<IngestBlock> _blocks = new();
    private readonly Queue<ShardQuery> _queries = new();
    private readonly Shard _shard;
    private readonly EngineOptions _options;
    private readonly EngineClock _clock;
    private readonly Action<Exception> _report;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private readonly IngestBlock[] _group = new IngestBlock[MaxGroupBlocks];
    private readonly IngestBlock[] _next = new IngestBlock[MaxGroupBlocks];
    private readonly CommitAhead? _ahead;
    private readonly SnapshotSchedule? _snapshots;
    private readonly RecommendationRunner? _recommendations;
    private readonly InterestFeed? _feed;
    private long _queuedBytes;
    private int _waitingQueries;
    private bool _closing;
    private bool _disposed;
    private volatile string _state = "ready";
    private volatile string? _stateDetail;
    private volatile ErrorCode _stopCode = ErrorCode.ShardStopped;
    private long _rested = Stopwatch.GetTimestamp();
    private double _lastSync;
    private double _syncTotal;
    private double _foldTotal;
    private LogPoint _point;
    private ShardCounters _counters;

    public ShardRunner(int number, Shard shard, EngineOptions options, TimeProvider time, EngineClock clock, Action<Exception> report,
        RecommendationRunner? recommendations = null)
    {
        Number = number;
        _recommendations = recommendations;
        if (recommendations != null) _feed = shard.State.Feed = new InterestFeed();
        _shard = shard;
        _options = options;
        _time = time;
        _clock = clock;
        _report = report;
        _point = shard.Point;
        HasTraffic = shard.State.Traffic != null;
        PublishCounters();
        if (shard.Log != null)
        {
            _ahead = new CommitAhead(shard, number, MaxGroupBlocks);
            _snapshots = new SnapshotSchedule(shard.Log, (uint)number, (uint)options.Shards, options, shard.Recovery.SnapshotPosition, time, report)
            {
                // The models are of all shards of this engine; the first keeps them.
                Made = number == (options.Owned?[0] ?? 0) && recommendations != null ? recommendations.Save : null,
            };
        }

        _thread = new Thread(Run) { Name = $"shard {number}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The shard's number.</summary>
    public int Number { get; }

    /// <summary>True: the shard recovered a policy of traffic.</summary>
    public bool HasTraffic { get; }

    /// <summary>Seconds that opening took.</summary>
    public double RecoverySeconds { get; init; }

    /// <summary>`ready`, `full`, `unavailable`, `stopped` or `closing`.</summary>
    public string State => _state;

    /// <summary>What went wrong, when something did.</summary>
    public string? StateDetail => _stateDetail;

    /// <summary>What recovery found.</summary>
    public RecoveryReport Recovery => _shard.Recovery;

    /// <summary>Throws when a block of so many bytes is not to be submitted now.</summary>
    public void CheckRoom(int bytes)
    {
        if (_state == "stopped") throw new LiveGrainsException(_stopCode, _stateDetail);
        if (_state == "unavailable") throw new LiveGrainsException(ErrorCode.StorageUnavailable);
        if (_closing) throw new LiveGrainsException(ErrorCode.ShuttingDown);
        if (Volatile.Read(ref _queuedBytes) + bytes > _options.MaxQueueBytes) throw new LiveGrainsException(ErrorCode.Busy);
        if (bytes > _shard.MaxCommitBytes) throw new LiveGrainsException(ErrorCode.BodyTooLarge);
    }

    /// <summary>Puts a block in the queue. Called under the sequencer's lock, so that queues have blocks in the order of their clocks.</summary>
    public void Submit(IngestBlock block)
    {
        lock (_gate)
        {
            if (_closing)
            {
                block.Fail(ErrorCode.ShuttingDown);
                return;
            }

            _blocks.Enqueue(block);
            Volatile.Write(ref _queuedBytes, _queuedBytes + block.Length);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Asks a question.</summary>
    public Task<T> Ask<T>(Func<ShardState, T> read)
    {
        var query = new ShardQuery<T>(read);
        lock (_gate)
        {
            if (_closing) throw new LiveGrainsException(ErrorCode.ShuttingDown);
            // Another engine has newer tables than these.
            if (_stopCode == ErrorCode.ShardMoved) throw new LiveGrainsException(_stopCode, _stateDetail);
            _queries.Enqueue(query);
            Volatile.Write(ref _waitingQueries, _queries.Count);
            Monitor.Pulse(_gate);
        }

        return query.Answer;
    }

    /// <summary>Hands over what the feed has, however little.</summary>
    public Task FlushFeedAsync() => Ask(_ =>
    {
        if (_feed != null) TellFeed(1);
        return true;
    });

    /// <summary>Makes a snapshot now, beside the running thread; at once when nothing is new.</summary>
    public Task SnapshotAsync() => _snapshots?.RunAsync(Volatile.Read(ref _counters.LogPosition)) ?? Task.CompletedTask;

    /// <summary>Counters; never waits for the thread.</summary>
    public ShardStatus Status()
    {
        ShardCounters c;
        long blocks;
        lock (_gate)
        {
            c = _counters;
            blocks = _blocks.Count;
        }

        return new ShardStatus
        {
            Shard = Number,
            Accepted = c.Totals.Accepted,
            Duplicates = c.Totals.Duplicates,
            Late = c.Totals.Late,
            CapacityRefusals = c.Totals.CapacityRefusals,
            Rooms = c.Totals.RoomsOwned,
            Users = c.Totals.UsersOwned,
            Products = c.Totals.ProductsOwned,
            Videos = c.Totals.VideosOwned,
            Online = c.Totals.Online,
            AudiencePairs = c.Pairs,
            DedupeIds = c.DedupeIds,
            DedupeBytes = c.DedupeBytes,
            TableBytes = c.TableBytes,
            LogBytes = c.LogPosition - (_snapshots?.FirstPosition ?? 0),
            LogPosition = c.LogPosition,
            LogFrames = c.LogFrames,
            LogSegments = _snapshots?.Segments ?? 0,
            SyncMicroseconds = c.LastSync,
            SyncMicrosecondsTotal = c.SyncTotal,
            FoldMicrosecondsTotal = c.FoldTotal,
            QueueBytes = Volatile.Read(ref _queuedBytes),
            QueueBlocks = blocks,
            Snapshots = _snapshots?.Count ?? 0,
            SnapshotPosition = _snapshots?.Position ?? -1,
            SnapshotSeconds = _snapshots?.LastSeconds ?? 0,
            RecoverySeconds = RecoverySeconds,
        };
    }

    /// <summary>Drains the queue, seals the log, writes a last snapshot and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            // A shard that failed takes nothing any more, but has not given back what it has.
            if (_disposed) return;
            (_disposed, _closing) = (true, true);
            if (_state == "ready") _state = "closing";
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _ahead?.Dispose();
        _snapshots?.Dispose();
        _shard.Dispose();
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                var count = TakeWork(out var idle, out var done);
                if (done) break;
                AnswerQueries(count > 0 ? _group[0] : null);
                if (count > 0) Process(count);
                else if (idle || Stopwatch.GetElapsedTime(_rested) > SealAfter) SealQuietly();
            }

            SealQuietly();
            if (_snapshots != null && _state != "stopped") WriteLastSnapshot();
        }
        catch (Exception e)
        {
            // A defect in the fold: the log is whole, so the tables can be had back by a restart, but not trusted now.
            _report(e);
            Stop($"The shard failed: {e.GetType().Name}.");
            FailAll();
        }
    }

    private int TakeWork(out bool idle, out bool done)
    {
        lock (_gate)
        {
            idle = false;
            if (_blocks.Count == 0 && _queries.Count == 0 && !_closing) idle = !Monitor.Wait(_gate, SealAfter);
            done = _closing && _blocks.Count == 0 && _queries.Count == 0;
            return TakeGroup(_group);
        }
    }

    private int TakeAhead()
    {
        lock (_gate) return TakeGroup(_next);
    }

    private int TakeGroup(IngestBlock[] group)
    {
        var count = 0;
        var bytes = 0;
        while (count < group.Length && _blocks.TryPeek(out var block))
        {
            if (count > 0 && bytes + block.Length > Math.Min(MaxGroupBytes, _shard.MaxCommitBytes)) break;
            bytes += block.Length;
            group[count++] = _blocks.Dequeue();
        }

        return count;
    }

    private void Process(int count)
    {
        if (!TryCommit(count)) return;
        while (true)
        {
            // What waits becomes durable while this group is folded: never is anything folded that is not durable.
            if (_ahead != null && TakeAhead() is var next and > 0) _ahead.Start(_next.AsSpan(0, next), _clock.NowMs());
            FoldGroup(count);
            if (_ahead is not { Count: > 0 }) return;
            count = _ahead.Wait(_group, out var failure, out var microseconds);
            if (!Committed(count, failure, microseconds)) return;
        }
    }

    private bool TryCommit(int count)
    {
        var start = Stopwatch.GetTimestamp();
        Exception? failure = null;
        try
        {
            if (_state == "stopped") throw new LiveGrainsException(_stopCode, _stateDetail);
            _shard.Commit(_group.AsSpan(0, count), _clock.NowMs());
        }
        catch (Exception e) when (e is IOException or LiveGrainsException)
        {
            failure = e;
        }

        return Committed(count, failure, Stopwatch.GetElapsedTime(start).TotalMicroseconds);
    }

    private bool Committed(int count, Exception? failure, double microseconds)
    {
        _rested = Stopwatch.GetTimestamp();
        if (failure is LogUnavailableException unavailable)
        {
            if (!AwaitLog(_group.AsSpan(0, count), unavailable)) return false;
        }
        else if (failure is IOException or LiveGrainsException)
        {
            Refuse(_group.AsSpan(0, count), failure);
            return false;
        }
        else if (failure != null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        _lastSync = microseconds;
        _syncTotal += microseconds;
        _point = _shard.Point;
        if (_state == "full") _state = "ready";
        return true;
    }

    private void FoldGroup(int count)
    {
        var folding = Stopwatch.GetTimestamp();
        var bytes = 0L;
        for (var i = 0; i < count; i++)
        {
            var block = _group[i];
            bytes += block.Length;
            _shard.Fold(block);
            _group[i] = null!;
            block.Complete();
            if (Volatile.Read(ref _waitingQueries) != 0) AnswerQueries(i + 1 < count ? _group[i + 1] : _ahead?.First);
        }

        _foldTotal += Stopwatch.GetElapsedTime(folding).TotalMicroseconds;
        bool idle;
        lock (_gate)
        {
            Volatile.Write(ref _queuedBytes, _queuedBytes - bytes);
            idle = _blocks.Count == 0;
        }

        if (_feed != null) TellFeed(idle ? 1 : FeedBytesAtOnce);
        PublishCounters();
        _snapshots?.Consider(_point.Position);
    }

    // Under load in large pieces, so that the other thread is not woken for each group.
    private void TellFeed(int least)
    {
        if (_feed!.Bytes >= least) _recommendations!.Tell(Number, _feed.Take(ArrayPool<byte>.Shared.Rent(2 * FeedBytesAtOnce)));
    }

    private void Refuse(Span<IngestBlock> group, Exception e)
    {
        // What was kept back for a larger piece would wait for the next group that is good.
        if (_feed != null) TellFeed(1);
        var code = _stopCode;
        if (e is StorageFullException)
        {
            code = ErrorCode.StorageFull;
            if (_state != "full") _report(e);
            _state = "full";
        }
        else if (_state != "stopped")
        {
            _report(e);
            code = StopFor(e);
        }

        Release(group, code);
    }

    private void AnswerQueries(IngestBlock? next)
    {
        while (true)
        {
            ShardQuery? query;
            lock (_gate)
            {
                if (!_queries.TryDequeue(out query)) return;
                Volatile.Write(ref _waitingQueries, _queries.Count);
            }

            _shard.State.AdvanceTo(ClockForAnswer(next));
            query.Run(_shard.State);
        }
    }

    // The clock of the block that is folded next, when there is one: its records have their clocks already, and tables that are
    // ahead of them would not be what the log gives.
    private long ClockForAnswer(IngestBlock? next)
    {
        if (next == null)
        {
            lock (_clock.Sequencer)
            {
                lock (_gate)
                {
                    if (!_blocks.TryPeek(out next)) return _clock.ReadForAnswer();
                }
            }
        }

        return MemoryMarshal.Read<EventRecord>(next.Records).ClockMs;
    }

    private void SealQuietly()
    {
        if (_state == "stopped") return;
        _rested = Stopwatch.GetTimestamp();
        try
        {
            _shard.Seal();
        }
        catch (StorageFullException)
        {
            _state = "full"; // The seal is only worth having; it is tried again with the next event.
        }
        catch (LogUnavailableException e)
        {
            AwaitLog(default, e);
        }
        catch (Exception e) when (e is IOException or LiveGrainsException)
        {
            _report(e);
            StopFor(e);
        }
    }

    private void WriteLastSnapshot()
    {
        try
        {
            _snapshots?.Wait();
            if (_snapshots == null || _snapshots.Position == _shard.Point.Position) return;
            _shard.WriteSnapshot((uint)Number, (uint)_options.Shards);
            _shard.Log!.Retain(_options.RetainLogBytes);
        }
        catch (Exception e) when (e is IOException or LiveGrainsException)
        {
            // Nothing is lost: the log is whole, and the next start folds it.
            _report(e);
        }
    }

    private ErrorCode StopFor(Exception e)
    {
        if (e is LiveGrainsException { Code: ErrorCode.ShardMoved or ErrorCode.LogDamaged } refusal)
        {
            _stopCode = refusal.Code;
            Stop(refusal.Message);
        }
        else
        {
            Stop("The log could not be written.");
        }

        return _stopCode;
    }

    private void Stop(string detail)
    {
        _stateDetail = detail;
        _state = "stopped";
    }

    private void FailAll()
    {
        lock (_gate)
        {
            _closing = true;
            while (_blocks.TryDequeue(out var block)) block.Fail(ErrorCode.ShardStopped, _stateDetail);
            while (_queries.TryDequeue(out var query)) query.Fail(new LiveGrainsException(ErrorCode.ShardStopped, _stateDetail));
        }

        if (_ahead is { Count: > 0 })
        {
            var count = _ahead.Wait(_next, out _, out _);
            foreach (var block in _next.AsSpan(0, count)) block.Fail(ErrorCode.ShardStopped, _stateDetail);
        }

        foreach (var block in _group)
        {
            // Blocks that were completed are no longer ours, those behind them were never answered.
            block?.Fail(ErrorCode.ShardStopped, _stateDetail);
        }
    }

    private void PublishCounters()
    {
        var state = _shard.State;
        var counters = new ShardCounters
        {
            Totals = state.Totals,
            Pairs = state.Pairs.Count,
            DedupeIds = state.Dedupe.Count,
            DedupeBytes = state.Dedupe.Bytes,
            TableBytes = state.MemoryBytes,
            LogPosition = _point.Position,
            LogFrames = _point.Number,
            LastSync = _lastSync,
            SyncTotal = _syncTotal,
            FoldTotal = _foldTotal,
        };
        lock (_gate) _counters = counters;
    }

    private struct ShardCounters
    {
        public Totals Totals;
        public long Pairs;
        public long DedupeIds;
        public long DedupeBytes;
        public long TableBytes;
        public long LogPosition;
        public long LogFrames;
        public double LastSync;
        public double SyncTotal;
        public double FoldTotal;
    }
}
