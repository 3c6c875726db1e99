using System.Runtime.InteropServices;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Verification;

namespace LiveGrains.Postgres;

/// <summary>
/// Reads every byte of the logs and snapshots in a database and says what is wrong and where. All is read as it was when verifying
/// began, so that engines may go on beside it; as long as it lasts the server keeps what retention removes. Changes nothing.
/// </summary>
public static class PostgresVerifier
{
    /// <summary>
    /// Verifies a database. Of the report, <see cref="VerifyReport.Files"/> are rows. Throws <see cref="ErrorCode.WrongUsage"/> for a connection string that
    /// cannot be read, <see cref="ErrorCode.StorageUnavailable"/>, <see cref="ErrorCode.InputNotReadable"/> when there is no schema, and
    /// <see cref="ErrorCode.SettingsConflict"/> when it is another version's.
    /// </summary>
    public static VerifyReport Verify(string connectionString, IProgress<VerifyProgress>? progress = null)
    {
        var store = new PostgresStore(connectionString);
        try
        {
            using var session = store.Database().Open();
            return session.Transact(() =>
            {
                session.Execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
                CheckVersion(session);
                var snapshot = session.Query("SELECT pg_export_snapshot()", r => r.GetString(0))[0];
                return Verify(session, store.Database(snapshot), progress);
            });
        }
        catch (LogUnavailableException e)
        {
            throw new LiveGrainsException(ErrorCode.StorageUnavailable, e.Message, e);
        }
    }

    private static VerifyReport Verify(PostgresSession session, PostgresDatabase database, IProgress<VerifyProgress>? progress)
    {
        var findings = new List<VerifyFinding>();
        var (rows, total) = session.Query("""
            SELECT count(*), coalesce(sum(octet_length(bytes)), 0)::bigint FROM (SELECT bytes FROM livegrains.frame UNION ALL SELECT bytes FROM livegrains.snapshot_part UNION ALL SELECT bytes FROM livegrains.model) kept
            """, r => (r.GetInt64(0), r.GetInt64(1)))[0];
        var shards = session.Query("SELECT shard, log_id, epoch FROM livegrains.shard ORDER BY shard", r => (Number: r.GetInt16(0), LogId: (ulong)r.GetInt64(1), Epoch: r.GetInt64(2)));
        var layout = session.Query("SELECT shards FROM livegrains.layout", r => (int)r.GetInt16(0));
        if (layout.Count == 0) findings.Add(new("layout", 0, "note", "No engine has used the database yet."));
        else if (!shards.Select(s => (int)s.Number).SequenceEqual(Enumerable.Range(0, layout[0])))
            findings.Add(new("layout", 0, "damage", $"The database was made with {layout[0]} shards; its shards are {string.Join(", ", shards.Select(s => s.Number))}."));
        long frames = 0, events = 0, before = 0;
        foreach (var (number, logId, epoch) in shards)
        {
            var done = 0L;
            var verifier = new ShardVerifier(findings, bytes =>
            {
                done = bytes;
                progress?.Report(new(before + bytes, total));
            });
            VerifyShard(session, new PostgresLog(database, number, logId, epoch), epoch, verifier, findings);
            frames += verifier.Frames;
            events += verifier.Events;
            before += done;
        }

        return new VerifyReport(!findings.Exists(f => f.Severity == "damage"), rows, total, frames, events, findings);
    }

