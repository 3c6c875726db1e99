using System.Text;

namespace LiveGrains.Model.Tests;

public class ValidationTests
{
    private const string Like = """ "type":"like","time":1700000000000,"room":"r","user":"u" """;

    private static ModelVerdict Judge(string line) => new ModelEngine().Apply(Encoding.UTF8.GetBytes(line));

    [Theory]
    [InlineData(""" {"id":"1",$} """)]
    [InlineData(""" {"id":"1",$,"count":1000000,"channel":"feed","text":"","attrs":{}} """)]
    [InlineData(""" {"id":"1",$,"seq":9223372036854775807,"source":"s"} """)]
    [InlineData(""" {"id":"1",$,"amount":1000000000000000,"ms":86400000,"currency":"USD"} """)]
    [InlineData(""" {"\u0069d":"1",$} """)]
    [InlineData(""" {"id":"好 1",$,"product":"A-z.0_9:"} """)]
    public void Takes_what_is_within_the_contract(string line) => Assert.Equal(new ModelVerdict(ModelOutcome.Accepted), Judge(line.Replace("$", Like)));

    [Theory]
    [InlineData("""{"id":"1",$""", "invalid_json", null)]
    [InlineData("""[{"id":"1",$}]""", "invalid_json", null)]
    [InlineData("""{"id":"1",$,"attrs":{"a":[[[[[[[[1]]]]]]]]}}""", "invalid_json", null)]
    [InlineData("""{"id":"1",$,"colour":"red"}""", "unknown_field", "colour")]
    [InlineData("""{"id":"1",$,"id":"1"}""", "duplicate_field", "id")]
    [InlineData("""{$}""", "missing_field", "id")]
    [InlineData("""{"id":"",$}""", "invalid_id", "id")]
    [InlineData("""{"id":"a\u0001",$}""", "invalid_id", "id")]
    [InlineData("""{"id":7,$}""", "invalid_id", "id")]
    [InlineData("""{"id":"\ud800",$}""", "invalid_utf8", null)]
    [InlineData("""{"id":"1",$,"seq":0}""", "invalid_seq", "seq")]
    [InlineData("""{"id":"1",$,"count":0}""", "invalid_count", "count")]
    [InlineData("""{"id":"1",$,"count":1000001}""", "invalid_count", "count")]
    [InlineData("""{"id":"1",$,"count":1.0}""", "invalid_count", "count")]
    [InlineData("""{"id":"1",$,"amount":-1}""", "invalid_amount", "amount")]
    [InlineData("""{"id":"1",$,"amount":1000000000000001}""", "invalid_amount", "amount")]
    [InlineData("""{"id":"1",$,"ms":86400001}""", "invalid_duration", "ms")]
    [InlineData("""{"id":"1",$,"currency":"cny"}""", "invalid_currency", "currency")]
    [InlineData("""{"id":"1",$,"product":"a b"}""", "invalid_key", "product")]
    [InlineData("""{"id":"1",$,"video":5}""", "invalid_key", "video")]
    [InlineData("""{"id":"1",$,"channel":""}""", "invalid_channel", "channel")]
    [InlineData("""{"id":"1",$,"tags":["a",1]}""", "invalid_tags", "tags")]
    [InlineData("""{"id":"1",$,"status":"ON"}""", "invalid_status", "status")]
    [InlineData("""{"id":"1",$,"price":-5}""", "invalid_price", "price")]
    [InlineData("""{"id":"1",$,"stock":1.5}""", "invalid_stock", "stock")]
    [InlineData("""{"id":"1",$,"title":null}""", "invalid_text", "title")]
    [InlineData("""{"id":"1",$,"attrs":{"a":1}}""", "invalid_attributes", "attrs")]
    public void Refuses_what_is_not(string line, string rule, string? member) => Assert.Equal(ModelVerdict.Rejected(rule, member), Judge(line.Replace("$", Like)));

