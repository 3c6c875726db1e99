using LiveGrains.Cli.Benchmarks;
using LiveGrains.Engine;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Storage;
using LiveGrains.Engine.Tests;
using LiveGrains.Model;

namespace LiveGrains.Postgres.Tests;

/// <summary>A log in rows is the same log as one in files.</summary>
[Collection(PostgresTests.Name)]
public sealed class LogTests(PostgresFixture postgres)
{
    [TheoryIfPostgres]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_same_events_give_the_same_bytes_of_state_on_rows_and_in_files(int seed)
    {
        var directory = Directory.CreateTempSubdirectory("livegrains-rows-").FullName;
        try
        {
            var settings = TestBlocks.Settings();
            var database = postgres.Server.CreateDatabase();
            var random = new SplitMix64((ulong)seed * 31);
            var rows = Rows.Open(database, settings);
            var files = Shard.Open(new FileStorage(directory), settings, 5, 64 << 10);
            foreach (var block in TestBlocks.Stream((ulong)seed, 80, 40))
            {
                Rows.Take(rows, block);
                Rows.Take(files, block);
                if (random.Chance(0.1)) rows.Seal();
                if (random.Chance(0.1))
                {
                    SnapshotBuilder.Build(rows.Log!, rows.Point.Position, 0, 1);
                    rows.Log!.Retain(random.Chance(0.5) ? 0 : 20_000);
                }

                if (!random.Chance(0.1)) continue;
                if (random.Chance(0.5)) rows.WriteSnapshot(0, 1);
                rows.Dispose();
                rows = Rows.Open(database, settings);
                Assert.Empty(rows.Recovery.Notes);
                Assert.Equal(files.State.Digest(), rows.State.Digest());
            }

            rows.WriteSnapshot(0, 1);
            files.WriteSnapshot(0, 1);
            Assert.Equal(files.State.Digest(), rows.State.Digest());
            Assert.Equal(Rows.StateBytes(files.Log!), Rows.StateBytes(rows.Log!));
            rows.Dispose();
            files.Dispose();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [FactIfPostgres]
    public void A_group_is_one_row_and_one_round_trip()
    {
        var database = postgres.Server.CreateDatabase();
        using var proxy = new Proxy(postgres.Server.Port);
        using var shard = Rows.Open(proxy.Through(database), TestBlocks.Settings());
        var blocks = TestBlocks.Stream(4, 30, 100).ToArray();
        Rows.Take(shard, blocks[0]);
        var before = proxy.RoundTrips;
        Rows.Take(shard, blocks[1..3]);
        Rows.Take(shard, blocks[3..7]);
        Rows.Take(shard, blocks[7..]);
        Assert.Equal(3, proxy.RoundTrips - before);
        Assert.Equal(5L, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.frame"));
        Assert.Equal(
            [blocks[0].Records.ToArray(), Joined(blocks[1..3]), Joined(blocks[3..7]), Joined(blocks[7..])],
            Rows.Payloads(shard.Log!));
    }

    [FactIfPostgres]
    public void Commits_are_durable_whatever_the_role_was_told()
    {
        var database = postgres.Server.CreateDatabase();
        PostgresServer.Execute(database, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$");
        Assert.Equal("off", Rows.Ask<string>(database, "SHOW synchronous_commit"));
        using var session = new PostgresDatabase(new(database) { Pooling = false }, 1).Open();
        Assert.Equal("on", session.Query("SHOW synchronous_commit", r => r.GetString(0))[0]);
    }

    [FactIfPostgres]
    public void Two_snapshots_are_kept_and_the_log_that_the_older_one_needs()
    {
        var database = postgres.Server.CreateDatabase();
        var settings = TestBlocks.Settings();
        using var shard = Rows.Open(database, settings);
        var positions = new List<LogPoint>();
        foreach (var block in TestBlocks.Stream(9, 400, 3))
        {
            Rows.Take(shard, block);
            if (shard.Point.Number % 100 != 0) continue;
            SnapshotBuilder.Build(shard.Log!, shard.Point.Position, 0, 1);
            shard.Log!.Retain(0);
            positions.Add(shard.Point);
        }

        Assert.Equal([positions[^2].Position, positions[^1].Position], shard.Log!.Snapshots());
        Assert.Equal(positions[^2].Number - 1, Rows.Ask<long>(database, "SELECT min(number) FROM livegrains.frame"));
        Assert.Equal(shard.Point.Number - 1, Rows.Ask<long>(database, "SELECT max(number) FROM livegrains.frame"));
        Assert.Equal(2L, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.snapshot"));
        Assert.Equal(0L, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.snapshot_part WHERE snapshot NOT IN (SELECT id FROM livegrains.snapshot)"));
        var digest = shard.State.Digest();
        using var again = Rows.Open(database, settings);
        Assert.Equal(digest, again.State.Digest());
        Assert.Equal(positions[^1].Position, again.Recovery.SnapshotPosition);
        Assert.Equal(shard.Point.Number - positions[^1].Number, again.Recovery.Frames);
    }

    [FactIfPostgres]
    public void A_full_database_refuses_and_goes_on_when_there_is_room_again()
    {
        var database = postgres.Server.CreateDatabase();
        using var shard = Rows.Open(database, TestBlocks.Settings());
        var blocks = TestBlocks.Stream(5, 2, 10);
        PostgresServer.Execute(database, """
            CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT ON livegrains.frame FOR EACH ROW EXECUTE FUNCTION full_disk();
            """);
        Assert.Throws<StorageFullException>(() => shard.Commit([blocks[0]], 0));
        PostgresServer.Execute(database, "DROP TRIGGER full_disk ON livegrains.frame");
        Assert.False(Rows.Settle(shard));
        Rows.Take(shard, blocks[1]);
        Assert.Equal([blocks[1].Records.ToArray()], Rows.Payloads(shard.Log!));
    }

    [FactIfPostgres]
    public void A_snapshot_that_was_not_finished_is_not_used_and_removed()
    {
        var database = postgres.Server.CreateDatabase();
        using (var shard = Rows.Open(database, TestBlocks.Settings()))
        {
            Rows.Take(shard, [.. TestBlocks.Stream(6, 3, 50)]);
            using var file = shard.Log!.CreateSnapshot(shard.Point);
            file.Write(new byte[3 << 20], SnapshotHead.Bytes);
            Assert.Equal(1L, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.snapshot"));
            Assert.Empty(shard.Log.Snapshots());
        }

        using var again = Rows.Open(database, TestBlocks.Settings());
        Assert.Equal(-1, again.Recovery.SnapshotPosition);
        Assert.Equal(0L, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.snapshot"));
        Assert.Equal(0L, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.snapshot_part"));
    }

    private static byte[] Joined(Engine.Ingest.IngestBlock[] blocks) => [.. blocks.SelectMany(b => b.Records.ToArray())];
}
