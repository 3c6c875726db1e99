using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LiveGrains.Engine.Tests;

/// <summary>Policies of traffic through the whole engine: in the log, in lists, in answers.</summary>
public sealed class TrafficTests
{
    private const long Start = 1_700_000_000_000;
    private long _id;
    private long _time = Start;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_policy_survives_with_all_that_it_counted(int shards)
    {
        var directory = Directory.CreateTempSubdirectory("livegrains-traffic-");
        string before;
        await using (var engine = await Open(shards, directory.FullName))
        {
            await Fill(engine, 20);
            Assert.Equal(0, (await engine.GetTrafficPolicyAsync()).Version);
            Assert.Equal(1, (await engine.SetTrafficPolicyAsync(Policy())).Version);
            await Show(engine, 200);
            // Rules are counted at the end of each second.
            _time += 1000;
            await Send(engine, "\"type\":\"heartbeat\",\"room\":\"r1\",\"user\":\"u1\"");
            var shares = await engine.GetTrafficAsync();
            Assert.Equal(200, shares.Impressions);
            Assert.Equal(200, shares.Rules.Single(r => r.Rule == "cap").Delivered);
            before = Json(shares);
        }

        await using (var engine = await Open(shards, directory.FullName))
        {
            Assert.Equal(before, Json(await engine.GetTrafficAsync()));
            var policy = await engine.GetTrafficPolicyAsync();
            Assert.Equal(1, policy.Version);
            Assert.Equal(0.2, policy.Caps[0].Share);
            // Whoever knows an older version does not overwrite a newer one.
            Assert.Equal(ErrorCode.PolicyConflict, (await Assert.ThrowsAsync<LiveGrainsException>(async () => await engine.SetTrafficPolicyAsync(policy with { Version = 0 }))).Code);
            Assert.Equal(2, (await engine.SetTrafficPolicyAsync(policy)).Version);
        }

        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task The_same_log_and_the_same_questions_give_the_same_slots()
    {
        string[] lists = ["", ""];
        var directory = Directory.CreateTempSubdirectory("livegrains-traffic-");
        // Both logs begin with the same settings, and so with the same hash keys.
        await using (await Open(1, directory.FullName + "/0"))
        {
        }

        foreach (var file in Directory.GetFiles(directory.FullName + "/0", "*", SearchOption.AllDirectories))
        {
            var copy = file.Replace(directory.FullName + "/0", directory.FullName + "/1", StringComparison.Ordinal);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        for (var run = 0; run < 2; run++)
        {
            (_id, _time) = (0, Start);
            await using var engine = await Open(1, $"{directory.FullName}/{run}");
            await Fill(engine, 40);
            await engine.SetTrafficPolicyAsync(Policy());
            for (var round = 0; round < 10; round++)
            {
                await Show(engine, 30);
                await engine.SettleRecommendationsAsync();
                for (var user = 0; user < 5; user++) lists[run] += JsonSerializer.Serialize((await engine.RecommendAsync($"u{user}", new RecommendationQuery { Limit = 8, Explain = true })).Items);
            }
        }

        directory.Delete(recursive: true);
        Assert.Contains("Propensity", lists[0], StringComparison.Ordinal);
        Assert.Equal(lists[0], lists[1]);
    }

    [Fact]
    public async Task Slots_say_how_they_came_about_and_exclusions_hold()
    {
        await using var engine = await Open(1);
        await Fill(engine, 30);
        var plain = await engine.RecommendAsync("u1", new RecommendationQuery { Limit = 10, Explain = true });
        Assert.All(plain.Items, i => Assert.Null(i.Explain!.Traffic));
        await engine.SetTrafficPolicyAsync(Policy() with { Exclusions = new TrafficExclusions { Hosts = ["h4"], Rooms = ["r7"] } });
        await engine.SettleRecommendationsAsync();
        var list = await engine.RecommendAsync("u1", new RecommendationQuery { Limit = 10, Explain = true });
        Assert.Equal(10, list.Items.Count);
        Assert.DoesNotContain(list.Items, i => i.Host == "h4" || i.Id == "r7");
        Assert.All(list.Items, item =>
        {
            var slot = item.Explain!.Traffic!;
            Assert.Equal(1, slot.Policy);
            Assert.Equal(item.Score, slot.Value + slot.Bound - slot.Price + slot.Boost + slot.Guarantee, 1e-3);
            Assert.InRange(slot.Propensity, 1e-9, 1);
        });
    }

    [Fact]
    public async Task A_cap_holds_for_what_is_served_between_two_prices()
    {
        await using var engine = await Open(1);
        await Fill(engine, 30);
        await engine.SetTrafficPolicyAsync(new TrafficPolicy { Caps = [new TrafficCap { Over = TrafficDimension.Room, Impressions = 3 }], Exploration = new TrafficExploration { Share = 0 } });
        await engine.SettleRecommendationsAsync();
        var counts = new Dictionary<string, int>();
        // One second, one price: only what was given away itself can keep the cap.
        for (var i = 0; i < 20; i++)
        {
            foreach (var item in (await engine.RecommendAsync($"u{i}", new RecommendationQuery { Limit = 10, SameHost = true })).Items) counts[item.Id] = counts.GetValueOrDefault(item.Id) + 1;
        }

        Assert.Equal(30 * 3, counts.Values.Sum());
        Assert.All(counts.Values, c => Assert.InRange(c, 1, 3));
    }

    [Theory]
    [InlineData("""{"caps":[{"over":"room"}]}""", "share or impressions")]
    [InlineData("""{"caps":[{"over":"room","share":1.5}]}""", "caps[0].share")]
    [InlineData("""{"caps":[{"over":"room","share":0.5,"minutes":0}]}""", "caps[0].minutes")]
    [InlineData("""{"boosts":[{"id":"b","room":"r1","impressions":5,"from":"2026-01-01T00:00:00Z","until":"2026-01-01T00:00:00Z"}]}""", "later")]
    [InlineData("""{"boosts":[{"id":"b","impressions":5,"from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"}]}""", "room or product")]
    [InlineData("""{"boosts":[{"id":"b","room":"r1","amount":5,"from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"}]}""", "costPerThousand")]
    [InlineData("""{"fairness":{"over":"room","floor":0.1}}""", "host or category")]
    [InlineData("""{"fairness":{"over":"host","floor":0.1,"giniCeiling":0.3}}""", "not both")]
    [InlineData("""{"objective":{"watchSeconds":0,"interactions":0,"paidAmount":0}}""", "above 0")]
    [InlineData("""{"exploration":{"share":0.5}}""", "exploration.share")]
    [InlineData("""{"guarantees":[{"hostImpressionsBelow":0,"impressions":5,"minutes":5}]}""", "hostImpressionsBelow")]
    public async Task What_makes_no_sense_is_refused_by_name(string json, string word) => await Refused(json, ErrorCode.InvalidPolicy, word);

    [Theory]
    [InlineData("""{"boosts":[{"id":"b","room":"r1","impressions":5,"from":"2026-01-01T00:00:00Z","until":"2026-01-02T00:00:00Z"}],"exclusions":{"rooms":["r1"]}}""", "boosts[0]")]
    [InlineData("""{"boosts":[{"id":"b","room":"r1","impressions":5000,"from":"2026-01-01T00:00:00Z","until":"2026-01-01T01:00:00Z"}],"caps":[{"over":"room","impressions":100}]}""", "caps[0] allows 200")]
    [InlineData("""{"floors":[{"over":"category","id":"a","share":0.6},{"over":"category","id":"b","share":0.6}]}""", "add up")]
    [InlineData("""{"floors":[{"over":"host","id":"a","share":0.2}],"caps":[{"over":"host","share":0.1}]}""", "caps[0]")]
    [InlineData("""{"floors":[{"over":"host","id":"a","share":0.2}],"exclusions":{"hosts":["a"]}}""", "exclusions")]
    [InlineData("""{"guarantees":[{"hostImpressionsBelow":9,"impressions":500,"minutes":60}],"caps":[{"over":"host","impressions":100}]}""", "guarantees[0]")]
    public async Task What_contradicts_itself_is_refused_with_the_reason(string json, string word) => await Refused(json, ErrorCode.ContradictoryPolicy, word);

    private static async Task Refused(string json, ErrorCode code, string word)
    {
        await using var engine = await Open(1);
        var policy = JsonSerializer.Deserialize<TrafficPolicy>(json, JsonSerializerOptions.Web)!;
        var refusal = await Assert.ThrowsAsync<LiveGrainsException>(async () => await engine.SetTrafficPolicyAsync(policy));
        Assert.Equal(code, refusal.Code);
        Assert.Contains(word, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await engine.GetTrafficPolicyAsync()).Version);
    }

    private static TrafficPolicy Policy() => new()
    {
        Caps = [new TrafficCap { Over = TrafficDimension.Host, Share = 0.2 }],
        Guarantees = [new TrafficGuarantee { HostImpressionsBelow = 5, Impressions = 10, Minutes = 60 }],
        Boosts = [new TrafficBoost { Id = "b1", Room = "r2", Impressions = 50, From = DateTimeOffset.FromUnixTimeMilliseconds(Start), Until = DateTimeOffset.FromUnixTimeMilliseconds(Start + 3_600_000) }],
    };

    private static string Json(TrafficShares shares) => JsonSerializer.Serialize(shares with { MeanValue = null, ExplorationShare = null, Shares = [.. shares.Shares.Select(s => s with { Price = 0 })], Rules = [.. shares.Rules.Select(r => r with { CostPerThousand = null })] });

    private static async Task<LiveGrainsEngine> Open(int shards, string? directory = null) =>
        await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, Shards = shards, DedupeIds = 1 << 12, DataDirectory = directory });

    private async Task Fill(LiveGrainsEngine engine, int rooms)
    {
        for (var i = 0; i < rooms; i++) await Send(engine, $"\"type\":\"room.start\",\"room\":\"r{i}\",\"host\":\"h{i}\",\"category\":\"c{i % 4}\",\"title\":\"room {i}\"");
        for (var user = 0; user < 20; user++) await Send(engine, $"\"type\":\"enter\",\"room\":\"r{user % rooms}\",\"user\":\"u{user}\"");
        await engine.SettleRecommendationsAsync();
    }

    private async Task Show(LiveGrainsEngine engine, int impressions)
    {
        for (var i = 0; i < impressions; i++)
        {
            _time += 500;
            await Send(engine, $"\"type\":\"impression\",\"room\":\"r{i % 20}\",\"user\":\"u{i % 7}\"");
        }
    }

    private async Task Send(LiveGrainsEngine engine, string members)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"e{++_id}\",\"time\":{_time},{members}}}");
        var answer = await engine.IngestAsync(Encoding.UTF8.GetBytes(line), EventFormat.NdJson);
        Assert.Equal(1, answer.Accepted);
        // What a visit teaches depends on what was known of the item, and that on when the recommender looked: here, after each event.
        await engine.SettleRecommendationsAsync();
    }
}
