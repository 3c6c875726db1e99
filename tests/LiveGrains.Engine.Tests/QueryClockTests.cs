using System.Text;
using LiveGrains.Model;

namespace LiveGrains.Engine.Tests;

/// <summary>Questions that come while blocks wait do not change what the log gives.</summary>
public sealed class QueryClockTests
{
    [Theory]
    [InlineData(ClockMode.Event)]
    [InlineData(ClockMode.Wall)]
    public async Task Questions_among_waiting_blocks_leave_the_state_that_a_replay_gives(ClockMode mode)
    {
        const long Start = 1_700_000_000_000;
        var time = new FakeTime(Start);
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = mode, DedupeIds = 1024 }, time);
        // The shard's thread is held so that blocks wait, each at a clock more than a session later than the one before.
        var random = new SplitMix64(9);
        for (var round = 0; round < 20; round++)
        {
            using var held = new ManualResetEventSlim();
            var hold = engine.Shards[0].Ask(_ => { held.Wait(); return 0; });
            var answers = new List<Task>();
            for (var block = 0; block < 6; block++)
            {
                var line = $$"""{"id":"{{round}}.{{block}}","type":"heartbeat","time":{{time.NowMs}},"room":"r","user":"u{{block % 2}}"}""";
                answers.Add(engine.IngestAsync(Encoding.UTF8.GetBytes(line), EventFormat.NdJson).AsTask());
                answers.Add(engine.GetOverviewAsync().AsTask());
                time.NowMs += random.Between(20_000, 60_000);
                // The server's time may go back after a question.
                if (block == 3) time.NowMs -= 15_000;
            }

            held.Set();
            await hold;
            await Task.WhenAll(answers);
        }

        // Every user's heartbeats are at most 120 s apart; whether that is a new session depends on their times alone.
        var room = (await engine.GetRoomAsync("r"))!;
        var expected = Replay(mode);
        Assert.Equal(expected, (room.Views, room.WatchSeconds));
    }

    [Fact]
    public void After_an_answer_no_event_has_an_earlier_clock_although_the_servers_time_goes_back()
    {
        var time = new FakeTime(1_700_000_000_000);
        var clock = new EngineClock(ClockMode.Wall, time, long.MinValue);
        var answered = clock.ReadForAnswer();
        time.NowMs -= 10_000;
        var block = TestBlocks.Block([Encoding.UTF8.GetBytes($$"""{"id":"1","type":"enter","time":{{time.NowMs}},"room":"r","user":"u"}""")], clock);
        Assert.Equal(answered, System.Runtime.InteropServices.MemoryMarshal.Read<Core.EventRecord>(block.Records).ClockMs);
    }

    // The same events one by one without a question.
    private static (long Views, double WatchSeconds) Replay(ClockMode mode)
    {
        var time = new FakeTime(1_700_000_000_000);
        var random = new SplitMix64(9);
        using var state = new Core.ShardState(TestBlocks.Settings(new EngineOptions { Clock = mode, DedupeIds = 1024 }));
        var clock = new EngineClock(mode, time, long.MinValue);
        for (var round = 0; round < 20; round++)
        {
            for (var block = 0; block < 6; block++)
            {
                var line = $$"""{"id":"{{round}}.{{block}}","type":"heartbeat","time":{{time.NowMs}},"room":"r","user":"u{{block % 2}}"}""";
                var made = TestBlocks.Block([Encoding.UTF8.GetBytes(line)], clock);
                state.Fold(made.Records, made.Verdicts);
                time.NowMs += random.Between(20_000, 60_000);
                if (block == 3) time.NowMs -= 15_000;
            }
        }

        var hash = state.Hash.Of("r"u8);
        var metrics = Core.RoomAnswers.Metrics(state, state.Rooms.Find(hash, "r"u8));
        return (metrics.Views, metrics.WatchSeconds);
    }
}
