using LiveGrains.Engine.Log;
using LiveGrains.Engine.Storage;
using Npgsql;

namespace LiveGrains.Postgres;

/// <summary>
/// One connection, not pooled. Its members throw <see cref="LogUnavailableException"/> and <see cref="StorageFullException"/>. One thread.
/// </summary>
internal sealed class PostgresSession(NpgsqlConnection connection) : IDisposable
{
    /// <summary>Runs a statement, `$1`, `$2`, … its parameters; returns the rows that it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object> parameters)
    {
        using var command = Command(sql, parameters);
        return Run(command, static c => c.ExecuteNonQuery());
    }

    /// <summary>Runs a statement; returns its rows.</summary>
    public List<T> Query<T>(string sql, Func<NpgsqlDataReader, T> row, params ReadOnlySpan<object> parameters)
    {
        using var command = Command(sql, parameters);
        return Run(command, c =>
        {
            var rows = new List<T>();
            using var reader = c.ExecuteReader();
            while (reader.Read()) rows.Add(row(reader));
            return rows;
        });
    }

    /// <summary>Runs statements as one transaction.</summary>
    public T Transact<T>(Func<T> statements)
    {
        try
        {
            using var transaction = connection.BeginTransaction();
            var result = statements();
            transaction.Commit();
            return result;
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            throw PostgresFailure.From(e, uncertain: false);
        }
    }

    /// <summary>A command with parameters: numbers, texts and bytes.</summary>
    public NpgsqlCommand Command(string sql, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in parameters) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private static T Run<T>(NpgsqlCommand command, Func<NpgsqlCommand, T> run)
    {
        try
        {
            return run(command);
        }
        catch (Exception e) when (PostgresFailure.Is(e))
        {
            throw PostgresFailure.From(e, uncertain: false);
        }
    }
}
