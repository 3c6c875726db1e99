namespace LiveGrains.Model;

/// <summary>Ways to break a valid event, each against exactly one rule and one that leaves no doubt.</summary>
internal static class InvalidEvents
{
    private static readonly (string Member, string[] Values)[] _faults =
    [
        ("id", ["1", "null", "\"\"", "[]", Repeat('x', 65)]),
        ("source", ["7", "null", Repeat('s', 129)]),
        ("seq", ["0", "-1", "\"5\"", "1.5", "9223372036854775808", "null"]),
        ("type", ["\"enters\"", "\"\"", "\"Like\"", "12", "null"]),
        ("time", ["\"2024-01-01\"", "\"2024-01-01T00:00:00\"", "\"2024-13-01T00:00:00Z\"", "\"2024-02-30T00:00:00Z\"", "1.5",
            "\"1700000000000\"", "null", "true", "\"2024-01-01T24:00:00Z\"", "253402300800000"]),
        ("room", ["\"\"", "\"a b\"", "\"房\"", "5", "null", "\"a/b\"", Repeat('r', 65)]),
        ("user", ["\"\"", "\"u\\u0000\"", "\"é\"", "5", "null", Repeat('u', 65)]),
        ("product", ["\"\"", "\"p#1\"", "5", "null", Repeat('p', 65)]),
        ("video", ["\"\"", "\"v,1\"", "{}", "null", Repeat('v', 65)]),
        ("count", ["0", "-1", "1000001", "\"1\"", "1.5", "null"]),
        ("amount", ["-1", "1000000000000001", "\"1\"", "0.5", "null"]),
        ("currency", ["\"cny\"", "\"CN\"", "\"CNYY\"", "\"\"", "156", "null", "\"C1Y\""]),
        ("ms", ["-1", "86400001", "\"1\"", "1.5", "null"]),
        ("text", ["5", "null", Repeat('t', 2001)]),
        ("title", ["5", "null", "[]", Repeat('t', 201)]),
        ("host", ["5", "null", Repeat('t', 201)]),
        ("category", ["5", "null", Repeat('t', 201)]),
        ("tags", ["\"a\"", "{}", "[1]", "[null]", "null", "[" + string.Join(',', Enumerable.Repeat("\"t\"", 33)) + "]"]),
        ("price", ["-1", "1.5", "\"1\"", "null"]),
        ("stock", ["-1", "1.5", "\"1\"", "null"]),
        ("status", ["\"ON\"", "\"\"", "\"maybe\"", "1", "null"]),
        ("channel", ["5", "null", Repeat('c', 33)]),
        ("attrs", ["[]", "\"a\"", "null", "{\"a\":1}", "{\"a\":null}", "{\"a\":{}}", "{\"a\":" + Repeat('a', 4097) + "}"]),
        ("colour", ["\"red\""]),
        ("Room", ["\"r1\""]),
        ("", ["1"]),
    ];

    private static readonly string[] _noEvents =
        ["{", "[]", "null", "5", "\"event\"", "{}", "{\"id\":\"1\",}", "{'id':'1'}", "not json", "{\"id\":\"1\"}}"];

    /// <summary>A line that must be refused.</summary>
    public static string Break(Dictionary<string, string> members, SplitMix64 random)
    {
        var broken = new Dictionary<string, string>(members);
        switch (random.Below(10))
        {
            case 0:
                return random.Pick(_noEvents);
            case 1:
                broken.Remove(random.Pick(["id", "type", "time"]));
                return Write(broken);
            case 2:
                var twice = Write(broken);
                return twice[..^1] + ",\"id\":" + broken["id"] + "}";
            case 3:
                return Write(broken)[..^(int)random.Between(1, 3)];
            case 4 when broken.ContainsKey("user"):
                broken.Remove("user");
                return Write(broken);
            default:
                var (member, values) = random.Pick(_faults);
                broken[member] = random.Pick(values);
                return Write(broken);
        }
    }

    private static string Write(Dictionary<string, string> members) =>
        "{" + string.Join(',', members.Select(member => JsonText.Quote(member.Key) + ":" + member.Value)) + "}";

    private static string Repeat(char c, int times) => "\"" + new string(c, times) + "\"";
}
