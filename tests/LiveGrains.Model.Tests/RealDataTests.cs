using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace LiveGrains.Model.Tests;

public class RealDataTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, string> _roomMetrics = new()
    {
        ["comment"] = "comments",
        ["gift"] = "gifts",
        ["subscribe"] = "subscribes",
        ["follow"] = "follows",
        ["like"] = "likes",
        ["share"] = "shares",
    };

    [FactIfData(DataFiles.Bilibili)]
    public void The_live_rooms_are_counted_as_by_hand()
    {
        var (model, hand) = Count(DataFiles.Bilibili);
        Assert.Equal(57_324, hand.Lines);
        Assert.Equal(57_324, hand.Ids.Count);
        Assert.Equal(41_428, hand.Events["comment"]);
        Assert.Equal(10_089, hand.Events["enter"]);
        Assert.Equal(5_681, hand.Events["gift"]);
        Assert.Equal(115, hand.Events["subscribe"]);
        Assert.Equal(12_827_030, hand.Amount);
        // The data's README says 7,390: that counts the eight events without a user as one more.
        Assert.Equal(7_389, hand.Users.Count);
        Assert.True(hand.IsInOrder);

        var overview = model.Overview();
        Expect(57_324, overview, "events");
        Expect(0, overview, "duplicates");
        Expect(0, overview, "late");
        Expect(7, overview, "rooms");
        Expect(6, overview, "roomsLive");
        Expect(7_389, overview, "users");
        Expect(hand.Counts["comment"], overview, "comments.count");
        Expect(hand.Counts["gift"], overview, "gifts.count");
        Expect(hand.Views.Values.Sum(), overview, "views");
        Assert.Equal(12_827_030, (long)At(overview, "gifts.amount")! + (long)At(overview, "subscribes.amount")!);

        Assert.Equal(hand.Rooms.Order(), model.RoomIds.Order());
        foreach (var id in hand.Rooms)
            CompareRoom(model, hand, id);
        foreach (var user in hand.Users)
        {
            foreach (var (type, count) in model.User(user)!["counts"]!.AsObject())
                Assert.Equal(hand.UserCounts[(user, type)], (long)count!);
        }
    }

    private static void CompareRoom(ModelEngine model, HandCounts hand, string id)
    {
        var room = model.Room(id)!;
        foreach (var (type, metric) in _roomMetrics)
        {
            Expect(hand.RoomCounts.GetValueOrDefault((id, type)), room, metric + ".count");
            Expect(hand.RoomUsers.GetValueOrDefault((id, type))?.Count ?? 0, room, metric + ".users");
        }

        Expect(hand.RoomAmounts.GetValueOrDefault((id, "gift")), room, "gifts.amount");
        Expect(hand.RoomAmounts.GetValueOrDefault((id, "subscribe")), room, "subscribes.amount");
        Expect(hand.Viewers[id].Count, room, "viewers");
        Expect(hand.Views[id], room, "views");
        Assert.Equal(hand.WatchMs[id] / 1000.0, (double)room["watchSeconds"]!, 1e-6);
        Expect(_roomMetrics.Keys.Sum(type => hand.RoomCounts.GetValueOrDefault((id, type))), room, "interactions");
        var interactors = _roomMetrics.Keys.SelectMany(type => hand.RoomUsers.GetValueOrDefault((id, type)) ?? []).Distinct().Count();
        Expect(interactors, room, "interactionUsers");

        var points = model.Series(id, "comments")!["points"]!.AsArray();
        foreach (var point in points)
            Assert.Equal(hand.CommentBuckets.GetValueOrDefault((id, (long)point![0]! / 10_000)), (double)point[1]!);
        Assert.Equal(hand.RoomCounts[(id, "comment")], points.Sum(point => (double)point![1]!));

        var last = hand.LatestMs / 10_000;
        foreach (var (window, buckets) in new[] { ("10s", 1), ("1m", 6), ("5m", 30), ("10m", 60), ("1h", 360) })
        {
            var comments = hand.CommentBuckets.Where(row => row.Key.Room == id && row.Key.Bucket > last - buckets && row.Key.Bucket <= last).Sum(row => row.Value);
            Expect(comments, room, $"windows.{window}.comments.count");
        }
    }

    [FactIfData(DataFiles.Taobao)]
    public void The_shop_is_counted_as_by_hand()
    {
        var (model, hand) = Count(DataFiles.Taobao);
        Assert.Equal(171_554, hand.Lines);
        Assert.Equal(58_732, hand.Users.Count);
        Assert.Equal(75_385, hand.Products.Count);
        Assert.True(hand.IsInOrder);

        var overview = model.Overview();
        Expect(171_554, overview, "events");
        Expect(58_732, overview, "users");
        Expect(75_385, overview, "products");
        Expect(0, overview, "rooms");
        Expect(hand.Counts["click"], overview, "funnel.clicks.count");
        Expect(hand.Counts["cart"], overview, "funnel.carts.count");
        Expect(hand.Counts["pay"], overview, "funnel.pays.count");
        Expect(hand.Counts["like"], overview, "likes.count");
        Expect(0, overview, "gmv");
        Assert.True(hand.Products.SetEquals(model.ProductIds));
        Assert.True(hand.Users.SetEquals(model.UserIds));
        foreach (var id in hand.Products.Order(StringComparer.Ordinal).Where((_, index) => index % 7 == 0))
        {
            var product = model.Product(id)!;
            Expect("on", product, "status");
            foreach (var (type, metric) in new[] { ("click", "clicks"), ("cart", "carts"), ("pay", "pays"), ("like", "likes") })
            {
                Expect(hand.ProductCounts.GetValueOrDefault((id, type)), product, metric + ".count");
                Expect(hand.ProductUsers.GetValueOrDefault((id, type))?.Count ?? 0, product, metric + ".users");
            }
        }
    }

    private (ModelEngine Model, HandCounts Hand) Count(string file)
    {
        var path = DataFiles.Find(file)!;
        var lines = HandCounts.ReadLines(path).ToList();
        var model = new ModelEngine();
        var started = Stopwatch.GetTimestamp();
        foreach (var line in lines)
            Assert.True(model.Accepts(line));
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        output.WriteLine($"{file}: {lines.Count} events in {seconds:0.00} s, {lines.Count / seconds:0} a second");
        return (model, HandCounts.OfFile(path));
    }

    private static JsonNode? At(JsonNode answer, string path) => path.Split('.').Aggregate((JsonNode?)answer, (at, part) => at?[part]);

    private static void Expect(JsonNode expected, JsonNode answer, string path)
    {
        var differences = JsonCompare.Differences(expected, At(answer, path));
        Assert.True(differences.Count == 0, $"{path} {string.Join(' ', differences)}");
    }
}
