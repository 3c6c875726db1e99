using System.Runtime.InteropServices;
using LiveGrains.Engine.Log;
using Npgsql;

namespace LiveGrains.Postgres;

/// <summary>
/// Appends frames to a log as rows. When the connection breaks, another thread connects again, raises the epoch, so that nothing
/// that is still under way can be committed, and reads where the log ends.
/// </summary>
internal sealed class PostgresLogWriter : ILogWriter
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly PostgresDatabase _database;
    private readonly short _shard;
    private readonly ulong _logId;
    private readonly FrameBuffer _frame = new();
    private readonly CancellationTokenSource _closing = new();
    private PostgresAppender? _appender;
    private Task<Reconnected>? _reconnecting;
    private FrameHead? _unsettled;
    private bool _moved;

    /// <summary>Makes the writer that continues behind a point under an epoch, and its session.</summary>
    public PostgresLogWriter(PostgresDatabase database, short shard, ulong logId, long epoch, LogPoint point)
    {
        _database = database;
        _shard = shard;
        _logId = logId;
        Point = point;
        _appender = new PostgresAppender(database, shard, epoch);
    }

    /// <inheritdoc/>
    public LogPoint Point { get; private set; }

    /// <inheritdoc/>
    public bool IsBroken { get; private set; }

    /// <inheritdoc/>
    public int MaxPayload => 8 << 20;

    /// <inheritdoc/>
    public long SegmentBytes => 0;

    /// <inheritdoc/>
    public bool TailCanTear => false;

    /// <inheritdoc/>
    public void Gather(ReadOnlySpan<byte> records, int count) => _frame.Gather(records, count);

    /// <inheritdoc/>
    public void Commit(FrameKind kind, long clockMs)
    {
        try
        {
            CheckUsable();
            var frame = _frame.Finish(kind, _logId, Point, clockMs, out var head);
            try
            {
                if (!_appender!.Append(head, frame)) throw Moved();
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                IsBroken = true;
                throw new LiveGrainsException(ErrorCode.LogDamaged, $"The log of shard {_shard} has a frame {head.Number} already, which nobody but its owner may write.", e);
            }
            catch (Exception e) when (PostgresFailure.Is(e))
            {
                throw Fail(e, head);
            }

            Point = head.Next;
        }
        finally
        {
            _frame.Clear();
        }
    }

    /// <inheritdoc/>
    public void CheckOwner()
    {
        CheckUsable();
        try
        {
            if (!_appender!.IsOwner()) throw Moved();
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            throw Fail(e, null);
        }
    }

    /// <inheritdoc/>
    public bool? Settle()
    {
        if (_reconnecting == null) return false;
        if (!_reconnecting.IsCompleted) return null;
        var found = _reconnecting.GetAwaiter().GetResult();
        _reconnecting = null;
        var written = _unsettled is { } frame && found.End == frame.Next;
        _unsettled = null;
        if (found.Appender == null)
        {
            // What was committed before the shard was taken over is in the log that the new owner read.
            var moved = Moved();
            if (!written) throw moved;
        }
        else if (!written && found.End != Point)
        {
            found.Appender.Dispose();
            IsBroken = true;
            throw new LiveGrainsException(ErrorCode.LogDamaged,
                $"The log of shard {_shard} has not the frames up to {Point.Number - 1} that were acknowledged: the database is not the one that had them, or an old copy.");
        }

        _appender = found.Appender;
        if (written) Point = found.End;
        return written;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
        // It looks at the token between its steps, and each of those has a timeout.
        _reconnecting?.ContinueWith(static t => t.Result.Appender?.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        _appender?.Dispose();
        _appender = null;
    }

    // The frame: what was sent, if that is what failed.
    private IOException Fail(Exception e, FrameHead? sent)
    {
        // Whatever it was: after some errors the driver gives the connection up.
        var failure = PostgresFailure.From(e, uncertain: sent != null);
        _unsettled = failure is LogUnavailableException { IsUncertain: true } ? sent : null;
        var last = sent?.Number ?? Point.Number - 1;
        var broken = _appender!;
        _appender = null;
        _reconnecting = Task.Factory.StartNew(() => Reconnect(broken, last), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return failure;
    }

    private void CheckUsable()
    {
        if (_moved) throw Moved();
        if (IsBroken) throw new IOException("The log is broken since an earlier failure.");
        // After a full disk nobody waits for the connection.
        if (_appender == null && Settle() == null) throw new LogUnavailableException("The log cannot be reached since an earlier failure.");
    }

    private LiveGrainsException Moved()
    {
        _moved = true;
        IsBroken = true;
        return new LiveGrainsException(ErrorCode.ShardMoved, $"Another engine has taken over shard {_shard}.");
    }

    // Until it is connected, the shard has another owner, or the writer closes. On a thread of its own: a step may take as long as its timeout.
    private Reconnected Reconnect(PostgresAppender broken, long last)
    {
        broken.Dispose();
        for (var pause = FirstPause; !_closing.IsCancellationRequested; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                var epoch = ShardOwnership.Renew(_database, _shard);
                // Another owner has gone on behind what was sent last.
                var end = ReadEnd(epoch == null ? last : long.MaxValue);
                return new Reconnected(epoch is { } mine ? new PostgresAppender(_database, _shard, mine) : null, end);
            }
            catch (IOException)
            {
                // The commit that failed has said it, and the state of the shard says it as long as it lasts.
                _closing.Token.WaitHandle.WaitOne(pause);
            }
        }

        return new Reconnected(null, default);
    }

    // Behind the newest frame, of those up to a number.
    private LogPoint ReadEnd(long upTo)
    {
        using var session = _database.Open();
        var heads = session.Query($"SELECT substring(bytes FROM 1 FOR {FrameHead.Bytes}) FROM livegrains.frame WHERE shard = $1 AND number <= $2 ORDER BY number DESC LIMIT 1",
            r => r.GetFieldValue<byte[]>(0), _shard, upTo);
        if (heads.Count == 0) return default;
        return heads[0].Length == FrameHead.Bytes ? MemoryMarshal.Read<FrameHead>(heads[0]).Next : new LogPoint(-1, -1, 0);
    }

    /// <summary>What connecting again found; no appender: the shard has another owner.</summary>
    private readonly record struct Reconnected(PostgresAppender? Appender, LogPoint End);
}
