using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LiveGrains.Model.Tests;

public class PropertyTests
{
    private const int Seeds = 12;
    private const int Events = 1_500;

    private static readonly string[] _metrics =
    [
        "impressions", "views", "likes", "comments", "shares", "follows", "unfollows", "subscribes", "subscribes.amount", "dislikes", "reports",
        "gifts", "gifts.amount", "interactions", "products.impressions", "products.clicks", "products.carts", "products.orders",
        "products.orders.amount", "products.pays", "products.pays.amount", "products.refunds", "gmv", "refundAmount", "netGmv", "watchSeconds", "online",
    ];

    private static IEnumerable<ulong> EachSeed => Enumerable.Range(1, Seeds).Select(seed => (ulong)seed);

    private static List<GeneratedEvent> Stream(ulong seed, GeneratorOptions? options = null) => [.. new EventGenerator(seed, options).Events(Events)];

    private static JsonObject State(ModelEngine model)
    {
        JsonObject All(IEnumerable<string> ids, Func<string, JsonObject?> answer)
        {
            var all = new JsonObject();
            foreach (var id in ids.Order(StringComparer.Ordinal))
                all[id] = answer(id);
            return all;
        }

        return new JsonObject
        {
            ["rooms"] = All(model.RoomIds, model.Room),
            ["series"] = All(model.RoomIds, id => model.Series(id, "online", 60)),
            ["roomProducts"] = All(model.RoomIds, model.RoomProducts),
            ["products"] = All(model.ProductIds, model.Product),
            ["videos"] = All(model.VideoIds, model.Video),
            ["users"] = All(model.UserIds, model.User),
            ["overview"] = model.Overview(),
        };
    }

