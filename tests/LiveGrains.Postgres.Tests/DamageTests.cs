using LiveGrains.Cli.Benchmarks;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Tests;
using LiveGrains.Engine.Verification;

namespace LiveGrains.Postgres.Tests;

/// <summary>Rows that are not as they were written are noticed, and not folded.</summary>
[Collection(PostgresTests.Name)]
public sealed class DamageTests(PostgresFixture postgres)
{
    private const int Frames = 12;

    public static TheoryData<string> Damages() =>
    [
        "UPDATE livegrains.frame SET bytes = set_byte(bytes, 100, get_byte(bytes, 100) # 1) WHERE number = 5",
        "UPDATE livegrains.frame SET bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 128) WHERE number = 5",
        "UPDATE livegrains.frame SET bytes = set_byte(bytes, 0, 0) WHERE number = 0",
        // The last one, too: a row is never half written.
        "UPDATE livegrains.frame SET bytes = set_byte(bytes, 70, get_byte(bytes, 70) # 1) WHERE number = 11",
        "UPDATE livegrains.frame SET bytes = substring(bytes FROM 1 FOR 64) WHERE number = 11",
        "UPDATE livegrains.frame SET bytes = '' WHERE number = 11",
        "UPDATE livegrains.frame SET bytes = bytes || '\\x00' WHERE number = 4",
        "DELETE FROM livegrains.frame WHERE number = 6",
        "UPDATE livegrains.frame f SET bytes = g.bytes FROM livegrains.frame g WHERE f.number = 6 AND g.number = 7",
        "UPDATE livegrains.frame f SET bytes = g.bytes FROM livegrains.frame g WHERE f.number + g.number = 13 AND f.number IN (6, 7)",
    ];

    [TheoryIfPostgres]
    [MemberData(nameof(Damages))]
    public void A_damaged_row_of_the_log_is_noticed(string damage)
    {
        var database = Filled(out _);
        PostgresServer.Execute(database, damage);
        AssertFound(database, "shard 0, frame ");
        var refusal = Assert.Throws<LiveGrainsException>(() => Rows.Open(database, TestBlocks.Settings()));
        Assert.Equal(ErrorCode.LogDamaged, refusal.Code);
        Assert.Contains("rame ", refusal.Message, StringComparison.Ordinal);
    }

    [FactIfPostgres]
    public void A_log_that_lost_its_beginning_is_noticed()
    {
        var database = Filled(out _);
        PostgresServer.Execute(database, "DELETE FROM livegrains.frame WHERE number < 3");
        AssertFound(database, "shard 0");
        Assert.Equal(ErrorCode.SnapshotDamaged, Assert.Throws<LiveGrainsException>(() => Rows.Open(database, TestBlocks.Settings())).Code);
    }

    [FactIfPostgres]
    public void A_snapshot_whose_log_is_gone_is_noticed()
    {
        var database = Filled(out _, snapshotAt: 8);
        PostgresServer.Execute(database, "DELETE FROM livegrains.frame WHERE number >= 7");
        AssertFound(database, "shard 0");
        Assert.Equal(ErrorCode.LogDamaged, Assert.Throws<LiveGrainsException>(() => Rows.Open(database, TestBlocks.Settings())).Code);
        PostgresServer.Execute(database, "DELETE FROM livegrains.frame");
        AssertFound(database, "shard 0");
        Assert.Equal(ErrorCode.LogDamaged, Assert.Throws<LiveGrainsException>(() => Rows.Open(database, TestBlocks.Settings())).Code);
    }

    [TheoryIfPostgres]
    [InlineData("UPDATE livegrains.snapshot_part SET bytes = set_byte(bytes, 30, get_byte(bytes, 30) # 1) WHERE start = 0")]
    [InlineData("UPDATE livegrains.snapshot_part SET bytes = set_byte(bytes, 1000, get_byte(bytes, 1000) # 1) WHERE start > 0")]
    [InlineData("DELETE FROM livegrains.snapshot_part WHERE start > 0")]
    [InlineData("UPDATE livegrains.snapshot SET length = length + 1")]
    public void A_damaged_snapshot_is_not_used(string damage)
    {
        var database = Filled(out var digest, snapshotAt: 8);
        PostgresServer.Execute(database, damage);
        AssertFound(database, "shard 0, snapshot ");
        using var shard = Rows.Open(database, TestBlocks.Settings());
        Assert.Equal(-1, shard.Recovery.SnapshotPosition);
        Assert.Contains("cannot be used", Assert.Single(shard.Recovery.Notes), StringComparison.Ordinal);
        Assert.Equal(digest, shard.State.Digest());
        // A good one takes its place.
        shard.WriteSnapshot(0, 1);
        using var again = Rows.Open(database, TestBlocks.Settings());
        Assert.Equal(shard.Point.Position, again.Recovery.SnapshotPosition);
        Assert.Equal(digest, again.State.Digest());
    }

