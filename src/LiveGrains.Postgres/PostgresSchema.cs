using System.Globalization;

namespace LiveGrains.Postgres;

/// <summary>One step of the schema: its number, from 1, and its statements.</summary>
internal sealed record Migration(int Version, string Sql);

/// <summary>
/// The schema `livegrains`: made and upgraded here, by whoever opens it. All steps that are missing are one transaction, under a lock
/// of the database, so that several may open it at once and a failure leaves it as it was. A step that was released never changes.
/// </summary>
internal static class PostgresSchema
{
    private const long LockKey = 0x4C69766547726E73; // LiveGrns

    /// <summary>All steps in order.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } = Read();

    /// <summary>Takes the steps that are missing. Throws <see cref="ErrorCode.SettingsConflict"/> when the schema is newer than this program.</summary>
    public static void Upgrade(PostgresSession session, IReadOnlyList<Migration> migrations)
    {
        // Without the rights to make anything a schema that is there can be used.
        if (Version(session) == migrations[^1].Version) return;
        session.Transact(() =>
        {
            session.Execute("SELECT pg_advisory_xact_lock($1)", LockKey);
            session.Execute("CREATE SCHEMA IF NOT EXISTS livegrains");
            session.Execute("CREATE TABLE IF NOT EXISTS livegrains.schema_version (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())");
            var version = Version(session);
            if (version > migrations[^1].Version)
            {
                throw new LiveGrainsException(ErrorCode.SettingsConflict,
                    $"The database has version {version} of the schema; this program knows version {migrations[^1].Version}. Use the newer program.");
            }

            foreach (var migration in migrations.Where(m => m.Version > version))
            {
                session.Execute(migration.Sql);
                session.Execute("INSERT INTO livegrains.schema_version (version) VALUES ($1)", migration.Version);
            }

            return true;
        });
    }

    /// <summary>The version of the schema; 0: there is none.</summary>
    public static int Version(PostgresSession session)
    {
        if (!session.Query("SELECT to_regclass('livegrains.schema_version') IS NOT NULL", r => r.GetBoolean(0))[0]) return 0;
        return session.Query("SELECT coalesce(max(version), 0) FROM livegrains.schema_version", r => r.GetInt32(0))[0];
    }

    private static List<Migration> Read()
    {
        var assembly = typeof(PostgresSchema).Assembly;
        return [.. assembly.GetManifestResourceNames().Order(StringComparer.Ordinal).Select(name =>
        {
            using var text = new StreamReader(assembly.GetManifestResourceStream(name)!);
            return new Migration(int.Parse(name.AsSpan(0, 3), CultureInfo.InvariantCulture), text.ReadToEnd());
        })];
    }
}
