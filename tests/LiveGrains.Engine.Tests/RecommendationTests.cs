using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LiveGrains.Engine.Tests;

/// <summary>Recommendations through the whole engine: what was acknowledged is in the next answer, and what is not available is in none.</summary>
public sealed class RecommendationTests
{
    private const long Start = 1_700_000_000_000;
    private long _id;
    private long _time = Start;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task What_a_user_did_decides_their_next_list(int shards)
    {
        await using var engine = await Open(shards);
        await Fill(engine, rooms: 40);
        var before = await engine.RecommendAsync("viewer", new RecommendationQuery { Limit = 10, Diversity = 0 });
        Assert.NotEmpty(before.Items);
        // The taste of one category; a stranger to the others.
        foreach (var room in new[] { "r3", "r7", "r11" }) await Send(engine, Event("enter", room: room, user: "viewer"), Event("like", room: room, user: "viewer"));
        var after = await engine.RecommendAsync("viewer", new RecommendationQuery { Limit = 10, Diversity = 0, Explain = true });
        Assert.Equal("category 3", after.Items[0].Category);
        Assert.True(after.Items.Take(5).Count(i => i.Category == "category 3") >= 4, string.Join(", ", after.Items.Select(i => i.Id)));
        var first = after.Items[0].Explain!;
        Assert.Contains("repeat", first.Sources);
        Assert.True(first.Match > 0.6);
        Assert.InRange(after.Items.Sum(i => i.Probability), 0.01, 1.0001);
        // What explain shows is what was computed: the terms' products add up to the log-odds.
        var watch = first.Objectives.Single(o => o.Name == "watch");
        var logOdds = first.Terms.Sum(t => t.Value * t.Watch);
        Assert.Equal(1 / (1 + Math.Exp(-logOdds)), watch.Probability, 1e-3);
        Assert.Equal(first.Objectives.Sum(o => o.Probability * o.Weight), after.Items[0].Score, 1e-4);
    }

    [Fact]
    public async Task An_acknowledged_event_changes_the_very_next_list_under_load()
    {
        const int Trials = 100_000, Users = 200;
        await using var engine = await Open(1);
        await Fill(engine, rooms: 60);
        using var stop = new CancellationTokenSource();
        var load = Task.Run(() => Load(engine, stop.Token));
        // Each user dislikes one room after the other, and asks after each acknowledgement.
        var trials = 0;
        var wrong = 0;
        await Task.WhenAll(Enumerable.Range(0, Users).Select(async u =>
        {
            var random = new Random(u);
            var user = $"t{u}";
            while (Interlocked.Increment(ref trials) <= Trials)
            {
                var room = $"r{random.Next(60)}";
                var follow = random.Next(2) == 0;
                var shown = user + "." + Interlocked.Increment(ref _id).ToString(CultureInfo.InvariantCulture);
                await Send(engine, Event(follow ? "follow" : "dislike", room: room, user: shown));
                var list = await engine.RecommendAsync(shown, new RecommendationQuery { Limit = 50, SameHost = true, Diversity = 0 });
                var has = list.Items.Any(i => i.Id == room);
                if (has != follow) Interlocked.Increment(ref wrong);
            }
        }));
        await stop.CancelAsync();
        Assert.True(await load > 1000, "There was no load.");
        Assert.Equal(0, wrong);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_ended_or_sold_out_is_in_no_list_that_begins_after_the_acknowledgement(int shards)
    {
        await using var engine = await Open(shards);
        await Fill(engine, rooms: 30);
        var all = new RecommendationQuery { Kind = ItemKind.All, Limit = 50, SameHost = true, Diversity = 0 };
        using var stop = new CancellationTokenSource();
        // Somebody asks all the time, so that lists are being made while rooms end.
        var asking = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await engine.RecommendAsync("someone", all);
        });
        for (var i = 0; i < 30; i++)
        {
            await Send(engine, Event("room.end", room: $"r{i}"));
            Assert.DoesNotContain((await engine.RecommendAsync("u1", all)).Items, item => item.Id == $"r{i}");
            var change = (i % 3) switch { 0 => "\"stock\":0", 1 => "\"status\":\"off\"", _ => "\"stock\":0,\"status\":\"on\"" };
            await Send(engine, Event("product.upsert", product: $"p{i}", more: change));
            Assert.DoesNotContain((await engine.RecommendAsync("u1", all)).Items, item => item.Id == $"p{i}");
            await Send(engine, Event("video.upsert", video: $"v{i}", more: "\"status\":\"off\""));
            Assert.DoesNotContain((await engine.RecommendAsync("u1", all)).Items, item => item.Id == $"v{i}");
        }

