using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using LiveGrains.Model;

namespace LiveGrains.Crash.Tests;

/// <summary>What a new user does, with the tool as it is installed.</summary>
public class EndToEndTests
{
    private static readonly (string Type, string Metric)[] _interactions =
        [("comment", "comments"), ("gift", "gifts"), ("subscribe", "subscribes"), ("follow", "follows"), ("like", "likes"), ("share", "shares")];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_demo_shows_a_platform_within_seconds(bool onDisk)
    {
        using var directory = new TemporaryDirectory();
        await using var server = await RunningServer.StartAsync(onDisk ? directory["data"] : null, "--demo");
        JsonObject overview = [];
        await Wait.UntilAsync(
            async () =>
            {
                overview = await server.Api.GetJsonAsync("v1/overview");
                return Number(overview, "users") > 0 && Number(overview, "roomsLive") > 0 && Number(overview, "eventsPerSecond") > 0 && Number(overview, "online") > 0;
            },
            "the demo has users, rooms on air and events");
        Assert.NotEmpty(await Rooms.ListAsync(server.Api, query: "live=true"));

        var top = await ToolProcess.RunAsync("top", "--once", "--url", server.Address.ToString());
        Assert.True(top.ExitCode == 0, top.Error);
        Assert.Contains(overview["topRooms"]![0]!["room"]!.GetValue<string>()[..1], top.Out, StringComparison.Ordinal);
        var topJson = await ToolProcess.RunAsync("top", "--once", "--format", "json", "--url", server.Address.ToString());
        Assert.NotNull(JsonNode.Parse(topJson.Out)!["overview"]);
        Assert.Equal(0, await server.StopAsync());
        Assert.Equal(onDisk, Directory.Exists(directory["data"]));
        if (!onDisk) return;

        // A second demo on the same directory goes on from there.
        await using var next = await RunningServer.StartAsync(directory["data"], "--demo");
        Assert.True(Number(await next.Api.GetJsonAsync("v1/overview"), "events") >= Number(overview, "events"));
        Assert.Equal(0, await next.StopAsync());
        var verify = await ToolProcess.RunAsync("verify", directory["data"]);
        Assert.True(verify.ExitCode == 0 && verify.Out.Contains("good", StringComparison.Ordinal), verify.Out + verify.Error);
    }

    [FactIfData(DataFiles.Bilibili)]
    public async Task Hours_of_live_rooms_are_replayed_to_the_cent()
    {
        var file = DataFiles.Find(DataFiles.Bilibili)!;
        var hand = HandCounts.OfFile(file);
        await AssertReplayedAsync(file, hand, ["--top", "200"]);

        // The file is longer than the hour for which ids are remembered by default.
        using var directory = new TemporaryDirectory();
        await using var server = await RunningServer.StartAsync(directory["data"], "--clock", "event", "--dedupe-window", "86400");
        await AssertReplayedAsync(file, hand, ["--url", server.Address.ToString(), "--top", "200"]);
        var rooms = await Rooms.ListAsync(server.Api, limit: 3);
        Assert.Equal(hand.Rooms.Order(), rooms.Order());
        foreach (var room in rooms)
        {
            var json = await server.Api.GetJsonAsync($"v1/rooms/{room}");
            AssertRoom(hand, room, json);
            var points = (await server.Api.GetJsonAsync($"v1/rooms/{room}/series?metric=comments&step=10"))["points"]!.AsArray();
            Assert.Equal(hand.RoomCounts.GetValueOrDefault((room, "comment")), points.Sum(p => p![1]!.GetValue<double>()));
            foreach (var point in points) Assert.Equal(hand.CommentBuckets.GetValueOrDefault((room, point![0]!.GetValue<long>() / 10_000)), point[1]!.GetValue<double>());
        }

        foreach (var user in hand.Users.Order(StringComparer.Ordinal).Where((_, i) => i % 50 == 0))
        {
            var counts = (await server.Api.GetJsonAsync($"v1/users/{user}"))["counts"]!.AsObject();
            foreach (var (type, count) in counts) Assert.Equal(hand.UserCounts[(user, type)], count!.GetValue<long>());
            Assert.Equal(hand.UserCounts.Count(row => row.Key.User == user), counts.Count);
        }

        // The same file again is nothing but duplicates.
        var before = await server.Api.GetAsync($"v1/rooms/{rooms[0]}");
        var (again, text, error) = await ToolProcess.RunAsync("replay", file, "--format", "json", "--top", "0", "--url", server.Address.ToString());
        Assert.True(again == 0, error);
        Assert.Equal((0.0, hand.Lines), (Number(JsonNode.Parse(text)!.AsObject(), "accepted"), Number(JsonNode.Parse(text)!.AsObject(), "duplicates")));
        Assert.Equal(before, await server.Api.GetAsync($"v1/rooms/{rooms[0]}"));
    }

