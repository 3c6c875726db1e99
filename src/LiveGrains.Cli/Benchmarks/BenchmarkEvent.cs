using System.Globalization;
using System.Text.Json;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>An event as the comparisons take it: parsed before the clock runs.</summary>
/// <param name="Type">`like`, `pay`, …</param>
/// <param name="Room">The room, or null.</param>
/// <param name="User">The user, or null.</param>
/// <param name="Count">How many.</param>
/// <param name="Amount">Minor units.</param>
/// <param name="TimeMs">Event time.</param>
public sealed record BenchmarkEvent(string Type, string? Room, string? User, long Count, long Amount, long TimeMs)
{
    /// <summary>Parses NDJSON. Strings that occur again are one object, as in any program that has an id table.</summary>
    public static IReadOnlyList<BenchmarkEvent> ParseLines(ReadOnlyMemory<byte> lines)
    {
        var events = new List<BenchmarkEvent>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!lines.IsEmpty)
        {
            var end = lines.Span.IndexOf((byte)'\n');
            var line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? default : lines[(end + 1)..];
            if (line.IsEmpty) continue;
            using var document = JsonDocument.Parse(line);
            events.Add(Parse(document.RootElement, names));
        }
        return events;
    }

    private static BenchmarkEvent Parse(JsonElement element, Dictionary<string, string> names)
    {
        string? Name(string member)
        {
            if (!element.TryGetProperty(member, out var value) || value.GetString() is not { } text) return null;
            if (names.TryGetValue(text, out var known)) return known;
            names.Add(text, text);
            return text;
        }
        long Number(string member, long otherwise) => element.TryGetProperty(member, out var value) ? value.GetInt64() : otherwise;

        var time = element.GetProperty("time");
        var timeMs = time.ValueKind == JsonValueKind.Number
            ? time.GetInt64()
            : DateTimeOffset.Parse(time.GetString()!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
        return new BenchmarkEvent(Name("type")!, Name("room"), Name("user"), Number("count", 1), Number("amount", 0), timeMs);
    }
}
