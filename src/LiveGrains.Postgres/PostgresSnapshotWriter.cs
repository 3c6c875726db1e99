using LiveGrains.Engine.Log;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Postgres;

/// <summary>
/// Writes a snapshot as parts of 1 MiB, each a row. Nobody finds them until it is published. Written in order; only the head, at
/// offset 0, comes last. One thread.
/// </summary>
internal sealed class PostgresSnapshotWriter : IStorageFile
{
    private const int PartBytes = 1 << 20;
    private readonly PostgresDatabase _database;
    private readonly PostgresSession _session;
    private readonly short _shard;
    private readonly LogPoint _point;
    private readonly long _id;
    private readonly byte[] _part = new byte[PartBytes];
    private long _start = -1;
    private int _used;

    private PostgresSnapshotWriter(PostgresDatabase database, PostgresSession session, short shard, LogPoint point)
    {
        _database = database;
        _session = session;
        _shard = shard;
        _point = point;
        // Parts need not be durable one by one: publishing makes all before it durable.
        session.Execute("SET synchronous_commit = off");
        var ids = session.Query(PostgresLog.Mine + " INSERT INTO livegrains.snapshot (shard, position, number) SELECT shard, $3, $4 FROM mine RETURNING id",
            r => r.GetInt64(0), shard, database.Owner, point.Position, point.Number);
        _id = ids.Count == 1 ? ids[0] : throw Moved();
    }

    /// <inheritdoc/>
    public long Length => _start + _used;

    /// <summary>Begins a snapshot.</summary>
    public static PostgresSnapshotWriter Create(PostgresDatabase database, short shard, LogPoint point)
    {
        var session = database.Open(shard);
        try
        {
            return new PostgresSnapshotWriter(database, session, shard, point);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        if (offset == 0)
        {
            Insert(0, bytes.ToArray());
            return;
        }

        if (_start < 0) _start = offset;
        if (offset != Length) throw new InvalidOperationException("A snapshot is written in order.");
        while (!bytes.IsEmpty)
        {
            var some = Math.Min(bytes.Length, PartBytes - _used);
            bytes[..some].CopyTo(_part.AsSpan(_used));
            _used += some;
            bytes = bytes[some..];
            if (_used == PartBytes) Flush();
        }
    }

    /// <summary>Makes all that was written durable and lets it be found, while the shard is still ours.</summary>
    public void Publish()
    {
        if (_used > 0) Flush();
        _session.Transact(() =>
        {
            _session.Execute("SET LOCAL synchronous_commit = on");
            _session.Execute("DELETE FROM livegrains.snapshot WHERE shard = $1 AND position = $2 AND length IS NOT NULL", _shard, _point.Position);
            var rows = _session.Execute(PostgresLog.Mine + " UPDATE livegrains.snapshot SET length = $4 WHERE id = $3 AND EXISTS (SELECT FROM mine)",
                _shard, _database.Owner, _id, Length);
            return rows == 1 ? true : throw Moved();
        });
    }

    /// <inheritdoc/>
    public int Read(Span<byte> bytes, long offset) => throw new NotSupportedException("A snapshot is read when it is published.");

    /// <inheritdoc/>
    public void Sync()
    {
        // Publishing does.
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private void Flush()
    {
        Insert(_start, _part.AsMemory(0, _used));
        _start += _used;
        _used = 0;
    }

    private void Insert(long start, ReadOnlyMemory<byte> bytes) =>
        _session.Execute("INSERT INTO livegrains.snapshot_part (snapshot, start, bytes) VALUES ($1, $2, $3)", _id, start, bytes);

    private LiveGrainsException Moved() => new(ErrorCode.ShardMoved, $"Another engine has taken over shard {_shard}.");
}
