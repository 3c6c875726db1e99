using System.Text;
using System.Text.Json;
using LiveGrains.Model;

namespace LiveGrains.Cli.Tests;

public sealed class EvaluateReplayTests : IDisposable
{
    private const string Taobao = "taobao-2017-11-26.ndjson.gz";
    private readonly TemporaryDirectory _directory = new();
    private readonly StringBuilder _events = new();
    private int _count;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Figures_are_those_counted_by_hand()
    {
        // b follows a for u1 and u2; u3 comes to a, then to b, then to c, then again to a.
        foreach (var product in "abc") Offer(product.ToString());
        foreach (var (user, product) in new[] { ("u1", "a"), ("u1", "b"), ("u2", "a"), ("u2", "b"), ("u3", "a"), ("u3", "b"), ("u3", "c"), ("u3", "a") }) Click(user, product);

        var json = await Run("--kind", "product");

        // New items of users with a touch before: u1 b (nobody had), u2 b, u3 b, u3 c (nobody had).
        Assert.Equal(11, json.GetProperty("events").GetInt32());
        Assert.Equal(4, json.GetProperty("targets").GetInt32());
        Assert.Equal(3, json.GetProperty("users").GetInt32());
        Assert.Equal(2, json.GetProperty("newItemTargets").GetInt32());
        // Two of four are found at all. The most touched new item is b each time, so both are first.
        var popularity = json.GetProperty("baselines").GetProperty("popularity");
        Assert.Equal(0.5, json.GetProperty("hr@20").GetDouble(), 1e-9);
        Assert.Equal(0.5, popularity.GetProperty("hr@5").GetDouble(), 1e-9);
        Assert.Equal(0.5, popularity.GetProperty("mrr@20").GetDouble(), 1e-9);
        Assert.Equal(0.5, popularity.GetProperty("ndcg@20").GetDouble(), 1e-9);
        Assert.Equal(0.5 / 20, popularity.GetProperty("precision@20").GetDouble(), 1e-9);
        Assert.Equal(0.5 * 2 / 21, popularity.GetProperty("f1@20").GetDouble(), 1e-9);
        // Wilson's interval of 2 of 4.
        Assert.Equal(0.1500, popularity.GetProperty("hr@20Low").GetDouble(), 1e-4);
        Assert.Equal(0.8500, popularity.GetProperty("hr@20High").GetDouble(), 1e-4);
        // All users: three first clicks more, of which u1's nobody could know.
        Assert.Equal(7, json.GetProperty("allUsers").GetProperty("targets").GetInt32());
        Assert.Equal(3, json.GetProperty("allUsers").GetProperty("newItemTargets").GetInt32());
        // With repeats: u3 comes back to a.
        Assert.Equal(5, json.GetProperty("withRepeats").GetProperty("targets").GetInt32());
        Assert.Empty(json.GetProperty("predictions").EnumerateObject());
        // Behind the user's own items b is third for u3; both methods find the same, so neither leads.
        var own = json.GetProperty("withRepeats").GetProperty("baselines").GetProperty("ownThenLastCategory");
        Assert.Equal(0.6, own.GetProperty("hr@20").GetDouble(), 1e-9);
        Assert.Equal((1 / 2.0 + 1 / 2.0 + 1 / 3.0) / 5, own.GetProperty("mrr@20").GetDouble(), 1e-9);
        Assert.Equal(0, popularity.GetProperty("hr@20Lead").GetDouble());
    }