    private static void Same(ulong seed, ModelEngine expected, ModelEngine actual, params string[] ignoring)
    {
        JsonObject left = State(expected), right = State(actual);
        var differences = JsonCompare.Differences(left, right, ignoring).Concat(JsonCompare.Differences(right, left, ignoring)).ToList();
        Assert.True(differences.Count == 0, $"seed {seed}: {string.Join("\n", differences.Take(10))}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Duplicates_anywhere_later_in_the_stream_change_nothing_but_their_counter(bool eventClock)
    {
        foreach (var seed in EachSeed)
        {
            var options = new ModelOptions { EventClock = eventClock, DedupeWindow = TimeSpan.FromDays(1000) };
            ModelEngine once = new(options), often = new(options);
            var random = new SplitMix64(seed + 1000);
            var sent = new List<byte[]>();
            foreach (var e in Stream(seed))
            {
                once.Apply(e.Utf8, e.ClockMs);
                often.Apply(e.Utf8, e.ClockMs);
                sent.Add(e.Utf8);
                while (random.Chance(0.4))
                    Assert.Equal(ModelOutcome.Duplicate, often.Apply(random.Pick(sent), e.ClockMs).Outcome);
            }

            Same(seed, once, often, "overview.duplicates");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Refused_events_change_nothing(bool eventClock)
    {
        foreach (var seed in EachSeed)
        {
            ModelEngine clean = new(new ModelOptions { EventClock = eventClock }), mixed = new(new ModelOptions { EventClock = eventClock });
            var broken = new EventGenerator(seed + 500, new GeneratorOptions { InvalidShare = 1 });
            foreach (var e in Stream(seed))
            {
                Assert.Equal(ModelOutcome.Rejected, mixed.Apply(broken.Next().Utf8, e.ClockMs).Outcome);
                clean.Apply(e.Utf8, e.ClockMs);
                mixed.Apply(e.Utf8, e.ClockMs);
            }

            Same(seed, clean, mixed);
        }
    }

    [Fact]
    public void Asking_between_events_changes_nothing()
    {
        foreach (var seed in EachSeed)
        {
            ModelEngine silent = new(new ModelOptions { EventClock = false }), asked = new(new ModelOptions { EventClock = false });
            var random = new SplitMix64(seed);
            long clock = 0;
            foreach (var e in Stream(seed))
            {
                for (; clock > 0 && clock < e.ClockMs && random.Chance(0.5); clock += random.Below(5000))
                    asked.AdvanceTo(clock);
                if (random.Chance(0.05))
                    _ = State(asked);
                clock = e.ClockMs;
                silent.Apply(e.Utf8, e.ClockMs);
                asked.Apply(e.Utf8, e.ClockMs);
            }

            asked.AdvanceTo(silent.ClockMs + 12_345);
            silent.AdvanceTo(silent.ClockMs + 12_345);
            Same(seed, silent, asked);
        }
    }

    [Fact]
    public void The_spelling_of_an_event_does_not_matter()
    {
        foreach (var seed in EachSeed)
        {
            ModelEngine odd = new(), plain = new();
            foreach (var e in Stream(seed))
            {
                odd.Apply(e.Utf8);
                plain.Apply(Encoding.UTF8.GetBytes(JsonNode.Parse(e.Utf8)!.ToJsonString()));
            }

            Same(seed, odd, plain);
        }
    }

    [Fact]
    public void Without_late_events_a_series_adds_up_to_the_total_and_no_window_exceeds_it()
    {
        foreach (var seed in EachSeed)
        {
            var model = new ModelEngine(new ModelOptions { Lateness = TimeSpan.FromDays(10_000) });
            foreach (var e in Stream(seed, new GeneratorOptions { GapShare = 0.001 }))
                model.Apply(e.Utf8);
            foreach (var id in model.RoomIds)
            {
                var room = model.Room(id)!;
                Assert.Equal(0, (long)room["late"]!);
                foreach (var metric in _metrics.Where(metric => metric != "online"))
                {
                    var total = Number(room, metric);
                    var sum = model.Series(id, metric, 30)!["points"]!.AsArray().Sum(point => (double)point![1]!);
                    Assert.True(Math.Abs(total - sum) < 1e-6, $"seed {seed} {id} {metric}: {total} in all, {sum} in its series");
                    if (metric != "netGmv")
                        Assert.All(room["windows"]!.AsObject(), window => Assert.True(Number(window.Value!, metric) <= total + 1e-6));
                }

                Assert.Equal(room["peakOnline"]!.GetValue<long>(), (long)model.Series(id, "online", 3600)!["points"]!.AsArray().Max(point => (double)point![1]!));
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Numbers_keep_their_bounds(bool eventClock)
    {
        foreach (var seed in EachSeed)
        {
            var model = new ModelEngine(new ModelOptions { EventClock = eventClock });
            var number = 0;
            foreach (var e in Stream(seed))
            {
                model.Apply(e.Utf8, e.ClockMs);
                if (++number % 50 != 0)
                    continue;
                double online = 0;
                foreach (var room in model.RoomIds.Select(id => model.Room(id)!))
                {
                    online += Number(room, "online");
                    Assert.InRange(Number(room, "online"), 0, Number(room, "peakOnline"));
                    Assert.InRange(Number(room, "peakOnline"), 0, Number(room, "viewers"));
                    Assert.InRange(Number(room, "viewers"), 0, Number(room, "views"));
                    Assert.InRange(room["averageOnline"]?.GetValue<double>() ?? 0, 0, Number(room, "peakOnline"));
                    Assert.InRange(Number(room, "interactionUsers"), 0, Number(room, "interactions"));
                    Assert.True(Number(room, "watchSeconds") >= 0);
                    Assert.InRange(room["channels"]!.AsObject().Count, 0, 32);
                    Assert.InRange(room["channels"]!.AsObject().Sum(row => (long)row.Value!["views"]!), 0, Number(room, "views"));
                }

                Assert.Equal(online, Number(model.Overview(), "online"));
                Assert.Equal(online, model.UserIds.Sum(id => model.User(id)!["watching"]!.AsArray().Count));
            }
        }
    }

    [Fact]
    public void Users_and_platform_agree()
    {
        foreach (var seed in EachSeed)
        {
            var model = new ModelEngine();
            foreach (var e in Stream(seed))
                model.Apply(e.Utf8);
            var users = model.UserIds.Select(id => model.User(id)!).ToList();
            var overview = model.Overview();
            Assert.Equal(Number(overview, "gmv"), users.Sum(user => Number(user["spend"]!, "paid")));
            Assert.Equal(Number(overview, "gmv"), model.ProductIds.Sum(id => Number(model.Product(id)!, "gmv")));
            Assert.Equal(Number(overview, "gifts.amount") + Number(overview, "subscribes.amount"), users.Sum(user => Number(user["spend"]!, "gifted")));
            Assert.Equal(Number(overview, "likes"), users.Sum(user => (long?)user["counts"]!["like"] ?? 0));
            var played = model.VideoIds.Sum(id => Number(model.Video(id)!, "watchSeconds"));
            Assert.Equal(Number(overview, "watchSeconds") + played, users.Sum(user => Number(user, "watchSeconds")), 1e-3);
        }
    }

    /// <summary>A metric as series name it, from an answer: a number, or a count's `count`.</summary>
    private static double Number(JsonNode answer, string metric)
    {
        var node = metric.Split('.').Aggregate(answer, (at, part) => at[part]!);
        return JsonSerializer.Deserialize<double>(node is JsonObject counted ? counted["count"]! : node);
    }
}
