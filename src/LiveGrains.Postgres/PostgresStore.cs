using System.Security.Cryptography;
using LiveGrains.Engine;
using LiveGrains.Engine.Log;
using Npgsql;

namespace LiveGrains.Postgres;

/// <summary>
/// Keeps the logs and snapshots of shards in a PostgreSQL database, in the schema `livegrains`, which it makes and upgrades
/// (docs/postgres.md). Several engines may open the same database; the one that opened it last has the shards. Any thread.
/// </summary>
public sealed class PostgresStore : ShardStore
{
    private readonly NpgsqlConnectionStringBuilder _connection;

    /// <summary>Takes a connection string of Npgsql, `Host=…;Database=…;Username=…;Password=…`. Throws <see cref="ErrorCode.WrongUsage"/>, without repeating it: it is a secret.</summary>
    public PostgresStore(string connectionString)
    {
        try
        {
            _connection = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // Not as the inner exception either: its words may repeat a part of the string.
            throw NotReadable();
        }

        if (string.IsNullOrEmpty(_connection.Host)) throw NotReadable();
        // The owner of a shard has a session of its own: nothing of another one's may be left in it.
        _connection.Pooling = false;
        _connection.Enlist = false;
        _connection.PersistSecurityInfo = false;
        // Its values could be people's.
        _connection.IncludeErrorDetail = false;
        _connection.TcpKeepAlive = true;
        if (!_connection.ShouldSerialize("Timeout")) _connection.Timeout = 5;
        if (!_connection.ShouldSerialize("Command Timeout")) _connection.CommandTimeout = 10;
        if (!_connection.ShouldSerialize("Write Buffer Size")) _connection.WriteBufferSize = 128 << 10;
        if (!_connection.ShouldSerialize("Read Buffer Size")) _connection.ReadBufferSize = 128 << 10;
        Description = $"PostgreSQL, database {_connection.Database ?? _connection.Username} on {_connection.Host}:{_connection.Port}";
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>For the membership of a cluster: the same database, with its tables first in the way of names, and pooled. A secret.</summary>
    internal string MembershipConnection => new NpgsqlConnectionStringBuilder(_connection.ConnectionString)
    {
        SearchPath = "livegrains",
        Pooling = true,
        MaxPoolSize = 4,
        ApplicationName = "livegrains membership",
    }.ConnectionString;

    /// <summary>Makes what is not there yet, for engines that each have a part of the shards; returns the hash keys that all of them use.</summary>
    internal HashKeys Share(int shards, CancellationToken cancellationToken)
    {
        ulong Random() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        try
        {
            return Prepare(shards, Random() | 1, new HashKeys(Random(), Random()), cancellationToken) ?? throw EngineOpening.NoKeys();
        }
        catch (LogUnavailableException e)
        {
            throw new LiveGrainsException(ErrorCode.StorageUnavailable, e.Message, e);
        }
    }

    internal override HashKeys? Prepare(int shards, ulong logId, HashKeys keys, CancellationToken cancellationToken)
    {
        using var session = Database().Open();
        cancellationToken.ThrowIfCancellationRequested();
        PostgresSchema.Upgrade(session, PostgresSchema.Migrations);
        return ShardOwnership.Prepare(session, shards, logId, keys);
    }

    internal override void KeepKeys(HashKeys keys)
    {
        using var session = Database().Open();
        session.Execute("UPDATE livegrains.layout SET hash_key0 = $1, hash_key1 = $2 WHERE hash_key0 IS NULL", (long)keys.Key0, (long)keys.Key1);
    }

    // A number of its own for each taking over: an owner that comes again is another one.
    internal override IReadOnlyList<IShardLog> TakeOver(IReadOnlyList<int> shards) => ShardOwnership.Take(Database(), shards);

    /// <summary>The database, with a number of its own.</summary>
    /// <param name="snapshot">As <see cref="PostgresDatabase"/> takes it.</param>
    internal PostgresDatabase Database(string? snapshot = null) => new(_connection, BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)), snapshot);

    private static LiveGrainsException NotReadable() =>
        new(ErrorCode.WrongUsage, "The connection string of PostgreSQL cannot be read. Its form is Host=…;Database=…;Username=…;Password=…");
}
