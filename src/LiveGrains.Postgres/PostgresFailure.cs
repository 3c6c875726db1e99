using System.Net.Sockets;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Storage;
using Npgsql;

namespace LiveGrains.Postgres;

/// <summary>What a failure of the database means for a log. The words have no connection string and no values of rows.</summary>
internal static class PostgresFailure
{
    /// <summary>
    /// True for what the database, or the way to it, can do wrong. A session that breaks between two steps of the driver shows as an
    /// <see cref="InvalidOperationException"/>: its connection is not open, or something in it is disposed.
    /// </summary>
    public static bool Is(Exception e) => e is NpgsqlException or SocketException or TimeoutException or IOException or InvalidOperationException;

    /// <summary>True when the server says that it did nothing: an error ends the statement and its transaction, anything worse the session at an unknown place.</summary>
    public static bool IsRefusal(Exception e) => e is PostgresException { InvariantSeverity: "ERROR" };

    /// <summary>The same as an exception of logs.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="uncertain">True when something may have been committed, unless the server says that it was not.</param>
    public static IOException From(Exception e, bool uncertain) => e switch
    {
        LogUnavailableException or StorageFullException => (IOException)e,
        PostgresException { SqlState: PostgresErrorCodes.DiskFull, InvariantSeverity: "ERROR" } => new StorageFullException("The database has no room.", e),
        PostgresException p => new LogUnavailableException($"PostgreSQL refused: {p.MessageText} ({p.SqlState})", e) { IsUncertain = uncertain && !IsRefusal(e) },
        _ => new LogUnavailableException(e.InnerException == null ? e.Message : $"{e.Message}: {e.InnerException.Message}", e) { IsUncertain = uncertain },
    };
}
