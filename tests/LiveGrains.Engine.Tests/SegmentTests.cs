using System.Globalization;
using System.Text;

namespace LiveGrains.Engine.Tests;

/// <summary>Segments and cold start through the whole engine: who is like whom, and what a stranger gets of whom only static features are known.</summary>
public sealed class SegmentTests
{
    private const int Rooms = 40;
    private const string Young = "\"attrs\":{\"age\":\"18-23\",\"gender\":\"female\",\"region\":\"north\",\"language\":\"zh\"}";
    private const string Old = "\"attrs\":{\"age\":\"50+\",\"gender\":\"male\",\"region\":\"north\",\"language\":\"zh\"}";
    private long _id;
    private long _time = 1_700_000_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_stranger_with_known_features_gets_what_people_like_them_come_to(int shards)
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, Shards = shards, DedupeIds = 1 << 18 });
        await TwoTastes(engine);

        await Send(engine, Event("user.upsert", user: "girl", more: Young), Event("user.upsert", user: "man", more: Old));

        var girl = await engine.RecommendAsync("girl", new RecommendationQuery { Limit = 8, Diversity = 0, Explain = true });
        var man = await engine.RecommendAsync("man", new RecommendationQuery { Limit = 8, Diversity = 0 });
        Assert.All(girl.Items, i => Assert.Equal("category 1", i.Category));
        Assert.All(man.Items, i => Assert.Equal("category 3", i.Category));
        Assert.Contains("segment", girl.Items[0].Explain!.Sources);
        Assert.True(girl.Items[0].Explain!.Terms.Single(t => t.Name == "segmentVisits").Value > 0.3);
        // The next list after another upsert is another one.
        await Send(engine, Event("user.upsert", user: "girl", more: Old));
        var other = await engine.RecommendAsync("girl", new RecommendationQuery { Limit = 8, Diversity = 0 });
        Assert.All(other.Items, i => Assert.Equal("category 3", i.Category));
        // Half of the features is better than nothing; features that nobody has are nothing.
        await Send(engine, Event("user.upsert", user: "half", more: "\"attrs\":{\"ageBand\":\"18-23\"}"), Event("user.upsert", user: "odd", more: "\"attrs\":{\"age\":\"1000\"}"));
        var half = await engine.RecommendAsync("half", new RecommendationQuery { Limit = 8, Diversity = 0 });
        Assert.All(half.Items, i => Assert.Equal("category 1", i.Category));
        Assert.Null((await engine.GetUserAsync("odd"))!.Segment);
        Assert.Equal(8, (await engine.RecommendAsync("odd", new RecommendationQuery { Limit = 8 })).Items.Count);
    }

    [Fact]
    public async Task A_profile_has_the_segment_from_interest_or_else_from_features()
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, DedupeIds = 1 << 18 });
        await TwoTastes(engine);
        await Send(engine, Event("user.upsert", user: "girl", more: Young));

        var young = (await engine.GetUserAsync("young2"))!.Segment!;
        var old = (await engine.GetUserAsync("old3"))!.Segment!;
        var girl = (await engine.GetUserAsync("girl"))!.Segment!;

        Assert.Equal(SegmentBasis.Interest, young.Basis);
        Assert.True(young.Match > 0.6, $"{young.Match}");
        Assert.NotEqual(young.Number, old.Number);
        Assert.Equal(SegmentBasis.Features, girl.Basis);
        Assert.Null(girl.Match);
        Assert.Equal(young.Number, girl.Number);
        // What the girl does herself says more than what she is.
        foreach (var room in (int[])[3, 7, 11, 15, 19]) await Send(engine, Event("enter", room: $"r{room}", user: "girl"));
        var after = (await engine.GetUserAsync("girl"))!.Segment!;
        Assert.Equal(SegmentBasis.Interest, after.Basis);
        Assert.Equal(old.Number, after.Number);
        var model = await engine.GetModelAsync();
        Assert.Equal(1, model.Segments.Sum(s => s.Share), 0.01);
        Assert.True(model.Groups >= 6, $"{model.Groups}");
    }

    [Fact]
    public async Task After_a_restart_strangers_get_the_same()
    {
        var directory = Directory.CreateTempSubdirectory("livegrains-test").FullName;
        try
        {
            var options = new EngineOptions { Clock = ClockMode.Event, DataDirectory = directory, DedupeIds = 1 << 18 };
            await using (var engine = await LiveGrainsEngine.OpenAsync(options)) await TwoTastes(engine);
            await using (var engine = await LiveGrainsEngine.OpenAsync(options))
            {
                while ((await engine.GetModelAsync()).Visits < 60 * 6) await Task.Yield();
                await engine.SettleRecommendationsAsync();
                await Send(engine, Event("user.upsert", user: "girl", more: Young));
                var girl = await engine.RecommendAsync("girl", new RecommendationQuery { Limit = 8, Diversity = 0 });
                Assert.All(girl.Items, i => Assert.Equal("category 1", i.Category));
            }
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    // 40 rooms in four categories. Thirty users of one group come to the ten rooms of category 1, and thirty of another to those of
    // category 3: six of them each, all rooms alike.
    private async Task TwoTastes(LiveGrainsEngine engine)
    {
        var lines = new List<string>();
        for (var i = 0; i < Rooms; i++)
            lines.Add(Event("room.start", room: $"r{i}", more: $"\"category\":\"category {i % 4}\",\"tags\":[\"tag {i % 4}\"],\"title\":\"title {i}\",\"host\":\"host {i}\""));
        await Send(engine, [.. lines]);
        await engine.SettleRecommendationsAsync();
        lines.Clear();
        for (var u = 0; u < 30; u++)
        {
            lines.Add(Event("user.upsert", user: $"young{u}", more: Young));
            lines.Add(Event("user.upsert", user: $"old{u}", more: Old));
            for (var k = 0; k < 6; k++)
            {
                lines.Add(Event("enter", room: $"r{1 + 4 * ((u + k) % 10)}", user: $"young{u}"));
                lines.Add(Event("enter", room: $"r{3 + 4 * ((u + k) % 10)}", user: $"old{u}"));
            }
        }

        await Send(engine, [.. lines]);
        await engine.SettleRecommendationsAsync();
    }

    private string Event(string type, string? room = null, string? user = null, string? more = null)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{{\"id\":\"e{++_id}\",\"type\":\"{type}\",\"time\":{++_time}");
        if (room != null) line.Append(CultureInfo.InvariantCulture, $",\"room\":\"{room}\"");
        if (user != null) line.Append(CultureInfo.InvariantCulture, $",\"user\":\"{user}\"");
        if (more != null) line.Append(CultureInfo.InvariantCulture, $",{more}");
        return line.Append('}').ToString();
    }

    private static async Task Send(LiveGrainsEngine engine, params string[] lines)
    {
        var answer = await engine.IngestAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), EventFormat.NdJson);
        Assert.True(answer.Rejected == 0 && answer.Accepted == lines.Length, answer.Errors.Count > 0 ? answer.Errors[0].Message : "duplicates");
    }
}
