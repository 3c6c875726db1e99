using System.Text;
using System.Text.Json;

namespace LiveGrains.Model.Tests;

public class EventGeneratorTests
{
    private const int Events = 20_000;

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        string Stream(ulong seed) => string.Join('\n', new EventGenerator(seed, new GeneratorOptions { InvalidShare = 0.1 }).Lines(500).Select(Encoding.UTF8.GetString));
        Assert.Equal(Stream(1), Stream(1));
        Assert.NotEqual(Stream(1), Stream(2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_invalid_events_none_is_refused(bool eventClock)
    {
        for (ulong seed = 0; seed < 5; seed++)
        {
            var model = new ModelEngine(new ModelOptions { EventClock = eventClock });
            foreach (var e in new EventGenerator(seed, new GeneratorOptions { BothItems = true, Channels = 40 }).Events(4_000))
            {
                var verdict = model.Apply(e.Utf8, e.ClockMs);
                Assert.True(verdict.Outcome != ModelOutcome.Rejected, $"seed {seed}: {verdict} {Encoding.UTF8.GetString(e.Utf8)}");
            }
        }
    }

    [Fact]
    public void Every_line_that_is_broken_is_refused()
    {
        var model = new ModelEngine();
        foreach (var line in new EventGenerator(3, new GeneratorOptions { InvalidShare = 1 }).Lines(Events))
            Assert.True(model.Apply(line).Outcome == ModelOutcome.Rejected, Encoding.UTF8.GetString(line));
        Assert.Empty(model.RoomIds);
        Assert.Empty(model.UserIds);
    }

    [Fact]
    public void Invalid_lines_break_every_rule()
    {
        var model = new ModelEngine();
        var rules = new EventGenerator(4, new GeneratorOptions { InvalidShare = 1 }).Lines(Events).Select(line => model.Apply(line).Rule!).ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "invalid_json", "unknown_field", "duplicate_field", "invalid_type", "missing_field", "invalid_id", "invalid_source", "invalid_seq",
                "invalid_time", "invalid_key", "invalid_count", "invalid_amount", "invalid_currency", "invalid_duration", "invalid_text", "invalid_tags",
                "invalid_price", "invalid_stock", "invalid_status", "invalid_channel", "invalid_attributes",
            },
            rules);
    }

    [Fact]
    public void Lines_are_lines()
    {
        foreach (var line in new EventGenerator(5, new GeneratorOptions { InvalidShare = 0.2 }).Lines(Events))
        {
            Assert.DoesNotContain((byte)'\n', line);
            Assert.NotEmpty(line);
        }
    }

    [Fact]
    public void The_stream_hurts_in_every_way()
    {
        var options = new GeneratorOptions { Channels = 60 };
        var model = new ModelEngine(new ModelOptions { EventClock = false });
        var types = new HashSet<string>();
        int late = 0, ahead = 0, duplicates = 0, seqs = 0, restarts = 0;
        long previous = 0;
        foreach (var e in new EventGenerator(6, options).Events(Events))
        {
            Assert.True(e.ClockMs >= previous);
            previous = e.ClockMs;
            using var json = JsonDocument.Parse(e.Utf8);
            var type = json.RootElement.GetProperty("type").GetString()!;
            types.Add(type);
            if (type == "room.start" && model.Room(json.RootElement.GetProperty("room").GetString()!) is { } room && !room["live"]!.GetValue<bool>())
                restarts++;
            if (model.Apply(e.Utf8, e.ClockMs).Outcome == ModelOutcome.Duplicate)
                duplicates++;
            if (json.RootElement.TryGetProperty("seq", out _))
                seqs++;
            if (json.RootElement.GetProperty("time") is { ValueKind: JsonValueKind.Number } time)
            {
                late += time.GetInt64() < e.ClockMs - options.LatenessMs ? 1 : 0;
                ahead += time.GetInt64() > e.ClockMs ? 1 : 0;
            }
        }

        Assert.Equal(25, types.Count);
        Assert.InRange(duplicates, Events / 50, Events / 3);
        Assert.InRange(late, Events / 100, Events / 5);
        Assert.InRange(ahead, Events / 100, Events / 5);
        Assert.InRange(seqs, Events / 10, Events / 2);
        Assert.True(restarts > 20);
        Assert.Equal(4, model.RoomIds.Count());
        Assert.Equal(12, model.UserIds.Count());
        var others = 0;
        var crowded = new ModelEngine();
        foreach (var line in new EventGenerator(6, options with { GapShare = 0 }).Lines(Events))
        {
            // What a room had by its end is gone after its next start, so look at each end.
            if (crowded.Accepts(line) && line.AsSpan().IndexOf("room.end"u8) >= 0)
                others += crowded.RoomIds.Count(id => crowded.Room(id)!["channels"]!["other"] != null);
        }

        Assert.True(others > 0, "no room ever had more than 31 channels");
    }
}