    private static void VerifyShard(PostgresSession session, PostgresLog log, long epoch, ShardVerifier verifier, List<VerifyFinding> findings)
    {
        var shard = $"shard {log.Shard}";
        var snapshots = session.Query("""
            SELECT position, length, (SELECT coalesce(max(start + octet_length(bytes)), 0) FROM livegrains.snapshot_part WHERE snapshot = id)
            FROM livegrains.snapshot WHERE shard = $1 ORDER BY position
            """, r => (Position: r.GetInt64(0), Length: r.IsDBNull(1) ? (long?)null : r.GetInt64(1), End: r.GetInt64(2)), log.Shard);
        foreach (var (position, length, end) in snapshots)
        {
            var place = $"{shard}, snapshot {position}";
            if (length == null) findings.Add(ShardVerifier.Unfinished(place));
            else if (end > length) findings.Add(new(place, length.Value, "damage", "Something follows its end."));
            else verifier.Snapshot(place, position, () => log.OpenSnapshot(position));
        }

        ShardVerifier.Models($"{shard}, models", log.Models, findings);
        var firsts = session.Query($"SELECT number, position, substring(bytes FROM 1 FOR {FrameHead.Bytes}) FROM livegrains.frame WHERE shard = $1 ORDER BY number LIMIT 1",
            r => (Number: r.GetInt64(0), Position: r.GetInt64(1), Head: r.GetFieldValue<byte[]>(2)), log.Shard);
        if (firsts.Count == 0)
        {
            if (snapshots.Exists(s => s.Length != null)) findings.Add(new(shard, 0, "damage", "There are snapshots but no log."));
            return;
        }

        var first = firsts[0];
        if (first.Number > 0 && verifier.NewestSnapshot is not { }) findings.Add(ShardVerifier.NoBeginning(shard, first.Position));
        // The frame before the snapshot proves that they belong together.
        else if (first.Number > 0 && verifier.NewestSnapshot is { } newest && newest.Point.Number <= first.Number) findings.Add(ShardVerifier.NothingBehind(shard, first.Position, newest));
        using (var reader = log.Read(FirstPoint(first.Number, first.Position, first.Head), null)) verifier.Log(reader, shard, () => $"{shard}, {reader.FileName}");
        VerifyColumns(session, log.Shard, epoch, shard, findings);
    }

    // What the frames themselves do not have: the epochs, and the positions by which retention goes.
    private static void VerifyColumns(PostgresSession session, short shard, long epoch, string place, List<VerifyFinding> findings)
    {
        var wrong = session.Query("""
            SELECT number, position, epoch < epoch_before OR epoch > $2 FROM (
              SELECT number, position, epoch, lag(number) OVER log AS number_before, lag(epoch) OVER log AS epoch_before, lag(position + octet_length(bytes)) OVER log AS ended
              FROM livegrains.frame WHERE shard = $1 WINDOW log AS (ORDER BY number)) frames
            WHERE epoch < epoch_before OR epoch > $2 OR (number = number_before + 1 AND position <> ended) ORDER BY number LIMIT 100
            """, r => (Number: r.GetInt64(0), Position: r.GetInt64(1), IsEpoch: r.GetBoolean(2)), shard, epoch);
        foreach (var (number, position, isEpoch) in wrong)
        {
            findings.Add(new($"{place}, frame {number}", position, "damage", isEpoch
                ? $"Frame {number} has an epoch that was not the shard's when it was written." : $"The row of frame {number} has not the frame's position."));
        }
    }

    // A log whose beginning was retired starts in the middle of a chain: its first frame is taken as it is.
    private static LogPoint FirstPoint(long number, long position, byte[] bytes)
    {
        if (number == 0) return default;
        if (bytes.Length < FrameHead.Bytes) return new LogPoint(position, number, 0);
        var head = MemoryMarshal.Read<FrameHead>(bytes);
        return head.Number == number ? new LogPoint(head.Position, number, head.PreviousChecksum) : new LogPoint(position, number, 0);
    }

    private static void CheckVersion(PostgresSession session)
    {
        var known = PostgresSchema.Migrations[^1].Version;
        var version = PostgresSchema.Version(session);
        if (version == 0) throw new LiveGrainsException(ErrorCode.InputNotReadable, "The database has no schema livegrains: no engine has kept anything there.");
        if (version != known)
            throw new LiveGrainsException(ErrorCode.SettingsConflict, $"The database has version {version} of the schema; this program knows version {known}. Use the program of the engines.");
    }
}