    [TheoryIfPostgres]
    [InlineData("UPDATE livegrains.frame SET epoch = 0 WHERE number = 7", "shard 0, frame 7")]
    [InlineData("UPDATE livegrains.frame SET epoch = 9 WHERE number = 11", "shard 0, frame 11")]
    [InlineData("UPDATE livegrains.frame SET position = position + 1 WHERE number = 5", "shard 0, frame 5")]
    [InlineData("UPDATE livegrains.layout SET shards = 2", "layout")]
    [InlineData("DELETE FROM livegrains.frame WHERE number < 8", "shard 0")]
    [InlineData("INSERT INTO livegrains.snapshot_part (snapshot, start, bytes) SELECT id, length, '\\x00' FROM livegrains.snapshot", "shard 0, snapshot ")]
    public void Verifying_finds_what_opening_does_not_look_at(string damage, string place)
    {
        var database = Filled(out _, snapshotAt: 8);
        PostgresServer.Execute(database, damage);
        AssertFound(database, place);
    }

    [FactIfPostgres]
    public void A_database_that_an_engine_uses_is_verified_and_left_alone()
    {
        var database = postgres.Server.CreateDatabase();
        Assert.Equal(ErrorCode.InputNotReadable, Assert.Throws<LiveGrainsException>(() => PostgresVerifier.Verify(database)).Code);
        using var shard = Rows.Open(database, TestBlocks.Settings());
        var blocks = TestBlocks.Stream(5, 30, 20).ToList();
        long events = 0;
        for (var i = 0; i < blocks.Count; i++)
        {
            events += blocks[i].Count;
            Rows.Take(shard, blocks[i]);
            if (i is 10 or 20) SnapshotBuilder.Build(shard.Log!, shard.Point.Position, 0, 1);
            if (i is not (5 or 15 or 29)) continue;
            var report = PostgresVerifier.Verify(database);
            Assert.True(report.Ok, string.Join('\n', report.Findings));
            Assert.Empty(report.Findings);
            Assert.Equal(events, report.Events);
            Assert.Equal(shard.Point.Number, report.Frames);
        }

        shard.Log!.Retain(0);
        var last = 0L;
        var retired = PostgresVerifier.Verify(database, new Telling(done => last = done.BytesDone));
        Assert.Empty(retired.Findings);
        Assert.InRange(retired.Frames, 1, shard.Point.Number - 1);
        Assert.Equal(retired.Bytes, last);
        // It still has the shard.
        shard.Seal();
        PostgresServer.Execute(database, "INSERT INTO livegrains.schema_version (version) VALUES (1000)");
        Assert.Equal(ErrorCode.SettingsConflict, Assert.Throws<LiveGrainsException>(() => PostgresVerifier.Verify(database)).Code);
    }

    [Fact]
    public void A_server_that_does_not_answer_is_not_verified() => Assert.Equal(
        ErrorCode.StorageUnavailable, Assert.Throws<LiveGrainsException>(() => PostgresVerifier.Verify("Host=127.0.0.1;Port=1;Database=live;Username=live;Timeout=2")).Code);

    private static void AssertFound(string database, string place)
    {
        var report = PostgresVerifier.Verify(database);
        Assert.False(report.Ok);
        Assert.Contains(report.Findings, f => f.Severity == "damage" && f.File.StartsWith(place, StringComparison.Ordinal));
    }

    private string Filled(out ulong digest, int snapshotAt = -1)
    {
        var database = postgres.Server.CreateDatabase();
        using var shard = Rows.Open(database, TestBlocks.Settings());
        foreach (var block in TestBlocks.Stream(3, Frames - 1, 20))
        {
            Rows.Take(shard, block);
            if (shard.Point.Number == snapshotAt) SnapshotBuilder.Build(shard.Log!, shard.Point.Position, 0, 1);
        }

        Assert.Equal(Frames, shard.Point.Number);
        digest = shard.State.Digest();
        return database;
    }

    private sealed class Telling(Action<VerifyProgress> tell) : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value) => tell(value);
    }
}
