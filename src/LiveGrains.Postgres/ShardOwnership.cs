using LiveGrains.Engine;
using LiveGrains.Engine.Log;
using Npgsql;

namespace LiveGrains.Postgres;

/// <summary>
/// Whose the shards are. The row of a shard has its owner and its epoch. Each commit locks the row for sharing and needs the epoch to
/// be its own; who takes a shard over, or comes back after a broken connection, raises the epoch. So when that is done, every
/// commit under an older epoch is either in the log already or will never be.
/// </summary>
internal static class ShardOwnership
{
    private const string LockTimeout = "SET LOCAL lock_timeout = '2s'";

    /// <summary>Makes the rows of a new database; returns the hash keys of the shards, or null where they stand in the logs only.</summary>
    public static HashKeys? Prepare(PostgresSession session, int shards, ulong logId, HashKeys keys) => session.Transact(() =>
    {
        session.Execute("INSERT INTO livegrains.layout (shards, hash_key0, hash_key1) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", (short)shards, (long)keys.Key0, (long)keys.Key1);
        var (existing, known) = session.Query("SELECT shards, hash_key0, hash_key1 FROM livegrains.layout",
            r => (r.GetInt16(0), r.IsDBNull(1) ? (HashKeys?)null : new HashKeys((ulong)r.GetInt64(1), (ulong)r.GetInt64(2))))[0];
        if (existing != shards)
            throw new LiveGrainsException(ErrorCode.SettingsConflict, $"The database was made with {existing} shards; their number cannot change.");
        session.Execute("""
            INSERT INTO livegrains.shard (shard, log_id, epoch, owner)
            SELECT number, $2 + number, 0, 0 FROM generate_series(0, $1 - 1) number ON CONFLICT DO NOTHING
            """, shards, (long)logId);
        return known;
    });

    /// <summary>Takes shards, all at once, so that of two engines that want the same ones one gets all.</summary>
    public static IReadOnlyList<IShardLog> Take(PostgresDatabase database, IReadOnlyList<int> shards) => WithoutLastOwner(database, shards, session => session.Transact(() =>
    {
        var numbers = shards.Select(s => (short)s).ToArray();
        session.Execute(LockTimeout);
        // In order, so that two who do this wait for each other and not in a circle.
        session.Execute("SELECT FROM livegrains.shard WHERE shard = ANY($1) ORDER BY shard FOR NO KEY UPDATE", numbers);
        var logs = session.Query("UPDATE livegrains.shard SET epoch = epoch + 1, owner = $1 WHERE shard = ANY($2) RETURNING shard, log_id, epoch",
            r => new PostgresLog(database, r.GetInt16(0), (ulong)r.GetInt64(1), r.GetInt64(2)), database.Owner, numbers);
        return shards.Select(s => logs.Single(l => l.Shard == s)).ToList<IShardLog>();
    }));

    /// <summary>
    /// The next epoch of a shard that is still ours, or null: another owner has it. When it returns, the end of the log is final
    /// until the new epoch writes.
    /// </summary>
    public static long? Renew(PostgresDatabase database, short shard) => WithoutLastOwner(database, [shard], session => session.Transact(() =>
    {
        session.Execute(LockTimeout);
        var epochs = session.Query("UPDATE livegrains.shard SET epoch = epoch + 1 WHERE shard = $1 AND owner = $2 RETURNING epoch", r => r.GetInt64(0), shard, database.Owner);
        return epochs.Count == 0 ? (long?)null : epochs[0];
    }));

    // A session that hangs, of a process that stands still or beyond a network that is gone, may hold the lock of a commit that it
    // never ended. It is ended by name: whatever it was about to commit counts as never written.
    private static T WithoutLastOwner<T>(PostgresDatabase database, IReadOnlyList<int> shards, Func<PostgresSession, T> take)
    {
        using var session = database.Open();
        try
        {
            return take(session);
        }
        catch (LogUnavailableException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
        {
            session.Execute("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                JOIN livegrains.shard ON application_name = 'livegrains ' || lpad(to_hex(owner), 16, '0') || ' ' || shard
                WHERE datname = current_database() AND shard = ANY($1)
                """, shards.Select(s => (short)s).ToArray());
            return take(session);
        }
    }
}
