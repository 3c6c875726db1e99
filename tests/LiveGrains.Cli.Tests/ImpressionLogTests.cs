using System.Globalization;
using System.Text;
using LiveGrains.Cli.Serve;
using LiveGrains.Engine;

namespace LiveGrains.Cli.Tests;

/// <summary>What serving writes is what `evaluate bandit` reads.</summary>
public sealed class ImpressionLogTests : IDisposable
{
    private const long Start = 1_700_000_000_000;
    private const int Lists = 400;
    private const int Limit = 4;
    private readonly TemporaryDirectory _directory = new();
    private long _id;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_log_of_served_slots_evaluates_its_own_policy_to_its_own_clicks()
    {
        var file = _directory.File("impressions.csv");
        var clicks = await Serve(file);

        var run = new CommandRun();
        Assert.True(await run.RunAsync("evaluate", "bandit", "--log", file, "--evaluate", file, "--format", "json") == 0, run.Error);
        Assert.Equal(Lists * Limit, run.Json.GetProperty("rows").GetInt32());
        Assert.Equal((double)clicks / (Lists * Limit), run.Json.GetProperty("logValue").GetProperty("value").GetDouble(), 1e-9);
        Assert.Equal(0, run.Json.GetProperty("unsupported").GetDouble());
        // Some slots went to others by chance, with the probability that the policy says: 5 % of them to any one of the rest.
        var propensities = File.ReadLines(file).Skip(1).Select(l => double.Parse(l.Split(',')[4], CultureInfo.InvariantCulture)).ToList();
        Assert.All(propensities, p => Assert.InRange(p, 1e-4, 0.95));
        Assert.InRange(propensities.Count(p => p < 0.5), 0.03 * propensities.Count, 0.07 * propensities.Count);
    }

    [Fact]
    public async Task A_full_file_makes_room_for_the_next_and_both_are_logs()
    {
        var file = _directory.File("impressions.csv");
        await Serve(file, maxBytes: 40_000);
        var older = File.ReadAllLines(file + ".1");
        var newer = File.ReadAllLines(file);
        Assert.Equal(older[0], newer[0]);
        Assert.True(older.Length > 2);
        var run = new CommandRun();
        Assert.True(await run.RunAsync("evaluate", "bandit", "--log", file + ".1", "--evaluate", file + ".1", "--format", "json") == 0, run.Error);
    }

    // Says how many slots were clicked.
    private async Task<int> Serve(string file, long maxBytes = 1 << 20)
    {
        var clicks = 0;
        await using var log = new CsvImpressionLog(file, maxBytes, TextWriter.Null);
        await using (var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, Shards = 1, DedupeIds = 1 << 14, ImpressionLog = log }))
        {
            for (var i = 0; i < 30; i++) await Send(engine, Start, $"\"type\":\"room.start\",\"room\":\"r{i}\",\"host\":\"h{i}\",\"title\":\"room {i}\"");
            // Who was never heard of has no name that a slot could be found by.
            for (var i = 0; i < Lists; i++) await Send(engine, Start, $"\"type\":\"user.upsert\",\"user\":\"u{i}\",\"attrs\":{{\"age\":\"18\"}}");
            await engine.SettleRecommendationsAsync();
            await engine.SetTrafficPolicyAsync(new TrafficPolicy { Exploration = new TrafficExploration { Share = 0.05 } });
            for (var i = 0; i < Lists; i++)
            {
                // What was shown is known before its time is over.
                if (i % 50 == 0) await engine.SettleRecommendationsAsync();
                var time = Start + 1000L * i;
                var list = await engine.RecommendAsync($"u{i}", new RecommendationQuery { Kind = ItemKind.Room, Limit = Limit });
                Assert.Equal(Limit, list.Items.Count);
                foreach (var item in list.Items) await Send(engine, time, $"\"type\":\"impression\",\"room\":\"{item.Id}\",\"user\":\"u{i}\"");
                if (i % 5 != 0) continue;
                await Send(engine, time, $"\"type\":\"enter\",\"room\":\"{list.Items[0].Id}\",\"user\":\"u{i}\"");
                clicks++;
            }

            await engine.SettleRecommendationsAsync();
            // What became of a slot is known after ten minutes; the next list settles it.
            await Send(engine, Start + 1000L * Lists + 700_000, "\"type\":\"heartbeat\",\"room\":\"r0\",\"user\":\"u0\"");
            await engine.SettleRecommendationsAsync();
            await engine.RecommendAsync("u1", new RecommendationQuery { Kind = ItemKind.Room, Limit = Limit });
        }

        return clicks;
    }

    private async Task Send(LiveGrainsEngine engine, long time, string members)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"e{++_id}\",\"time\":{time},{members}}}");
        Assert.Equal(1, (await engine.IngestAsync(Encoding.UTF8.GetBytes(line), EventFormat.NdJson)).Accepted);
    }
}
