using LiveGrains.Engine.Log;
using Npgsql;

namespace LiveGrains.Postgres;

/// <summary>The database as one owner of shards sees it. Any thread.</summary>
internal sealed class PostgresDatabase
{
    private readonly string _connectionString;
    private readonly string? _snapshot;

    /// <param name="connection">Where, and as whom.</param>
    /// <param name="owner">Random number of the owner.</param>
    /// <param name="snapshot">A snapshot that another session exported and keeps: all is read as it was then, and nothing can be written. Null: none.</param>
    public PostgresDatabase(NpgsqlConnectionStringBuilder connection, long owner, string? snapshot = null)
    {
        _snapshot = snapshot;
        Owner = owner;
        _connectionString = connection.ConnectionString;
    }

    /// <summary>Random number of the owner.</summary>
    public long Owner { get; }

    /// <summary>Opens a session whose commits are durable when they return. Throws <see cref="LogUnavailableException"/>.</summary>
    /// <param name="shard">The shard that it may lock: it is in the session's name, so that the shard's next owner can end it.</param>
    public PostgresSession Open(short? shard = null)
    {
        var name = shard is { } number ? $"livegrains {Owner:x16} {number}" : "livegrains";
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_connectionString) { ApplicationName = name }.ConnectionString);
        try
        {
            connection.Open();
            var session = new PostgresSession(connection);
            session.Execute("""
                SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false),
                  set_config('idle_session_timeout', '0', false)
                """);
            if (_snapshot == null) return session;
            // Until the session ends.
            session.Execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            session.Execute($"SET TRANSACTION SNAPSHOT '{_snapshot}'");
            return session;
        }
        catch (Exception e)
        {
            connection.Dispose();
            if (PostgresFailure.Is(e)) throw PostgresFailure.From(e, uncertain: false);
            throw;
        }
    }
}
