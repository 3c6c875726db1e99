using LiveGrains.Cli.Benchmarks;
using LiveGrains.Engine;
using LiveGrains.Engine.Tests;
using Npgsql;

namespace LiveGrains.Postgres.Tests;

/// <summary>The schema is made and upgraded by whoever opens it.</summary>
[Collection(PostgresTests.Name)]
public sealed class SchemaTests(PostgresFixture postgres)
{
    [FactIfPostgres]
    public void An_older_schema_is_upgraded_and_keeps_its_log()
    {
        // Made by version 1, which had the log and no snapshots.
        var database = postgres.Server.CreateDatabase();
        var blocks = TestBlocks.Stream(8, 2, 20);
        using (var shard = Rows.Open(database, TestBlocks.Settings())) Rows.Take(shard, blocks[0]);
        PostgresServer.Execute(database, """
            DROP TABLE livegrains.model, livegrains.snapshot_part, livegrains.snapshot, livegrains.silo, livegrains.cluster, livegrains.orleansquery;
            ALTER TABLE livegrains.layout DROP COLUMN hash_key0, DROP COLUMN hash_key1;
            DELETE FROM livegrains.schema_version WHERE version > 1
            """);

        using var upgraded = Rows.Open(database, TestBlocks.Settings());
        Assert.Equal(PostgresSchema.Migrations.Count, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.schema_version"));
        Assert.Equal(20, upgraded.Recovery.Events);
        Rows.Take(upgraded, blocks[1]);
        upgraded.WriteSnapshot(0, 1);
        Assert.Single(upgraded.Log!.Snapshots());
    }

    [FactIfPostgres]
    public async Task A_database_without_hash_keys_gets_them_from_its_logs_when_one_engine_opens_all_of_it()
    {
        var database = postgres.Server.CreateDatabase();
        var options = EngineRun.Options(database, 2);
        await (await LiveGrainsEngine.OpenAsync(options)).DisposeAsync();
        var keys = Rows.Ask<long>(database, "SELECT hash_key0 FROM livegrains.layout");
        PostgresServer.Execute(database, "UPDATE livegrains.layout SET hash_key0 = NULL, hash_key1 = NULL");
        var refusal = await Assert.ThrowsAsync<LiveGrainsException>(async () => await LiveGrainsEngine.OpenAsync(options with { Owned = [1] }));
        Assert.Equal(ErrorCode.SettingsConflict, refusal.Code);
        await (await LiveGrainsEngine.OpenAsync(options)).DisposeAsync();
        Assert.Equal(keys, Rows.Ask<long>(database, "SELECT hash_key0 FROM livegrains.layout"));
        await (await LiveGrainsEngine.OpenAsync(options with { Owned = [1] })).DisposeAsync();
    }

    [FactIfPostgres]
    public void A_step_that_fails_leaves_the_schema_as_it_was()
    {
        var database = postgres.Server.CreateDatabase();
        _ = Rows.TakeOver(database);
        using var session = new PostgresDatabase(new(database) { Pooling = false }, 1).Open();
        var next = PostgresSchema.Migrations[^1].Version + 1;
        Assert.ThrowsAny<IOException>(() => PostgresSchema.Upgrade(session,
            [.. PostgresSchema.Migrations, new(next, "CREATE TABLE livegrains.good (n int)"), new(next + 1, "CREATE TABLE nowhere.bad (n int)")]));
        Assert.Equal(PostgresSchema.Migrations.Count, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.schema_version"));
        Assert.True(Rows.Ask<bool>(database, "SELECT to_regclass('livegrains.good') IS NULL"));
        PostgresSchema.Upgrade(session, [.. PostgresSchema.Migrations, new(next, "CREATE TABLE livegrains.good (n int)")]);
        Assert.False(Rows.Ask<bool>(database, "SELECT to_regclass('livegrains.good') IS NULL"));
    }

    [FactIfPostgres]
    public void A_newer_schema_is_refused_and_left_alone()
    {
        var database = postgres.Server.CreateDatabase();
        _ = Rows.TakeOver(database);
        var epoch = Rows.Ask<long>(database, "SELECT epoch FROM livegrains.shard");
        PostgresServer.Execute(database, "INSERT INTO livegrains.schema_version (version) VALUES (99)");
        var refusal = Assert.Throws<LiveGrainsException>(() => Rows.TakeOver(database));
        Assert.Equal(ErrorCode.SettingsConflict, refusal.Code);
        Assert.Contains("99", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(epoch, Rows.Ask<long>(database, "SELECT epoch FROM livegrains.shard"));
    }

    [FactIfPostgres]
    public void A_role_that_may_only_use_the_tables_can_run_an_engine()
    {
        var database = postgres.Server.CreateDatabase();
        _ = Rows.TakeOver(database);
        var name = new NpgsqlConnectionStringBuilder(database).Database;
        PostgresServer.Execute(database, $"""
            CREATE ROLE {name}_user LOGIN PASSWORD 'p';
            GRANT USAGE ON SCHEMA livegrains TO {name}_user;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA livegrains TO {name}_user;
            """);
        using var shard = Rows.Open(new NpgsqlConnectionStringBuilder(database) { Username = $"{name}_user", Password = "p" }.ConnectionString, TestBlocks.Settings());
        Rows.Take(shard, TestBlocks.Stream(8, 1, 20)[0]);
        shard.WriteSnapshot(0, 1);
        shard.Log!.Retain(0);
        Assert.Single(shard.Log.Snapshots());
    }
}
