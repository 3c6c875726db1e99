using System.Buffers;
using System.Text;
using System.Text.Json;

namespace LiveGrains.Simulator.Tests;

public sealed class FeedSimulatorTests
{
    private const int Cards = 5;
    private static readonly SimulatorOptions _options = new() { Rooms = 120, Users = 6_000, Minutes = 180, Activity = 3 };

    [Fact]
    public void Who_comes_and_what_is_on_air_is_the_same_whatever_is_shown()
    {
        var (first, other) = (new FeedSimulator(_options), new FeedSimulator(_options));
        var buffer = new ArrayBufferWriter<byte>();
        var requests = 0;
        while (first.TryNext(buffer, out var request))
        {
            Assert.True(other.TryNext(buffer, out var same));
            Assert.Equal(request, same);
            var onAir = OnAir(first);
            Assert.Equal(onAir, OnAir(other));
            if (requests++ % 50 == 0)
                Assert.All(onAir, room => Assert.Equal(first.Expect(request.User, room), other.Expect(request.User, room)));
            // The one shows the first rooms, the other one the last.
            foreach (var room in onAir.Take(Cards))
                first.Show(buffer, request.User, room);
            foreach (var room in onAir.TakeLast(2))
                other.Show(buffer, request.User, room);
            buffer.ResetWrittenCount();
        }

        Assert.False(other.TryNext(buffer, out _));
        Assert.True(requests > 10_000);
    }

    [Fact]
    public void What_is_expected_of_cards_is_what_comes_of_them()
    {
        var feed = new FeedSimulator(_options with { Users = 60_000, Activity = 1 });
        var lastMs = _options.Start.ToUnixTimeMilliseconds() + (_options.Minutes - 60) * 60_000;
        var buffer = new ArrayBufferWriter<byte>();
        var entered = new Dictionary<(string, string), long>();
        double enters = 0, seconds = 0, interactions = 0, paid = 0;
        double expectedEnters = 0, expectedSeconds = 0, expectedInteractions = 0, expectedPaid = 0;
        long leaves = 0, impressions = 0;
        var shown = 0;
        while (feed.TryNext(buffer, out var request))
        {
            Count();
            // What begins in the last hour is not over at the end.
            if (request.TimeMs > lastMs)
                continue;
            var onAir = OnAir(feed);
            for (var card = 0; card < Cards; card++)
            {
                var room = onAir[(shown++ * 7 + card * 13) % onAir.Count];
                var expected = feed.Expect(request.User, room);
                expectedEnters += expected.Enters;
                expectedSeconds += expected.WatchSeconds;
                expectedInteractions += expected.Interactions;
                expectedPaid += expected.PaidAmount;
                feed.Show(buffer, request.User, room);
            }
        }

        Count();

        Assert.Equal(shown, impressions);
        Assert.InRange(enters / expectedEnters, 0.98, 1.02);
        // Three tenths of the visits end without a sign, however long they were.
        Assert.InRange(seconds / (leaves / enters) / expectedSeconds, 0.96, 1.04);
        Assert.InRange(interactions / expectedInteractions, 0.95, 1.05);
        // A thousand payments, of which few are most of the money.
        Assert.InRange(paid / expectedPaid, 0.85, 1.15);

        void Count()
        {
            foreach (var line in LinesOf(buffer))
            {
                using var json = JsonDocument.Parse(line);
                var e = json.RootElement;
                if (!e.TryGetProperty("user", out var user) || !e.TryGetProperty("room", out var inRoom))
                    continue;
                var visit = (user.GetString()!, inRoom.GetString()!);
                switch (e.GetProperty("type").GetString())
                {
                    case "impression" when !e.TryGetProperty("product", out _):
                        impressions++;
                        break;
                    case "enter":
                        enters++;
                        entered[visit] = e.GetProperty("time").GetInt64();
                        break;
                    case "leave":
                        leaves++;
                        seconds += (e.GetProperty("time").GetInt64() - entered[visit]) / 1000.0;
                        break;
                    case "like" or "comment" or "share" or "follow" or "cart":
                        interactions++;
                        break;
                    case "pay":
                        paid += e.GetProperty("amount").GetInt64();
                        break;
                }
            }

            buffer.ResetWrittenCount();
        }
    }

    [Fact]
    public void Users_are_only_where_a_card_was_shown_to_them_and_act_where_they_are()
    {
        var feed = new FeedSimulator(_options);
        var buffer = new ArrayBufferWriter<byte>();
        var isIn = new HashSet<(string, string)>();
        var shown = new HashSet<(string, string)>();
        var visits = 0;
        while (feed.TryNext(buffer, out var request))
        {
            foreach (var line in LinesOf(buffer))
            {
                using var json = JsonDocument.Parse(line);
                var e = json.RootElement;
                if (!e.TryGetProperty("user", out var user) || !e.TryGetProperty("room", out var room))
                    continue;
                var type = e.GetProperty("type").GetString();
                if (type == "enter")
                {
                    Assert.Contains((user.GetString()!, room.GetString()!), shown);
                    isIn.Add((user.GetString()!, room.GetString()!));
                    visits++;
                }
                else if (type != "impression" || e.TryGetProperty("product", out _))
                {
                    Assert.Contains((user.GetString()!, room.GetString()!), isIn);
                }
            }

            buffer.ResetWrittenCount();
            foreach (var room in OnAir(feed).Take(Cards))
            {
                feed.Show(buffer, request.User, room);
                shown.Add((feed.UserId(request.User), FeedSimulator.RoomId(room)));
            }
        }

        Assert.True(visits > 1_000);
    }

    [Fact]
    public void Options_out_of_range_are_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new FeedSimulator(_options with { Rooms = 0 }));

    private static string[] LinesOf(ArrayBufferWriter<byte> buffer) =>
        Encoding.UTF8.GetString(buffer.WrittenSpan).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static List<int> OnAir(FeedSimulator feed) => [.. Enumerable.Range(0, feed.Rooms).Where(feed.IsOnAir)];
}
