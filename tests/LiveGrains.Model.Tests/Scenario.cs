using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace LiveGrains.Model.Tests;

/// <summary>A model and a terse way to speak to it: `Send("gift", 12.5, "room=r user=u amount=300")`, `Expect(room, "gifts.amount=300")`.</summary>
internal sealed class Scenario(ModelOptions? options = null)
{
    /// <summary>Second 0; the start of a bucket, and of an hour's bucket 26,640 s in.</summary>
    public const long T0 = 1_700_000_000_000;

    private static readonly string[] _numbers = ["count", "amount", "ms", "seq", "price", "stock"];
    private int _nextId = 1;

    public ModelEngine Model { get; } = new(options);

    /// <summary>A scenario whose clock is the server's.</summary>
    public static Scenario OnWallClock() => new(new ModelOptions { EventClock = false });

    /// <summary>Sends an event that must be accepted.</summary>
    public Scenario Send(string type, double seconds, string members = "", double? clock = null)
    {
        Assert.Equal(ModelOutcome.Accepted, Try(type, seconds, members, clock).Outcome);
        return this;
    }

    public ModelVerdict Try(string type, double seconds, string members = "", double? clock = null)
    {
        var json = new JsonObject { ["type"] = type, ["time"] = Ms(seconds) };
        foreach (var member in members.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Split(member);
            json[name] = name == "tags" ? new JsonArray([.. value.Split('+').Select(tag => (JsonNode)tag)])
                : _numbers.Contains(name) ? JsonValue.Create(long.Parse(value, CultureInfo.InvariantCulture))
                : value;
        }

        json["id"] ??= "e" + _nextId++;
        return Model.Apply(Encoding.UTF8.GetBytes(json.ToJsonString()), clock is double at ? Ms(at) : null);
    }

    public Scenario AdvanceTo(double seconds)
    {
        Model.AdvanceTo(Ms(seconds));
        return this;
    }

    public Scenario Room(string expectations, string room = "r") => Expect(Model.Room(room), expectations);

    public Scenario Product(string expectations, string product = "p") => Expect(Model.Product(product), expectations);

    public Scenario User(string expectations, string user = "u") => Expect(Model.User(user), expectations);

    public Scenario Overview(string expectations) => Expect(Model.Overview(), expectations);

    /// <summary>The points of a series as `second:value`, zeros left out.</summary>
    public string Series(string metric, int step = 10, double? from = null, double? to = null)
    {
        var points = Model.Series("r", metric, step, from is double f ? Ms(f) : null, to is double t ? Ms(t) : null)!["points"]!.AsArray();
        return string.Join(' ', points.Where(point => (double)point![1]! != 0)
            .Select(point => FormattableString.Invariant($"{((long)point![0]! - T0) / 1000}:{(double)point[1]!}")));
    }

    /// <summary>Each `path=value`; a value is a number, true, false, null, none (no such member) or text.</summary>
    public Scenario Expect(JsonObject? answer, string expectations)
    {
        Assert.NotNull(answer);
        foreach (var expectation in expectations.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (path, expected) = Split(expectation);
            JsonNode? node = answer;
            var exists = true;
            foreach (var part in path.Split('.'))
            {
                JsonNode? next = null;
                exists = node is JsonArray array ? int.Parse(part, CultureInfo.InvariantCulture) < array.Count
                    : node is JsonObject o && o.TryGetPropertyValue(part, out next);
                node = node is JsonArray items && exists ? items[int.Parse(part, CultureInfo.InvariantCulture)] : next;
            }

            if (expected == "none")
            {
                Assert.False(exists, $"{path} should not be there, but is {node?.ToJsonString()}");
                continue;
            }

            Assert.True(exists, $"{path} is missing in {answer.ToJsonString()}");
            JsonNode? wanted = expected switch
            {
                "null" => null,
                "true" => true,
                "false" => false,
                _ when double.TryParse(expected, CultureInfo.InvariantCulture, out var number) => number,
                _ => expected,
            };
            Assert.True(JsonCompare.Differences(wanted, node).Count == 0 || (node is JsonArray && node.ToJsonString() == expected),
                $"{path}: expected {expected}, actual {node?.ToJsonString() ?? "null"}");
        }

        return this;
    }

    public static long Ms(double seconds) => T0 + (long)Math.Round(seconds * 1000);

    private static (string Name, string Value) Split(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return (text[..at], text[(at + 1)..]);
    }
}
