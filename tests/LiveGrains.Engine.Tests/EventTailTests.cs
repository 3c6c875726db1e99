using System.Text;

namespace LiveGrains.Engine.Tests;

public sealed class EventTailTests
{
    private const long Start = 1_800_000_000_000;

    [Fact]
    public async Task Rare_events_are_seen_among_frequent_ones_and_only_while_somebody_looks()
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event }, new StoppedTime());
        await IngestAsync(engine, Line(0, "enter"));
        Assert.Empty(engine.ReadTail().Events);
        await IngestAsync(engine, string.Concat(Enumerable.Range(1, 500).Select(i => Line(i, i == 400 ? "pay" : "like"))));
        var events = engine.ReadTail().Events;
        Assert.Equal(["like", "like", "like", "pay"], events.Select(e => e.Type));
        Assert.Equal([1L, 2, 3, 4], events.Select(e => e.Number));
        Assert.Equal(("r1", "p1", 990L, (string?)null), (events[3].Room, events[3].Product, events[3].Amount, events[3].Currency));
        Assert.Null(events[0].Amount);
    }

    [Fact]
    public async Task Duplicates_and_refused_events_are_not_in_it()
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event }, new StoppedTime());
        engine.ReadTail();
        await IngestAsync(engine, Line(1, "like") + Line(1, "like") + Line(2, "nonsense"));
        Assert.Single(engine.ReadTail().Events);
    }

    [Fact]
    public async Task It_is_bounded()
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event });
        string[] types = ["like", "comment", "share", "follow", "unfollow", "enter", "heartbeat", "leave", "dislike", "report", "gift", "pay", "order", "refund"];
        engine.ReadTail();
        for (var round = 0; round < 20; round++)
        {
            // A slice of a quarter of a second ends by itself; each round may fall into any.
            await IngestAsync(engine, string.Concat(types.SelectMany((type, t) => Enumerable.Range(0, 20).Select(i => Line(round * 1000 + t * 20 + i, type)))));
            Assert.InRange(engine.ReadTail().Events.Count, 1, 80);
        }
    }

    private static async Task IngestAsync(LiveGrainsEngine engine, string lines) => await engine.IngestAsync(Encoding.UTF8.GetBytes(lines), EventFormat.NdJson);

    private static string Line(int id, string type)
    {
        var more = type is "pay" or "order" or "refund" ? ",\"product\":\"p1\",\"amount\":990" : type == "gift" ? ",\"amount\":100" : "";
        return $"{{\"id\":\"{id}\",\"type\":\"{type}\",\"time\":{Start + id},\"room\":\"r1\",\"user\":\"u1\",\"text\":\"secret\"{more}}}\n";
    }
}