    [Fact]
    public async Task What_is_before_the_share_is_learned_from_and_not_counted()
    {
        foreach (var product in "abc") Offer(product.ToString());
        foreach (var (user, product) in new[] { ("u1", "a"), ("u1", "b"), ("u2", "a"), ("u2", "b"), ("u3", "a"), ("u3", "b"), ("u3", "c"), ("u3", "a") }) Click(user, product);

        var json = await Run("--kind", "product", "--from", "0.5");

        // The last six of eleven events: of u2 b, and of u3 b and c, which nobody had.
        Assert.Equal(11, json.GetProperty("events").GetInt32());
        Assert.Equal(3, json.GetProperty("targets").GetInt32());
        Assert.Equal(1, json.GetProperty("newItemTargets").GetInt32());
        Assert.Equal(2 / 3.0, json.GetProperty("baselines").GetProperty("popularity").GetProperty("hr@5").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task A_lead_is_the_difference_of_hits_with_an_interval_over_users()
    {
        // Own items are never popular here: u1 and u2 come back to theirs when many others have come to twenty hotter ones.
        foreach (var product in new[] { "p1", "p2" }) Offer(product);
        for (var i = 0; i < 21; i++) Offer($"h{i}");
        Click("u1", "p1");
        Click("u2", "p2");
        for (var user = 0; user < 3; user++)
        {
            for (var i = 0; i < 21; i++) Click($"v{user}-{i}", $"h{i}");
        }

        Click("u1", "p1");
        Click("u2", "p2");

        var json = await Run();

        var lead = json.GetProperty("withRepeats").GetProperty("baselines").GetProperty("popularity");
        Assert.Equal(2, lead.GetProperty("targets").GetInt32());
        Assert.Equal(1, lead.GetProperty("hr@20Lead").GetDouble());
        Assert.Equal(1, lead.GetProperty("hr@20LeadLow").GetDouble());
        Assert.Equal(0, json.GetProperty("withRepeats").GetProperty("baselines").GetProperty("ownThenLastCategory").GetProperty("hr@20Lead").GetDouble());
    }

    [Fact]
    public async Task Predictions_of_what_was_shown_are_compared_with_what_came()
    {
        foreach (var product in "ab") Offer(product.ToString());
        for (var user = 0; user < 40; user++)
        {
            // A user's first event makes them known; from the second on there is a list to learn from.
            Add($"\"type\":\"impression\",\"product\":\"a\",\"user\":\"u{user}\"");
            Add($"\"type\":\"impression\",\"product\":\"a\",\"user\":\"u{user}\"");
            Add($"\"type\":\"impression\",\"product\":\"b\",\"user\":\"u{user}\"");
            if (user % 4 == 0) Click($"u{user}", "a");
        }

        _count += 1000; // seconds: the windows of all impressions are over
        for (var i = 0; i < 2; i++) Add("\"type\":\"impression\",\"product\":\"a\",\"user\":\"last\"");

        var json = await Run("--kind", "product");

        Assert.Equal(80, json.GetProperty("impressionsLearned").GetInt32());
        Assert.Equal(10 / 80.0, json.GetProperty("predictions").GetProperty("watch").GetProperty("observed").GetDouble(), 1e-3);
        Assert.Equal(0, json.GetProperty("predictions").GetProperty("pay").GetProperty("observed").GetDouble());
        Assert.Equal(JsonValueKind.Null, json.GetProperty("predictions").GetProperty("pay").GetProperty("normalisedEntropy").ValueKind);
    }

    [Fact]
    public async Task What_was_turned_off_is_not_listed_from_then_on()
    {
        foreach (var product in "ab") Offer(product.ToString());
        Click("u1", "b");
        Click("u1", "a");
        Offer("b", "off");
        Click("u2", "a");
        Click("u2", "b");

        var json = await Run();

        // u1 finds a, which nobody had touched. u2 clicks b all the same, as from an old page; b is what is most touched, but
        // nobody may list it.
        Assert.Equal(1, json.GetProperty("newItemHits").GetInt32());
        Assert.Equal(0, json.GetProperty("hr@20").GetDouble());
        Assert.Equal(0, json.GetProperty("baselines").GetProperty("popularity").GetProperty("hr@20").GetDouble());
    }

    [Theory]
    [InlineData("text")]
    [InlineData("markdown")]
    public async Task Tables_have_all_methods(string format)
    {
        Offer("a");
        Click("u1", "a");
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("evaluate", "replay", Write(), "--format", format));

        foreach (var method in (string[])["LiveGrains", "popularity", "last-category popularity", "own, then last category"]) Assert.Contains(method, run.Out);
    }

    [Fact]
    public async Task Bad_input_is_named()
    {
        var missing = new CommandRun();
        Assert.Equal(1, await missing.RunAsync("evaluate", "replay", _directory.File("nothing")));
        Assert.Contains("nothing", missing.Error);

        var bad = new CommandRun();
        Assert.Equal(1, await bad.RunAsync("evaluate", "replay", _directory.Write("bad", "{\"id\":\"1\",\"type\":\"enter\",\"time\":1,\"room\":\"r\",\"user\":\"u\"}\n\n{\"id\":\"2\"}\n"u8.ToArray())));
        Assert.Contains("bad:3", bad.Error);

        var kind = new CommandRun();
        Assert.Equal(2, await kind.RunAsync("evaluate", "replay", "f", "--kind", "shop"));
        Assert.Contains("--kind", kind.Error);

        var share = new CommandRun();
        Assert.Equal(2, await share.RunAsync("evaluate", "replay", "f", "--from", "50"));
        Assert.Contains("--from must be from 0 to 1", share.Error);

        var twice = new CommandRun();
        Assert.Equal(1, await twice.RunAsync("evaluate", "replay", "-", "--from", "0.5"));
        Assert.Contains("give files", twice.Error);
    }

    [FactIfData(Taobao)]
    public async Task Taobao_is_above_popularity()
    {
        var run = new CommandRun();

        // One of four, so that it takes seconds; the weights were chosen on the half of the events that is not counted.
        Assert.Equal(0, await run.RunAsync("evaluate", "replay", DataFiles.Find(Taobao)!, "--sample", "4", "--from", "0.5", "--diversity", "0", "--format", "json"));

        Assert.Equal(171_554, run.Json.GetProperty("events").GetInt32());
        // The next clicked product: far above popularity and popularity in the last category, and no worse than the simplest
        // list that knows what the user had.
        var next = run.Json.GetProperty("withRepeats");
        foreach (var name in (string[])["popularity", "lastCategoryPopularity"])
            Assert.True(next.GetProperty("hr@20Low").GetDouble() > 1.5 * next.GetProperty("baselines").GetProperty(name).GetProperty("hr@20").GetDouble(), name);
        Assert.True(next.GetProperty("baselines").GetProperty("ownThenLastCategory").GetProperty("hr@20LeadHigh").GetDouble() > -0.001);
        // The next new one: far above popularity, and what the last category's popularity finds is found.
        var baselines = run.Json.GetProperty("baselines");
        Assert.True(run.Json.GetProperty("hr@20Low").GetDouble() > baselines.GetProperty("popularity").GetProperty("hr@20High").GetDouble());
        Assert.True(baselines.GetProperty("lastCategoryPopularity").GetProperty("hr@20LeadHigh").GetDouble() > 0);
    }

    private void Offer(string product, string status = "on") => Add($"\"type\":\"product.upsert\",\"product\":\"{product}\",\"category\":\"c\",\"status\":\"{status}\"");

    private void Click(string user, string product) => Add($"\"type\":\"click\",\"product\":\"{product}\",\"user\":\"{user}\"");

    private void Add(string members) => _events.Append($"{{\"id\":\"e{++_count}\",\"time\":{1_700_000_000_000 + _count * 1000},{members}}}\n");

    private string Write() => _directory.Write("events", Encoding.UTF8.GetBytes(_events.ToString()));

    private async Task<JsonElement> Run(params string[] options)
    {
        var run = new CommandRun();
        Assert.Equal(0, await run.RunAsync(["evaluate", "replay", Write(), "--format", "json", .. options]));
        return run.Json;
    }
}
