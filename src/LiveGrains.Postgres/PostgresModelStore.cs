using LiveGrains.Engine.Recommendations;

namespace LiveGrains.Postgres;

/// <summary>Keeps the models beside a shard in a row of `model`, which nobody but the shard's owner writes.</summary>
internal sealed class PostgresModelStore(PostgresDatabase database, short shard) : IModelStore
{
    /// <inheritdoc/>
    public string Name => NameOf(shard);

    /// <summary>The name of a shard's models, for people.</summary>
    public static string NameOf(short shard) => $"the row of models of shard {shard}";

    /// <inheritdoc/>
    public byte[]? Read()
    {
        using var session = database.Open();
        return session.Query("SELECT substring(bytes FROM 1 FOR $2) FROM livegrains.model WHERE shard = $1", r => r.GetFieldValue<byte[]>(0), shard, (int)ModelFile.MaxBytes + 1).FirstOrDefault();
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        using var session = database.Open();
        // Of an owner that lost the shard nothing is kept, and nothing is missed: the new one has newer models.
        session.Execute(PostgresLog.Mine + """
             INSERT INTO livegrains.model (shard, bytes) SELECT shard, $3 FROM mine
            ON CONFLICT (shard) DO UPDATE SET bytes = excluded.bytes, made_at = now()
            """, shard, database.Owner, bytes.ToArray());
    }
}