    [Theory]
    [InlineData("room.start", "", "room")]
    [InlineData("product.upsert", "room=r", "product")]
    [InlineData("video.upsert", "room=r", "video")]
    [InlineData("user.upsert", "room=r", "user")]
    [InlineData("impression", "user=u", "room|product|video")]
    [InlineData("impression", "room=r", "user")]
    [InlineData("click", "room=r user=u", "product|video")]
    [InlineData("enter", "room=r", "user")]
    [InlineData("heartbeat", "user=u", "room")]
    [InlineData("leave", "user=u", "room")]
    [InlineData("play", "video=v user=u", "ms")]
    [InlineData("play", "user=u ms=1", "video")]
    [InlineData("report", "user=u", "room|product|video")]
    [InlineData("follow", "product=p user=u", "room")]
    [InlineData("subscribe", "room=r user=u", "amount")]
    [InlineData("gift", "room=r user=u", "amount")]
    [InlineData("cart", "room=r user=u", "product")]
    [InlineData("order", "product=p user=u", "amount")]
    [InlineData("pay", "product=p user=u", "amount")]
    [InlineData("refund", "product=p amount=1", "user")]
    public void A_type_needs_its_members(string type, string members, string missing) =>
        Assert.Equal(ModelVerdict.Rejected("missing_field", missing), new Scenario().Try(type, 0, members));

    [Theory]
    [InlineData("1700000000123", 1_700_000_000_123)]
    [InlineData("0", 0)]
    [InlineData("\"2023-11-14T22:13:20.123Z\"", 1_700_000_000_123)]
    [InlineData("\"2023-11-15T06:13:20.1239+08:00\"", 1_700_000_000_123)]
    [InlineData("\"2023-11-14t18:43:20-03:30\"", 1_700_000_000_000)]
    [InlineData("\"2024-02-29T23:59:59.9z\"", 1_709_251_199_900)]
    public void Times_are_read(string time, long ms)
    {
        var model = new ModelEngine();
        Assert.True(model.Accepts(Encoding.UTF8.GetBytes($$"""{"id":"1","type":"like","time":{{time}},"room":"r","user":"u"}""")));
        Assert.Equal(ms, model.ClockMs);
    }

    [Theory]
    [InlineData("\"2023-11-14T22:13:20\"")]
    [InlineData("\"2023-11-14\"")]
    [InlineData("\"2023-02-29T00:00:00Z\"")]
    [InlineData("\"2023-11-14T24:00:00Z\"")]
    [InlineData("\"2023-11-14T22:13:20+8:00\"")]
    [InlineData("\"1700000000000\"")]
    [InlineData("1700000000000.5")]
    [InlineData("253402300800000")]
    [InlineData("\"2023-11-14T22:13:20Z\\n\"")]
    public void Other_times_are_refused(string time) =>
        Assert.Equal(ModelVerdict.Rejected("invalid_time", "time"), Judge($$"""{"id":"1","type":"like","time":{{time}},"room":"r","user":"u"}"""));

    [Fact]
    public void Lengths_are_limited()
    {
        string With(string member, string value) => $$"""{"id":"1",{{Like}},"{{member}}":{{value}}}""";
        string Text(int length) => "\"" + new string('x', length) + "\"";
        foreach (var (member, longest) in new[] { ("source", 128), ("product", 64), ("text", 2000), ("title", 200), ("host", 200), ("category", 200), ("channel", 32) })
        {
            Assert.True(Judge(With(member, Text(longest))).IsAccepted, member);
            Assert.Equal(member, Judge(With(member, Text(longest + 1))).Member);
        }

        Assert.True(Judge(With("attrs", "{" + string.Join(',', Enumerable.Range(0, 32).Select(i => $"\"{i}\":\"\"")) + "}")).IsAccepted);
        Assert.Equal("attrs", Judge(With("attrs", "{" + string.Join(',', Enumerable.Range(0, 33).Select(i => $"\"{i}\":\"\"")) + "}")).Member);
        Assert.True(Judge(With("attrs", "{\"a\":" + Text(4095) + "}")).IsAccepted);
        Assert.Equal("attrs", Judge(With("attrs", "{\"a\":" + Text(4096) + "}")).Member);
        Assert.Equal("event_too_large", Judge(With("text", Text(33_000))).Rule);
    }
}