    [FactIfData(DataFiles.Taobao)]
    public async Task Hours_of_a_shop_are_replayed_to_the_last_click()
    {
        var file = DataFiles.Find(DataFiles.Taobao)!;
        var hand = HandCounts.OfFile(file);
        using var directory = new TemporaryDirectory();
        await using var server = await RunningServer.StartAsync(directory["data"], "--clock", "event");
        await AssertReplayedAsync(file, hand, ["--url", server.Address.ToString()]);
        var overview = await server.Api.GetJsonAsync("v1/overview");
        Assert.Equal((hand.Users.Count, hand.Products.Count), (Number(overview, "users"), Number(overview, "products")));
        foreach (var (type, metric) in new[] { ("click", "funnel.clicks"), ("cart", "funnel.carts"), ("pay", "funnel.pays"), ("like", "likes") })
            Assert.Equal(hand.Counts[type], Number(overview, metric + ".count"));
        foreach (var product in hand.Products.Order(StringComparer.Ordinal).Where((_, i) => i % 200 == 0))
        {
            var json = await server.Api.GetJsonAsync($"v1/products/{product}");
            foreach (var (type, metric) in new[] { ("click", "clicks"), ("cart", "carts"), ("pay", "pays"), ("like", "likes") })
            {
                Assert.Equal(hand.ProductCounts.GetValueOrDefault((product, type)), Number(json, metric + ".count"));
                Assert.Equal(hand.ProductUsers.GetValueOrDefault((product, type))?.Count ?? 0, Number(json, metric + ".users"));
            }
        }

        Assert.Equal(0, await server.StopAsync());
        var verify = await ToolProcess.RunAsync("verify", directory["data"], "--format", "json");
        Assert.True(verify.ExitCode == 0, verify.Out + verify.Error);
        Assert.Equal(hand.Lines, Number(JsonNode.Parse(verify.Out)!.AsObject(), "events"));
    }

    [Fact]
    public async Task The_same_seed_simulates_the_same_bytes()
    {
        using var directory = new TemporaryDirectory();
        string[] options = ["--rooms", "10", "--users", "2000", "--minutes", "5", "--out"];
        await SimulateAsync(["--seed", "7", .. options, directory["a"]]);
        await SimulateAsync(["--seed", "7", .. options, directory["b"]]);
        await SimulateAsync(["--seed", "8", .. options, directory["c"]]);
        byte[][] sums = [.. new[] { "a", "b", "c" }.Select(name => SHA256.HashData(File.ReadAllBytes(directory[name])))];
        Assert.Equal(sums[0], sums[1]);
        Assert.NotEqual(sums[0], sums[2]);
        Assert.True(new FileInfo(directory["a"]).Length > 100_000);
    }

