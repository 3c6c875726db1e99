using System.Data;
using System.Runtime.InteropServices;
using LiveGrains.Engine.Log;
using Npgsql;

namespace LiveGrains.Postgres;

/// <summary>
/// Reads the rows of a log in the order of their numbers and checks each as a frame of a file: head, place, chain and checksum. A row
/// is written whole or not at all, so one that is not good is damage, wherever it stands. One thread.
/// </summary>
internal sealed class PostgresLogReader : ILogReader
{
    // A query for each so many rows: a long one would keep the database from removing what retention deleted.
    private const int RowsAtOnce = 64;
    private readonly PostgresDatabase _database;
    private readonly short _shard;
    private bool _checkAnchor;
    private PostgresSession? _session;
    private NpgsqlCommand? _command;
    private NpgsqlDataReader? _rows;
    private int _rowsLeft;
    private byte[] _frame = new byte[64 << 10];
    private int _length;

    /// <param name="database">Where.</param>
    /// <param name="shard">Whose.</param>
    /// <param name="logId">The log's id.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="checkAnchor">The start is a snapshot's: the frame before it must be there and be the one that the snapshot names.</param>
    public PostgresLogReader(PostgresDatabase database, short shard, ulong logId, LogPoint start, bool checkAnchor)
    {
        _database = database;
        _shard = shard;
        LogId = logId;
        Point = start;
        _checkAnchor = checkAnchor && start.Number > 0;
    }

    /// <inheritdoc/>
    public LogPoint Point { get; private set; }

    /// <inheritdoc/>
    public ulong LogId { get; }

    /// <inheritdoc/>
    public long SegmentBytes => 0;

    /// <inheritdoc/>
    public LogEnd End { get; private set; }

    /// <inheritdoc/>
    public string EndDetail { get; private set; } = "";

    /// <inheritdoc/>
    public string FileName => $"frame {Point.Number}";

    /// <inheritdoc/>
    public bool TryRead(out FrameHead head, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        head = default;
        if (End == LogEnd.Damaged) return false;
        try
        {
            if (_checkAnchor && !HasAnchor()) return Damaged($"frame {Point.Number - 1}, behind which the snapshot stands, is not the one that it was made with, or is missing");
            if (!NextRow(Point.Number, out var number)) return false;
            // A log whose beginning was retired, and no snapshot to begin with: nothing here is the next frame.
            if (number != Point.Number) return Point == default ? false : Damaged($"frame {Point.Number} is missing, but frame {number} is there");
            if (!IsGood(out head)) return Damaged($"frame {number} at position {Point.Position} is damaged");
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            throw PostgresFailure.From(e, uncertain: false);
        }

        Point = head.Next;
        payload = _frame.AsSpan(FrameHead.Bytes, (int)head.PayloadBytes);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The connection is ended with whatever is still to be read from it.
        _session?.Dispose();
        _command?.Dispose();
    }

    private bool Damaged(string detail)
    {
        End = LogEnd.Damaged;
        EndDetail = detail;
        return false;
    }

    private bool HasAnchor()
    {
        _checkAnchor = false;
        var good = NextRow(Point.Number - 1, out var number) && number == Point.Number - 1 && _length >= FrameHead.Bytes
            && MemoryMarshal.Read<FrameHead>(_frame).Next == Point;
        return good;
    }

    private bool IsGood(out FrameHead head)
    {
        head = default;
        if (_length < FrameHead.Bytes) return false;
        head = MemoryMarshal.Read<FrameHead>(_frame);
        return head.Continues(LogId, Point) && head.PayloadBytes <= int.MaxValue - FrameHead.Bytes && head.Length == _length
            && head.Checksum == FrameHead.Compute(head, _frame.AsSpan(FrameHead.Bytes, _length - FrameHead.Bytes));
    }

    private bool NextRow(long from, out long number)
    {
        number = 0;
        if (_rowsLeft == 0)
        {
            _rows?.Dispose();
            _session ??= _database.Open();
            _command ??= _session.Command("SELECT number, bytes FROM livegrains.frame WHERE shard = $1 AND number >= $2 ORDER BY number LIMIT $3", _shard, from, RowsAtOnce);
            _command.Parameters[1].Value = from;
            _rows = _command.ExecuteReader(CommandBehavior.SequentialAccess);
            _rowsLeft = RowsAtOnce;
        }

        if (!_rows!.Read())
        {
            _rowsLeft = 0;
            return false;
        }

        _rowsLeft--;
        number = _rows.GetInt64(0);
        _length = (int)_rows.GetBytes(1, 0, null, 0, 0);
        if (_frame.Length < _length) _frame = new byte[Math.Max(_length, _frame.Length * 2)];
        for (var read = 0; read < _length;) read += (int)_rows.GetBytes(1, read, _frame, read, _length - read);
        return true;
    }
}
