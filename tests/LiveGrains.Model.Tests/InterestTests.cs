using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace LiveGrains.Model.Tests;

/// <summary>docs/semantics.md, "Interest", by hand.</summary>
public sealed class InterestTests
{
    private const long Start = 1_700_000_000_000;
    private const long Days14 = 14 * 86_400_000L;
    private readonly ModelEngine _model = new();
    private int _id;

    [Fact]
    public void Shares_are_decayed_strengths_by_what_the_items_are_now()
    {
        Add("product.upsert", 0, """ "product":"a","category":"old","tags":["x","y"] """);
        Add("video.upsert", 0, """ "video":"b","category":"films","host":"Ada" """);
        Add("cart", 0, """ "user":"u","product":"a","room":"r" """);
        Add("play", Days14, """ "user":"u","video":"b","ms":7000 """);
        Add("product.upsert", Days14, """ "product":"a","category":"new" """);

        // The cart's 2 halved once; the play is ¼ + ¼ · 3.
        var interest = Interest("u");
        Assert.Equal([("films", 0.5), ("new", 0.5)], Shares(interest, "categories"));
        Assert.Equal([("x", 0.5), ("y", 0.5)], Shares(interest, "tags"));
        Assert.Equal([("Ada", 0.5)], Shares(interest, "hosts"));
        Assert.Equal(2, (int)interest["items"]!);
    }

    [Fact]
    public void A_late_touch_counts_decayed_to_the_items_time()
    {
        Describe("r");
        Describe("s");
        Add("enter", Days14, """ "user":"u","room":"r" """);
        Add("enter", 0, """ "user":"u","room":"r" """);
        Add("comment", Days14, """ "user":"u","room":"s" """);

        Assert.Equal([("r", 0.5), ("s", 0.5)], Shares(Interest("u"), "categories"));
    }

    [Fact]
    public void A_disliked_item_takes_two_visits_away_whatever_it_had()
    {
        Describe("r");
        Describe("s");
        Add("gift", 0, """ "user":"u","room":"r","amount":100000 """);
        Add("report", 0, """ "user":"u","room":"r" """);
        Add("share", 0, """ "user":"u","room":"r" """);
        Add("cart", 0, """ "user":"u","room":"s","product":"unknown" """);

        Assert.Equal([("r", -0.5)], Shares(Interest("u"), "categories"));
    }

    [Theory]
    [InlineData("impression", """ "room":"r" """)]
    [InlineData("heartbeat", """ "room":"r" """)]
    [InlineData("leave", """ "room":"r" """)]
    [InlineData("unfollow", """ "room":"r" """)]
    [InlineData("refund", """ "room":"r","product":"p","amount":1 """)]
    [InlineData("user.upsert", """ "room":"r" """)]
    public void Some_types_say_nothing(string type, string members)
    {
        Add(type, 0, """ "user":"u", """ + members);
        Assert.Equal(0, (int)Interest("u")["items"]!);
    }

    [Fact]
    public void Of_513_items_the_one_touched_first_goes_unless_it_is_unwanted()
    {
        Describe("0");
        Describe("1");
        Describe("2");
        Add("dislike", 0, """ "user":"u","room":"0" """);
        for (var i = 1; i < 512; i++)
            Add("enter", 0, string.Create(CultureInfo.InvariantCulture, $" \"user\":\"u\",\"room\":\"{i}\" "));
        Add("like", 0, """ "user":"u","room":"1" """);
        Add("enter", 0, """ "user":"u","room":"more" """);

        var interest = Interest("u");
        Assert.Equal(512, (int)interest["items"]!);
        Assert.Equal(["0", "1"], Shares(interest, "categories").Select(share => share.Name).Order(StringComparer.Ordinal));
    }

    private void Describe(string room) => Add("room.update", 0, string.Create(CultureInfo.InvariantCulture, $" \"room\":\"{room}\",\"category\":\"{room}\" "));

    private void Add(string type, long after, string members)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"{++_id}\",\"type\":\"{type}\",\"time\":{Start + after},{members}}}");
        Assert.True(_model.Accepts(Encoding.UTF8.GetBytes(line)), line);
    }

    private JsonObject Interest(string user) => _model.User(user)!["interest"]!.AsObject();

    private static List<(string Name, double Weight)> Shares(JsonObject interest, string list) =>
        [.. interest[list]!.AsArray().Select(share => ((string)share!["name"]!, Math.Round((double)share["weight"]!, 9)))];
}
