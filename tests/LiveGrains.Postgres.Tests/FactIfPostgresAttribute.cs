using LiveGrains.Cli.Benchmarks;

namespace LiveGrains.Postgres.Tests;

/// <summary>A test that needs a PostgreSQL server; skipped, saying why, where it cannot be had.</summary>
public sealed class FactIfPostgresAttribute : FactAttribute
{
    /// <summary>Skips the test where there is none.</summary>
    public FactIfPostgresAttribute() => Skip = PostgresServer.Missing;
}

/// <summary>The same with data.</summary>
public sealed class TheoryIfPostgresAttribute : TheoryAttribute
{
    /// <summary>Skips the tests where there is none.</summary>
    public TheoryIfPostgresAttribute() => Skip = PostgresServer.Missing;
}