        Assert.Empty((await engine.RecommendAsync("u1", all)).Items);
        // On air and in stock again: at once, too.
        await Send(engine, Event("room.start", room: "r4"), Event("product.upsert", product: "p5", more: "\"stock\":3,\"status\":\"on\""), Event("follow", room: "r4", user: "u1"), Event("click", product: "p5", user: "u1"));
        var back = (await engine.RecommendAsync("u1", all)).Items.Select(i => i.Id);
        Assert.Equal(["p5", "r4"], back.Order(StringComparer.Ordinal));
        await stop.CancelAsync();
        await asking;
    }

    [Fact]
    public async Task Rules_hold_and_options_change_them()
    {
        await using var engine = await Open(1);
        await Fill(engine, rooms: 12);
        await Send(engine,
            Event("pay", product: "p1", user: "u", more: "\"amount\":100"), Event("click", product: "p2", user: "u"),
            Event("report", product: "p3", user: "u"), Event("dislike", video: "v3", user: "u"));
        async Task<List<string>> Ids(RecommendationQuery query) => [.. (await engine.RecommendAsync("u", query)).Items.Select(i => i.Id)];
        var products = new RecommendationQuery { Kind = ItemKind.Product, Limit = 50 };
        Assert.DoesNotContain("p1", await Ids(products));
        Assert.Contains("p1", await Ids(products with { Bought = true }));
        Assert.Contains("p2", await Ids(products));
        Assert.DoesNotContain("p2", await Ids(products with { Seen = false }));
        Assert.DoesNotContain("p3", await Ids(products with { Bought = true }));
        Assert.DoesNotContain("v3", await Ids(products with { Kind = ItemKind.Video }));
        // Rooms 0 and 10 have the same host.
        var once = await Ids(new RecommendationQuery { Limit = 50 });
        Assert.True(once.Contains("r0") ^ once.Contains("r10"));
        var twice = await Ids(new RecommendationQuery { Limit = 50, SameHost = true });
        Assert.Contains("r0", twice);
        Assert.Contains("r10", twice);
    }

    [Fact]
    public async Task Products_of_a_room_are_those_that_were_shown_in_it()
    {
        await using var engine = await Open(2);
        await Fill(engine, rooms: 6);
        await Send(engine, Event("impression", room: "r2", product: "p4", user: "a"), Event("click", room: "r2", product: "p5", user: "a"), Event("click", room: "r3", product: "p1", user: "a"));
        var list = await engine.RecommendAsync("b", new RecommendationQuery { Room = "r2" });
        Assert.Equal(["p4", "p5"], list.Items.Select(i => i.Id).Order(StringComparer.Ordinal));
        var error = await Assert.ThrowsAsync<LiveGrainsException>(async () => await engine.RecommendAsync("b", new RecommendationQuery { Room = "unknown" }));
        Assert.Equal(ErrorCode.NotFound, error.Code);
    }

    [Fact]
    public async Task Diversity_spreads_the_list_over_categories()
    {
        await using var engine = await Open(1);
        await Fill(engine, rooms: 80);
        foreach (var room in new[] { "r3", "r7", "r11", "r15" }) await Send(engine, Event("enter", room: room, user: "u"));
        await engine.SettleRecommendationsAsync();
        var narrow = await engine.RecommendAsync("u", new RecommendationQuery { Limit = 10, Diversity = 0, SameHost = true });
        var normal = await engine.RecommendAsync("u", new RecommendationQuery { Limit = 10, SameHost = true });
        var wide = await engine.RecommendAsync("u", new RecommendationQuery { Limit = 10, Diversity = 0.9, SameHost = true });
        Assert.True(narrow.Diversity < normal.Diversity && normal.Diversity < wide.Diversity, $"{narrow.Diversity} {normal.Diversity} {wide.Diversity}");
        // The best one stays the best one.
        Assert.Equal(narrow.Items[0].Id, wide.Items[0].Id);
    }

    [Fact]
    public async Task Similar_items_are_those_that_users_go_on_to_and_then_those_alike()
    {
        await using var engine = await Open(1);
        await Fill(engine, rooms: 12);
        for (var u = 0; u < 20; u++) await Send(engine, Event("click", product: "p1", user: $"c{u}"), Event("click", product: "p6", user: $"c{u}"));
        await engine.SettleRecommendationsAsync();
        var similar = (await engine.GetSimilarAsync(ItemKind.Product, "p1", 5))!;
        Assert.Equal("p6", similar.Items[0].Id);
        Assert.True(similar.Items[0].CoVisits > 0);
        // p5 and p9 are of p1's category, and nobody went there from it.
        Assert.Contains(similar.Items, i => i.Id is "p5" or "p9");
        Assert.Null(await engine.GetSimilarAsync(ItemKind.Product, "unknown", 5));
    }

    [Fact]
    public async Task The_ranker_learns_from_what_was_recommended_shown_and_followed()
    {
        await using var engine = await Open(1);
        await Fill(engine, rooms: 20);
        var before = await engine.GetModelAsync();
        for (var round = 0; round < 30; round++)
        {
            for (var u = 0; u < 10; u++)
            {
                var user = $"l{u}";
                var list = await engine.RecommendAsync(user, new RecommendationQuery { Limit = 5 });
                foreach (var item in list.Items) await Send(engine, Event("impression", room: item.Id, user: user));
                await Send(engine, Event("enter", room: list.Items[0].Id, user: user));
            }

            _time += 700_000; // beyond the window
        }

        await Send(engine, Event("impression", room: "r1", user: "l1"));
        await engine.RecommendAsync("l1", new RecommendationQuery { Limit = 5 });
        var after = await engine.GetModelAsync();
        Assert.InRange(after.Impressions, 1000, 1500);
        var watch = after.Objectives.Single(o => o.Name == "watch");
        Assert.Equal(0.2, watch.ObservedRate!.Value, 0.05);
        Assert.NotEqual(before.Terms.Select(t => t.Watch), after.Terms.Select(t => t.Watch));
        // Nobody ever paid: what is predicted has gone down with it.
        var terms = (await engine.RecommendAsync("l3", new RecommendationQuery { Limit = 1, Explain = true })).Items[0].Explain!.Terms;
        double LogOdds(RankingModel model) => terms.Zip(model.Terms, (t, w) => t.Value * w.Pay).Sum();
        Assert.True(LogOdds(after) < LogOdds(before) - 0.5, $"{LogOdds(before)} at first, then {LogOdds(after)}");
    }

    [Fact]
    public async Task A_list_for_nobody_teaches_nothing()
    {
        await using var engine = await Open(1);
        await Fill(engine, rooms: 40);
        await engine.SettleRecommendationsAsync();
        var before = JsonSerializer.Serialize(await engine.GetModelAsync());
        var list = await engine.RecommendAsync("nobody-knows", new RecommendationQuery { Limit = 20 });
        Assert.NotEmpty(list.Items);
        await engine.SettleRecommendationsAsync();
        Assert.Equal(before, JsonSerializer.Serialize(await engine.GetModelAsync()));
    }

    [Fact]
    public async Task After_a_restart_histories_are_there_and_the_models_come_back()
    {
        var directory = Directory.CreateTempSubdirectory("livegrains-test").FullName;
        try
        {
            var options = new EngineOptions { Clock = ClockMode.Event, DataDirectory = directory, DedupeIds = 1 << 16 };
            await using (var engine = await LiveGrainsEngine.OpenAsync(options))
            {
                await Fill(engine, rooms: 12);
                for (var u = 0; u < 20; u++) await Send(engine, Event("click", product: "p1", user: $"c{u}"), Event("click", product: "p6", user: $"c{u}"));
                await Send(engine, Event("dislike", room: "r5", user: "u"), Event("follow", room: "r6", user: "u"));
            }

            await using (var engine = await LiveGrainsEngine.OpenAsync(options))
            {
                await Settled(engine, 40);
                Assert.Equal("p6", (await engine.GetSimilarAsync(ItemKind.Product, "p1", 5))!.Items[0].Id);
                var list = await engine.RecommendAsync("u", new RecommendationQuery { Limit = 50, SameHost = true, Diversity = 0 });
                Assert.Equal("r6", list.Items[0].Id);
                Assert.DoesNotContain(list.Items, i => i.Id == "r5");
            }
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    [Theory]
    [InlineData(0, 0.3)]
    [InlineData(51, 0.3)]
    [InlineData(10, -0.1)]
    [InlineData(10, 1.1)]
    [InlineData(10, double.NaN)]
    public async Task What_cannot_be_asked_is_refused(int limit, double diversity)
    {
        await using var engine = await Open(1);
        var error = await Assert.ThrowsAsync<LiveGrainsException>(async () => await engine.RecommendAsync("u", new RecommendationQuery { Limit = limit, Diversity = diversity }));
        Assert.Equal(ErrorCode.InvalidParameter, error.Code);
    }

    [Fact]
    public async Task An_empty_platform_has_an_empty_list()
    {
        await using var engine = await Open(1);
        Assert.Empty((await engine.RecommendAsync("u", new RecommendationQuery { Kind = ItemKind.All })).Items);
        Assert.Equal(0, (await engine.GetModelAsync()).Visits);
    }

    private static ValueTask<LiveGrainsEngine> Open(int shards) =>
        LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, Shards = shards, DedupeIds = 1 << 20 });

    // Rooms, products and videos in four categories; room i has the host i mod 10.
    private async Task Fill(LiveGrainsEngine engine, int rooms)
    {
        for (var i = 0; i < rooms; i++)
        {
            var text = $"\"category\":\"category {i % 4}\",\"tags\":[\"tag {i % 4}\"],\"title\":\"title {i}\"";
            await Send(engine,
                Event("room.start", room: $"r{i}", more: $"{text},\"host\":\"host {i % 10}\""),
                Event("product.upsert", product: $"p{i}", more: $"{text},\"price\":{1000 + i},\"stock\":9"),
                Event("video.upsert", video: $"v{i}", more: text));
        }

        // The models hear of items on a thread of their own.
        await engine.SettleRecommendationsAsync();
    }

    private async Task<long> Load(LiveGrainsEngine engine, CancellationToken stop)
    {
        long sent = 0;
        var random = new Random(99);
        while (!stop.IsCancellationRequested)
        {
            var lines = Enumerable.Range(0, 100).Select(_ => Event(random.Next(3) == 0 ? "enter" : "heartbeat", room: $"r{random.Next(60)}", user: $"load{random.Next(5000)}")).ToArray();
            await Send(engine, lines);
            sent += lines.Length;
            await Task.Yield();
        }

        return sent;
    }

    private static async Task Settled(LiveGrainsEngine engine, long visits)
    {
        while ((await engine.GetModelAsync()).Visits < visits) await Task.Yield();
    }

    private string Event(string type, string? room = null, string? user = null, string? product = null, string? video = null, string? more = null)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{{\"id\":\"e{Interlocked.Increment(ref _id)}\",\"type\":\"{type}\",\"time\":{Interlocked.Increment(ref _time)}");
        if (room != null) line.Append(CultureInfo.InvariantCulture, $",\"room\":\"{room}\"");
        if (user != null) line.Append(CultureInfo.InvariantCulture, $",\"user\":\"{user}\"");
        if (product != null) line.Append(CultureInfo.InvariantCulture, $",\"product\":\"{product}\"");
        if (video != null) line.Append(CultureInfo.InvariantCulture, $",\"video\":\"{video}\"");
        if (more != null) line.Append(CultureInfo.InvariantCulture, $",{more}");
        return line.Append('}').ToString();
    }

    private static async Task Send(LiveGrainsEngine engine, params string[] lines)
    {
        var answer = await engine.IngestAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), EventFormat.NdJson);
        Assert.True(answer.Rejected == 0 && answer.Accepted == lines.Length, answer.Errors.Count > 0 ? answer.Errors[0].Message : "duplicates");
    }
}
