using LiveGrains.Engine.Log;
using Npgsql;
using NpgsqlTypes;

namespace LiveGrains.Postgres;

/// <summary>A session with what a writer asks of it, prepared: adding a frame, and whether the epoch is still the shard's. One thread.</summary>
internal sealed class PostgresAppender : IDisposable
{
    // The lock ends with the statement, which is a transaction of its own. It waits for a take-over that is under way, and a take-over
    // waits for it; after waiting the server looks at the epoch again.
    private const string AppendSql = """
        INSERT INTO livegrains.frame (shard, number, position, epoch, bytes)
        SELECT shard, $3, $4, epoch, $5 FROM livegrains.shard WHERE shard = $1 AND epoch = $2 FOR SHARE
        """;

    private readonly PostgresSession _session;
    private readonly NpgsqlCommand _append;
    private readonly NpgsqlCommand _check;
    private readonly NpgsqlParameter<long> _number = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
    private readonly NpgsqlParameter<long> _position = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
    private readonly NpgsqlParameter<ReadOnlyMemory<byte>> _bytes = new() { NpgsqlDbType = NpgsqlDbType.Bytea };

    /// <summary>Opens the session. Throws <see cref="LogUnavailableException"/>.</summary>
    public PostgresAppender(PostgresDatabase database, short shard, long epoch)
    {
        _session = database.Open(shard);
        _append = _session.Command(AppendSql, shard, epoch);
        foreach (var parameter in (NpgsqlParameter[])[_number, _position, _bytes]) _append.Parameters.Add(parameter);
        _check = _session.Command("SELECT 1 FROM livegrains.shard WHERE shard = $1 AND epoch = $2", shard, epoch);
        try
        {
            _append.Prepare();
            _check.Prepare();
        }
        catch (Exception e)
        {
            Dispose();
            if (PostgresFailure.Is(e)) throw PostgresFailure.From(e, uncertain: false);
            throw;
        }
    }

    /// <summary>Adds a frame in one round trip; false when the epoch is not the shard's any more. Throws what the driver throws.</summary>
    public bool Append(in FrameHead head, ReadOnlyMemory<byte> frame)
    {
        _number.TypedValue = head.Number;
        _position.TypedValue = head.Position;
        _bytes.TypedValue = frame;
        return _append.ExecuteNonQuery() == 1;
    }

    /// <summary>True while the epoch is the shard's. Throws what the driver throws.</summary>
    public bool IsOwner() => _check.ExecuteScalar() != null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _append.Dispose();
        _check.Dispose();
        _session.Dispose();
    }
}
