using LiveGrains.Engine.Storage;

namespace LiveGrains.Postgres;

/// <summary>Reads a published snapshot, a part at a time. What is missing reads as the end of the file. One thread.</summary>
internal sealed class PostgresSnapshotReader : IStorageFile
{
    private readonly PostgresSession _session;
    private readonly long _id;
    private long _start;
    private byte[] _part = [];

    private PostgresSnapshotReader(PostgresSession session, long id, long length)
    {
        _session = session;
        _id = id;
        Length = length;
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Opens the snapshot of a position; throws <see cref="InvalidDataException"/> when there is none.</summary>
    public static PostgresSnapshotReader Open(PostgresDatabase database, short shard, long position)
    {
        var session = database.Open();
        try
        {
            var found = session.Query("SELECT id, length FROM livegrains.snapshot WHERE shard = $1 AND position = $2 AND length IS NOT NULL",
                r => (Id: r.GetInt64(0), Length: r.GetInt64(1)), shard, position);
            return found.Count == 1 ? new PostgresSnapshotReader(session, found[0].Id, found[0].Length) : throw new InvalidDataException("it is not there");
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public int Read(Span<byte> bytes, long offset)
    {
        var total = 0;
        while (total < bytes.Length)
        {
            var at = offset + total;
            if ((at < _start || at >= _start + _part.Length) && !FindPart(at)) break;
            var some = (int)Math.Min(bytes.Length - total, _start + _part.Length - at);
            _part.AsSpan((int)(at - _start), some).CopyTo(bytes[total..]);
            total += some;
        }

        return total;
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes, long offset) => throw new NotSupportedException("A snapshot that was published does not change.");

    /// <inheritdoc/>
    public void Sync()
    {
        // Nothing is written.
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private bool FindPart(long offset)
    {
        var parts = _session.Query("SELECT start, bytes FROM livegrains.snapshot_part WHERE snapshot = $1 AND start <= $2 ORDER BY start DESC LIMIT 1",
            r => (Start: r.GetInt64(0), Bytes: r.GetFieldValue<byte[]>(1)), _id, offset);
        if (parts.Count == 0 || offset >= parts[0].Start + parts[0].Bytes.Length) return false;
        (_start, _part) = parts[0];
        return true;
    }
}