    [Fact]
    public async Task Several_shards_answer_as_one_does()
    {
        using var directory = new TemporaryDirectory();
        await SimulateAsync(["--seed", "3", "--rooms", "100", "--users", "30000", "--minutes", "18", "--out", directory["events"]]);
        var events = File.ReadLines(directory["events"]).Count();
        Assert.InRange(events, 80_000, 200_000);
        await using var one = await RunningServer.StartAsync(directory["one"], "--clock", "event");
        await using var three = await RunningServer.StartAsync(directory["three"], "--clock", "event", "--shards", "3");
        foreach (var server in new[] { one, three })
        {
            var (exitCode, text, error) = await ToolProcess.RunAsync("replay", directory["events"], "--url", server.Address.ToString(), "--format", "json", "--top", "0");
            Assert.True(exitCode == 0, error);
            Assert.Equal(events, Number(JsonNode.Parse(text)!.AsObject(), "accepted"));
        }

        var rooms = await Rooms.ListAsync(one.Api, limit: 7);
        Assert.Equal(NamesIn(directory["events"], "room"), rooms.Order(StringComparer.Ordinal));
        Assert.Equal(rooms, await Rooms.ListAsync(three.Api, limit: 7));
        foreach (var sort in new[] { "heat", "online", "viewers", "gmv", "interactions", "startedAt" })
            Assert.Equal(await Rooms.ListAsync(one.Api, 40, $"sort={sort}"), await Rooms.ListAsync(three.Api, 40, $"sort={sort}"));

        var compared = 0;
        async Task CompareAsync(string path)
        {
            var (expected, actual) = (await one.Api.TryGetAsync(path), await three.Api.TryGetAsync(path));
            Assert.True(expected.Status == actual.Status && (expected.Text == actual.Text || JsonNode.DeepEquals(Facts(expected.Text), Facts(actual.Text))),
                $"{path}:\n{expected.Text}\n{actual.Text}");
            if (expected.Status == HttpStatusCode.OK) compared++;
        }

        // A segment is what the models think of a user; they hear of events in the order in which shards get to them.
        static JsonNode Facts(string text)
        {
            var facts = JsonNode.Parse(text)!;
            if (facts is JsonObject answer) answer.Remove("segment");
            return facts;
        }

        foreach (var room in rooms)
        {
            await CompareAsync($"v1/rooms/{room}");
            await CompareAsync($"v1/rooms/{room}/products");
            await CompareAsync($"v1/rooms/{room}/series?metric=online&step=60");
        }

        foreach (var kind in new[] { "user", "product", "video" })
        {
            foreach (var name in NamesIn(directory["events"], kind).Take(250)) await CompareAsync($"v1/{kind}s/{name}");
        }

        Assert.True(compared > 3 * rooms.Count + 500, $"{compared} answers compared");
        var overviews = new[] { await one.Api.GetJsonAsync("v1/overview"), await three.Api.GetJsonAsync("v1/overview") };
        foreach (var overview in overviews) overview.Remove("eventsPerSecond");
        Assert.Equal(overviews[0].ToJsonString(), overviews[1].ToJsonString());
    }

    [Fact]
    public async Task Every_call_of_a_new_user_is_answered()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await RunningServer.StartAsync(directory["data"]);
        var start = DateTimeOffset.UtcNow.AddMinutes(-6).ToUnixTimeMilliseconds();
        string[] options = ["--seed", "7", "--rooms", "30", "--users", "2000", "--minutes", "5", "--start", start.ToString(CultureInfo.InvariantCulture)];
        await SimulateAsync([.. options, "--out", directory["events"]]);
        var sent = await ToolProcess.RunAsync(["simulate", .. options, "--url", server.Address.ToString(), "--format", "json"]);
        Assert.True(sent.ExitCode == 0, sent.Out + sent.Error);
        var events = Number(JsonNode.Parse(sent.Out)!.AsObject(), "accepted");
        Assert.True(events > 500, sent.Out);
        Assert.Equal(events, Number(await server.Api.GetJsonAsync("v1/overview"), "events"));

        foreach (var limit in new[] { 1, 4, 30, 200 })
        {
            var rooms = await Rooms.ListAsync(server.Api, limit, "sort=viewers");
            Assert.Equal(NamesIn(directory["events"], "room"), rooms.Order(StringComparer.Ordinal));
        }

