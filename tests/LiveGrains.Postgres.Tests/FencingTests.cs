using LiveGrains.Cli.Benchmarks;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Tests;
using Npgsql;

namespace LiveGrains.Postgres.Tests;

/// <summary>Who has lost a shard cannot write to it, whatever it knows; who takes it over finds all that was acknowledged.</summary>
[Collection(PostgresTests.Name)]
public sealed class FencingTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [FactIfPostgres]
    public void An_owner_that_stood_still_cannot_write_when_it_wakes_up()
    {
        var database = postgres.Server.CreateDatabase();
        var blocks = TestBlocks.Stream(1, 6, 20);
        using var old = Rows.Open(database, TestBlocks.Settings());
        Rows.Take(old, blocks[0]);
        Rows.Take(old, blocks[1]);
        using var next = Rows.Open(database, TestBlocks.Settings());
        Assert.Equal(old.State.Digest(), next.State.Digest());

        Assert.Equal(ErrorCode.ShardMoved, Assert.Throws<LiveGrainsException>(() => old.Commit([blocks[2]], 0)).Code);
        Assert.True(old.IsBroken);
        Assert.Equal(ErrorCode.ShardMoved, Assert.Throws<LiveGrainsException>(() => old.Commit([blocks[3]], 0)).Code);
        Rows.Take(next, blocks[4]);
        Assert.Equal(ErrorCode.ShardMoved, Assert.Throws<LiveGrainsException>(() => old.Commit([blocks[3]], 0)).Code);
        Assert.Equal([.. new[] { 0, 1, 4 }.Select(i => blocks[i].Records.ToArray())], Rows.Payloads(next.Log!));
    }

    [FactIfPostgres]
    public void An_owner_that_only_rests_finds_out()
    {
        var database = postgres.Server.CreateDatabase();
        using var old = Rows.Open(database, TestBlocks.Settings());
        old.Seal();
        using var next = Rows.Open(database, TestBlocks.Settings());
        Assert.Equal(ErrorCode.ShardMoved, Assert.Throws<LiveGrainsException>(old.Seal).Code);
        next.Seal();
    }

    [FactIfPostgres]
    public void An_owner_that_lost_the_shard_removes_and_publishes_nothing()
    {
        var database = postgres.Server.CreateDatabase();
        using var old = Rows.Open(database, TestBlocks.Settings());
        foreach (var block in TestBlocks.Stream(2, 9, 20))
        {
            Rows.Take(old, block);
            if (old.Point.Number % 3 == 0) SnapshotBuilder.Build(old.Log!, old.Point.Position, 0, 1);
        }

        Assert.Equal(3, old.Log!.Snapshots().Count);
        var point = old.Point with { Position = old.Point.Position + 64 };
        using var unfinished = old.Log.CreateSnapshot(point);
        unfinished.Write(new byte[100], SnapshotHead.Bytes);
        var next = Rows.TakeOver(database);
        old.Log.Retain(0);
        Assert.Equal(3, next.Snapshots().Count);
        Assert.Equal(10L, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.frame"));
        Assert.Equal(ErrorCode.ShardMoved, Assert.Throws<LiveGrainsException>(() => old.Log.PublishSnapshot(unfinished, point)).Code);
        Assert.Equal(ErrorCode.ShardMoved, Assert.Throws<LiveGrainsException>(() => old.Log.CreateSnapshot(point)).Code);
        Assert.Equal(3, next.Snapshots().Count);
        next.Retain(0);
        Assert.Equal(2, next.Snapshots().Count);
    }

    [FactIfPostgres]
    public async Task A_commit_that_meets_a_take_over_waits_for_it_and_is_refused()
    {
        var database = postgres.Server.CreateDatabase();
        var blocks = TestBlocks.Stream(3, 2, 20);
        using var old = Rows.Open(database, TestBlocks.Settings());
        await using var taking = new NpgsqlConnection(database + ";Pooling=false");
        await taking.OpenAsync();
        await using var transaction = await taking.BeginTransactionAsync();
        await using (var update = new NpgsqlCommand("UPDATE livegrains.shard SET epoch = epoch + 1, owner = 77", taking)) await update.ExecuteNonQueryAsync();
        await using var watching = await WatchAsync(database);
        var commit = Task.Run(() => Assert.Throws<LiveGrainsException>(() => old.Commit([blocks[0]], 0)));
        AwaitLockWait(watching);
        Assert.False(commit.IsCompleted);
        await transaction.CommitAsync();
        Assert.Equal(ErrorCode.ShardMoved, (await commit.WaitAsync(Limit)).Code);
        Assert.Equal(1L, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.frame"));
    }

    [FactIfPostgres]
    public async Task A_take_over_that_is_given_up_lets_the_commit_through()
    {
        var database = postgres.Server.CreateDatabase();
        var blocks = TestBlocks.Stream(3, 2, 20);
        using var owner = Rows.Open(database, TestBlocks.Settings());
        await using var taking = new NpgsqlConnection(database + ";Pooling=false");
        await taking.OpenAsync();
        await using var transaction = await taking.BeginTransactionAsync();
        await using (var update = new NpgsqlCommand("UPDATE livegrains.shard SET epoch = epoch + 1, owner = 77", taking)) await update.ExecuteNonQueryAsync();
        await using var watching = await WatchAsync(database);
        var commit = Task.Run(() => Rows.Take(owner, blocks[0]));
        AwaitLockWait(watching);
        await transaction.RollbackAsync();
        await commit.WaitAsync(Limit);
        Assert.Equal([blocks[0].Records.ToArray()], Rows.Payloads(owner.Log!));
    }

    [FactIfPostgres]
    public async Task A_take_over_waits_for_the_commit_that_is_under_way_and_finds_it()
    {
        var database = postgres.Server.CreateDatabase();
        using (var old = Rows.Open(database, TestBlocks.Settings())) Rows.Take(old, TestBlocks.Stream(3, 1, 20)[0]);
        // What the server does in the middle of a commit: the row is locked and added, and not committed yet.
        await using var committing = new NpgsqlConnection(database + ";Pooling=false");
        await committing.OpenAsync();
        await using var transaction = await committing.BeginTransactionAsync();
        await using (var half = new NpgsqlCommand("SELECT 1 FROM livegrains.shard FOR SHARE", committing)) await half.ExecuteScalarAsync();
        var epoch = Rows.Ask<long>(database, "SELECT epoch FROM livegrains.shard");
        await using var watching = await WatchAsync(database);
        var taking = Task.Run(() => Rows.TakeOver(database));
        AwaitLockWait(watching);
        Assert.Equal(epoch, Ask(watching, "SELECT epoch FROM livegrains.shard"));
        await transaction.CommitAsync();
        await taking.WaitAsync(Limit);
        Assert.Equal(epoch + 1, Rows.Ask<long>(database, "SELECT epoch FROM livegrains.shard"));
    }

    [FactIfPostgres]
    public async Task A_session_of_the_old_owner_that_hangs_with_its_lock_is_ended()
    {
        var database = postgres.Server.CreateDatabase();
        using var old = Rows.Open(database, TestBlocks.Settings());
        var name = Rows.Ask<string>(database, "SELECT 'livegrains ' || lpad(to_hex(owner), 16, '0') || ' 0' FROM livegrains.shard");
        // One that ended may still be seen for a moment.
        Assert.True(SpinWait.SpinUntil(() => Rows.Ask<long>(database, $"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}'") == 1, Limit), "It has one session.");
        await using var hanging = new NpgsqlConnection(database + ";Pooling=false;Application Name=" + name);
        await hanging.OpenAsync();
        await using var transaction = await hanging.BeginTransactionAsync();
        await using var half = new NpgsqlCommand("SELECT 1 FROM livegrains.shard FOR SHARE", hanging);
        await half.ExecuteScalarAsync();
        using var next = await Task.Run(() => Rows.Open(database, TestBlocks.Settings())).WaitAsync(Limit);
        Rows.Take(next, TestBlocks.Stream(3, 1, 20)[0]);
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await half.ExecuteScalarAsync());
    }

    [FactIfPostgres]
    public void A_commit_whose_answer_was_lost_before_a_take_over_is_found_by_both()
    {
        var database = postgres.Server.CreateDatabase();
        using var proxy = new Proxy(postgres.Server.Port);
        var blocks = TestBlocks.Stream(7, 3, 20);
        using var old = Rows.Open(proxy.Through(database), TestBlocks.Settings());
        Rows.Take(old, blocks[0]);
        proxy.HoldAnswers();
        var commit = Task.Run(() => Assert.Throws<LogUnavailableException>(() => old.Commit([blocks[1]], 0)));
        proxy.AwaitHeld();
        using var next = Rows.Open(database, TestBlocks.Settings());
        Assert.Equal(blocks[1].Records.ToArray(), Rows.Payloads(next.Log!)[^1]);
        Rows.Take(next, blocks[2]);
        proxy.Cut();
        Assert.True(commit.GetAwaiter().GetResult().IsUncertain);
        // It is in the log, so it may be acknowledged; nothing after it.
        Assert.True(Rows.Settle(old));
        Assert.Equal(ErrorCode.ShardMoved, Assert.Throws<LiveGrainsException>(() => old.Commit([blocks[2]], 0)).Code);
        Assert.Equal([.. blocks.Select(b => b.Records.ToArray())], Rows.Payloads(next.Log!));
    }

    [FactIfPostgres]
    public void A_commit_that_never_arrived_before_a_take_over_is_refused()
    {
        var database = postgres.Server.CreateDatabase();
        using var proxy = new Proxy(postgres.Server.Port);
        var blocks = TestBlocks.Stream(7, 3, 20);
        using var old = Rows.Open(proxy.Through(database), TestBlocks.Settings());
        Rows.Take(old, blocks[0]);
        proxy.HoldRequests();
        var commit = Task.Run(() => Assert.Throws<LogUnavailableException>(() => old.Commit([blocks[1]], 0)));
        proxy.AwaitHeld();
        using var next = Rows.Open(database, TestBlocks.Settings());
        Rows.Take(next, blocks[2]);
        proxy.Cut();
        Assert.True(commit.GetAwaiter().GetResult().IsUncertain);
        Assert.Equal(ErrorCode.ShardMoved, Assert.Throws<LiveGrainsException>(() => Rows.Settle(old)).Code);
        Assert.Equal([blocks[0].Records.ToArray(), blocks[2].Records.ToArray()], Rows.Payloads(next.Log!));
    }

    [FactIfPostgres]
    public async Task Two_engines_that_start_at_once_on_an_empty_database_agree_on_one()
    {
        for (var round = 0; round < 5; round++)
        {
            var database = postgres.Server.CreateDatabase();
            var starts = Enumerable.Range(0, 2).Select(_ => Task.Run(() => new PostgresStore(database).TakeOver(4, 5, CancellationToken.None))).ToList();
            await Task.WhenAll(starts).WaitAsync(Limit);
            Assert.Equal(1L, Rows.Ask<long>(database, "SELECT count(DISTINCT owner) FROM livegrains.shard"));
            Assert.Equal(2L, Rows.Ask<long>(database, "SELECT min(epoch) FROM livegrains.shard"));
            Assert.Equal(4L, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.shard WHERE epoch = 2 AND log_id = 5 + shard"));
            Assert.Equal((long)PostgresSchema.Migrations.Count, Rows.Ask<long>(database, "SELECT count(*) FROM livegrains.schema_version"));
        }
    }

    // On one session that is there before: who waits for a lock gives up after a few seconds.
    private static async Task<NpgsqlConnection> WatchAsync(string database)
    {
        var session = new NpgsqlConnection(database + ";Pooling=false");
        await session.OpenAsync();
        return session;
    }

    private static void AwaitLockWait(NpgsqlConnection session) =>
        Assert.True(SpinWait.SpinUntil(() => Ask(session, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") > 0, Limit), "Nobody waits.");

    private static long Ask(NpgsqlConnection session, string sql)
    {
        using var command = new NpgsqlCommand(sql, session);
        return (long)command.ExecuteScalar()!;
    }
}
