using LiveGrains.Engine.Log;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Postgres;

/// <summary>
/// The log of a shard as rows: a frame is a row of `frame`, a snapshot a row of `snapshot` with its bytes in rows of `snapshot_part`.
/// What changes rows does so only while the shard is still this owner's.
/// </summary>
internal sealed class PostgresLog(PostgresDatabase database, short shard, ulong logId, long epoch) : IShardLog
{
    /// <summary>Begins a statement that changes rows: `mine` has a row, locked until it is done, while the shard ($1) has this owner ($2).</summary>
    internal const string Mine = "WITH mine AS MATERIALIZED (SELECT shard FROM livegrains.shard WHERE shard = $1 AND owner = $2 FOR SHARE)";

    private const int FramesAtOnce = 64;
    private LogExtent? _extent;

    /// <summary>The shard's number.</summary>
    public short Shard => shard;

    /// <inheritdoc/>
    public IModelStore Models { get; } = new PostgresModelStore(database, shard);

    /// <inheritdoc/>
    public ILogReader Read(LogPoint start, ulong? expectedLogId) => new PostgresLogReader(database, shard, logId, start, expectedLogId != null);

    /// <inheritdoc/>
    public ILogWriter Continue(ulong id, long segmentBytes, LogPoint point, Action<Action>? background) =>
        new PostgresLogWriter(database, shard, id, epoch, point);

    /// <inheritdoc/>
    public LogExtent Extent()
    {
        // Asked while the engine opens and after a snapshot; the answer changes with retention only.
        if (_extent is { } known) return known;
        using var session = database.Open();
        return (_extent = ReadExtent(session)).Value;
    }

    /// <inheritdoc/>
    public IReadOnlyList<long> Snapshots()
    {
        using var session = database.Open();
        return [.. Published(session).Select(s => s.Position)];
    }

    /// <inheritdoc/>
    public string SnapshotName(long position) => $"the snapshot of shard {shard} at position {position}";

    /// <inheritdoc/>
    public IStorageFile OpenSnapshot(long position) => PostgresSnapshotReader.Open(database, shard, position);

    /// <inheritdoc/>
    public IStorageFile CreateSnapshot(LogPoint point)
    {
        DropUnfinishedSnapshot();
        return PostgresSnapshotWriter.Create(database, shard, point);
    }

    /// <inheritdoc/>
    public void PublishSnapshot(IStorageFile file, LogPoint point) => ((PostgresSnapshotWriter)file).Publish();

    /// <inheritdoc/>
    public void DropUnfinishedSnapshot()
    {
        using var session = database.Open(shard);
        session.Execute(Mine + " DELETE FROM livegrains.snapshot WHERE shard = $1 AND length IS NULL AND EXISTS (SELECT FROM mine)", shard, database.Owner);
    }

    /// <inheritdoc/>
    public void Retain(long retainBytes)
    {
        using var session = database.Open(shard);
        var snapshots = Published(session);
        if (snapshots.Count < SnapshotBuilder.Kept) return;
        var oldest = snapshots[^SnapshotBuilder.Kept];
        session.Execute(Mine + " DELETE FROM livegrains.snapshot WHERE shard = $1 AND length IS NOT NULL AND position < $3 AND EXISTS (SELECT FROM mine)",
            shard, database.Owner, oldest.Position);
        // In small portions, so that a commit, a take-over and the vacuum never wait long. The frame before the snapshot stays: it
        // proves that snapshot and log belong together.
        int deleted;
        do
        {
            deleted = session.Execute(Mine + """
                 DELETE FROM livegrains.frame WHERE shard = $1 AND EXISTS (SELECT FROM mine) AND number IN (
                  SELECT number FROM livegrains.frame WHERE shard = $1 AND number < $3 AND position < $4 ORDER BY number LIMIT $5)
                """, shard, database.Owner, oldest.Number - 1, oldest.Position - retainBytes, FramesAtOnce);
        }
        while (deleted == FramesAtOnce);
        _extent = ReadExtent(session);
    }

    private List<(long Position, long Number)> Published(PostgresSession session) =>
        session.Query("SELECT position, number FROM livegrains.snapshot WHERE shard = $1 AND length IS NOT NULL ORDER BY position",
            r => (r.GetInt64(0), r.GetInt64(1)), shard);

    private LogExtent ReadExtent(PostgresSession session)
    {
        var first = session.Query("SELECT position FROM livegrains.frame WHERE shard = $1 ORDER BY number LIMIT 1", r => r.GetInt64(0), shard);
        return new(first.Count == 0 ? -1 : first[0], 0);
    }
}