        Assert.Equal("ready", (await server.Api.GetJsonAsync("healthz/ready"))["state"]!.GetValue<string>());
        Assert.Equal("live", (await server.Api.GetJsonAsync("healthz/live"))["status"]!.GetValue<string>());
        Assert.Contains($"livegrains_events_total{{shard=\"0\",outcome=\"accepted\"}} {events}", await server.Api.GetAsync("metrics"), StringComparison.Ordinal);
        var description = await server.Api.GetJsonAsync("openapi/v1.json");
        Assert.NotNull(description["paths"]!["/v1/events"]!["post"]);
        foreach (var path in new[] { "", "v1/rooms?live=true&sort=gmv&limit=5" }) Assert.NotEmpty(await server.Api.GetAsync(path));
        foreach (var kind in new[] { "room", "user", "product", "video" })
        {
            foreach (var name in NamesIn(directory["events"], kind).Take(20))
                Assert.Equal(name, (await server.Api.GetJsonAsync($"v1/{kind}s/{name}"))[kind]!.GetValue<string>());
        }

        foreach (var path in new[] { "v1/rooms/nobody", "v1/products/nobody", "v1/videos/nobody", "v1/users/nobody", "v1/rooms/nobody/series?metric=likes" })
            Assert.Equal((HttpStatusCode.NotFound, "not_found"), await server.Api.TryGetAsync(path) is var missing ? (missing.Status, missing.Code) : default);
        Assert.Equal("invalid_parameter", (await server.Api.TryGetAsync("v1/rooms?limit=0")).Code);
        Assert.Equal("invalid_parameter", (await server.Api.TryGetAsync("v1/rooms?cursor=no")).Code);
    }

    /// <summary>What a member of the events names, in order.</summary>
    private static List<string> NamesIn(string file, string member) =>
        [.. File.ReadLines(file).Select(line => JsonNode.Parse(line)![member]?.GetValue<string>()).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    private static async Task SimulateAsync(string[] options)
    {
        var (exitCode, _, error) = await ToolProcess.RunAsync(["simulate", .. options]);
        Assert.True(exitCode == 0, error);
    }

    private static async Task AssertReplayedAsync(string file, HandCounts hand, string[] options)
    {
        var (exitCode, text, error) = await ToolProcess.RunAsync(["replay", file, "--format", "json", .. options]);
        Assert.True(exitCode == 0, text + error);
        var json = JsonNode.Parse(text)!.AsObject();
        Assert.Equal((hand.Lines, hand.Lines, 0.0, 0.0), (Number(json, "events"), Number(json, "accepted"), Number(json, "duplicates"), Number(json, "rejected")));
        var rooms = json["rooms"]!.AsArray();
        Assert.Equal(hand.Rooms.Count, rooms.Count);
        foreach (var room in rooms) AssertRoom(hand, room!["room"]!.GetValue<string>(), room.AsObject());
    }

    private static void AssertRoom(HandCounts hand, string id, JsonObject room)
    {
        foreach (var (type, metric) in _interactions)
        {
            Assert.Equal(hand.RoomCounts.GetValueOrDefault((id, type)), Number(room, metric + ".count"));
            Assert.Equal(hand.RoomUsers.GetValueOrDefault((id, type))?.Count ?? 0, Number(room, metric + ".users"));
        }

        Assert.Equal(hand.RoomAmounts.GetValueOrDefault((id, "gift")), Number(room, "gifts.amount"));
        Assert.Equal(hand.RoomAmounts.GetValueOrDefault((id, "subscribe")), Number(room, "subscribes.amount"));
        Assert.Equal((hand.Viewers[id].Count, hand.Views[id]), (Number(room, "viewers"), Number(room, "views")));
        Assert.Equal(hand.WatchMs[id] / 1000.0, Number(room, "watchSeconds"), 1e-6);
    }

    private static double Number(JsonObject json, string path) =>
        double.Parse(path.Split('.').Aggregate((JsonNode)json, (at, name) => at[name]!).ToJsonString(), CultureInfo.InvariantCulture);
}
