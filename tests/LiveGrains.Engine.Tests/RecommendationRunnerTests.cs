using System.Runtime.InteropServices;
using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Recommendations;

namespace LiveGrains.Engine.Tests;

/// <summary>The recommender's thread when it is behind, is told nonsense, or hears of an item from two sides.</summary>
public sealed class RecommendationRunnerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private int _id;

    [Fact]
    public async Task Items_are_in_lists_also_when_the_feed_that_told_of_them_was_left_out()
    {
        await using var engine = await Open();
        await SendAsync(engine, "room.start", "before");
        await engine.SettleRecommendationsAsync();
        using var release = new ManualResetEventSlim();
        var held = Hold(engine, release);
        // Records of no kind, 48 MB each: of what comes behind the first one nothing fits.
        for (var i = 0; i < 2; i++) engine.Recommendations.Tell(0, new byte[48_000_000]);
        await SendAsync(engine, "room.start", "lost");
        await engine.AskOwned(_ => true);
        Assert.True(engine.Recommendations.Dropped >= 1);
        release.Set();
        Assert.True(await held);
        await UntilAsync(async () => (await engine.RecommendAsync("u", new RecommendationQuery { Limit = 10 })).Items.Select(i => i.Id).Order().SequenceEqual(["before", "lost"]));
    }

    [Fact]
    public async Task A_feed_that_cannot_be_read_costs_itself_alone()
    {
        await using var engine = await Open();
        var failures = new List<Exception>();
        void Note(Exception e)
        {
            lock (failures) failures.Add(e);
        }

        LiveGrainsEngine.BackgroundFailure += Note;
        try
        {
            await SendAsync(engine, "room.start", "before");
            // A record that says it is longer than what there is.
            var broken = new byte[100];
            MemoryMarshal.Write(broken, new FeedHead { Kind = FeedKind.Item, Length = 5000, Item = 1 });
            engine.Recommendations.Tell(0, broken);
            await SendAsync(engine, "room.start", "behind");
            await engine.SettleRecommendationsAsync();
        }
        finally
        {
            LiveGrainsEngine.BackgroundFailure -= Note;
        }

        Assert.Equal(["before", "behind"], (await engine.RecommendAsync("u", new RecommendationQuery { Limit = 10 })).Items.Select(i => i.Id).Order());
        lock (failures) Assert.Contains(failures, e => e is ArgumentOutOfRangeException);
        Assert.Equal(0, engine.Recommendations.QueuedBytes);
    }

    [Fact]
    public async Task It_learns_between_questions_however_many_wait()
    {
        await using var engine = await Open();
        using var release = new ManualResetEventSlim();
        var held = Hold(engine, release);
        var questions = Enumerable.Range(0, 1000).Select(_ => engine.Recommendations.Ask((_, items) => items.Find(InterestKind.Room, "new") != 0)).ToList();
        await SendAsync(engine, "room.start", "new");
        await engine.AskOwned(_ => true);
        release.Set();
        Assert.True(await held);
        var answers = await Task.WhenAll(questions);
        Assert.False(answers[0]);
        Assert.True(answers[^1]);
    }

    [Fact]
    public async Task What_goes_wrong_in_an_answer_is_the_askers_to_know_and_the_shard_goes_on()
    {
        await using var engine = await Open();
        await Assert.ThrowsAsync<NotSupportedException>(() => engine.AskOwned<int>(_ => throw new NotSupportedException()));
        await SendAsync(engine, "room.start", "r");
        Assert.Equal("ready", engine.GetStatus().State);
        Assert.NotNull(await engine.GetRoomAsync("r"));
    }

    [Fact]
    public unsafe void Of_an_item_elsewhere_what_its_shard_says_again_and_again_is_right()
    {
        var hash = new KeyHash(1, 2);
        using var state = new ShardState(EngineOpening.Settings(new EngineOptions()) with { HashKey0 = 1, HashKey1 = 2 });
        var room = Enumerable.Range(0, 100).Select(i => Encoding.ASCII.GetBytes($"r{i}")).First(key => Shards.ShardRouter.ShardOf(hash.Of(key), 2) == 1);
        using var items = new ItemDirectory([state, null], new EngineClock(ClockMode.Wall, TimeProvider.System, 0));
        var row = state.Rooms.Add(hash.Of(room), room);
        var item = items.Resolve(0, InterestItem.Of(InterestKind.Room, row));
        void Tell(bool isAvailable) => items.Note(InterestKind.Room, room, isAvailable, default);

        // As the catalog events say that came here: at once.
        state.RoomAt(row)->Flags = RoomFlags.Live;
        Assert.True(items.IsAvailable(item));
        Tell(true);
        state.RoomAt(row)->Flags = RoomFlags.Ended;
        Assert.False(items.IsAvailable(item));
        // What its shard said before it heard of the end changes nothing.
        Tell(true);
        Tell(true);
        Assert.False(items.IsAvailable(item));
        Tell(false);
        Tell(true);
        Assert.False(items.IsAvailable(item));
        // But two events came here in another order than there.
        Tell(true);
        Tell(true);
        Assert.True(items.IsAvailable(item));
        Tell(false);
        Assert.False(items.IsAvailable(item));
        state.RoomAt(row)->Flags = RoomFlags.Live;
        Assert.True(items.IsAvailable(item));
        for (var round = 0; round < 3; round++) Tell(false);
        Assert.False(items.IsAvailable(item));
    }

    // Keeps its thread until it is released; what comes from now on waits.
    private static Task<bool> Hold(LiveGrainsEngine engine, ManualResetEventSlim release)
    {
        using var isHeld = new ManualResetEventSlim();
        var held = engine.Recommendations.Ask((_, _) =>
        {
            isHeld.Set();
            return release.Wait(Limit);
        });
        Assert.True(isHeld.Wait(Limit), "It is held.");
        return held;
    }

    private static ValueTask<LiveGrainsEngine> Open() => LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, DedupeIds = 1 << 12 });

    private async Task SendAsync(LiveGrainsEngine engine, string type, string room) => Assert.Equal(1, (await engine.IngestAsync(
        Encoding.UTF8.GetBytes($$"""{"id":"e{{++_id}}","type":"{{type}}","time":1700000000000,"room":"{{room}}","title":"{{room}}"}"""), EventFormat.NdJson)).Accepted);

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var started = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(started.Elapsed < Limit, "It comes about.");
            await Task.Delay(5);
        }
    }
}
