using System.Globalization;
using System.Text;

namespace LiveGrains.Engine.Tests;

/// <summary>Totals of money stop at 10^18 instead of wrapping.</summary>
public sealed class MoneyTests
{
    private const long Most = 1_000_000_000_000_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Sums_of_the_largest_amounts_stop_and_never_turn_negative(int shards)
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, Shards = shards, DedupeIds = 1 << 15 });
        var id = 0;
        foreach (var type in (string[])["pay", "gift", "refund"])
        {
            // 9,224 of them are more than 2^63.
            for (var sent = 0; sent < 9_300; sent += 930)
            {
                var body = new StringBuilder();
                for (var i = 0; i < 930; i++)
                {
                    body.Append(CultureInfo.InvariantCulture, $$"""{"id":"{{++id}}","type":"{{type}}","time":{{1_700_000_000_000 + id * 10}},"room":"r{{id % 4}}","user":"u{{id % 2}}","amount":1000000000000000""")
                        .Append(type == "gift" ? "" : ",\"product\":\"p\"").Append(type == "pay" ? ",\"channel\":\"c\"" : "").Append(id % 3 == 0 ? ",\"currency\":\"USD\"}\n" : "}\n");
                }

                var answer = await engine.IngestAsync(Encoding.UTF8.GetBytes(body.ToString()), EventFormat.NdJson);
                Assert.Equal(930, answer.Accepted);
            }
        }

        var room = (await engine.GetRoomAsync("r1"))!;
        Assert.Equal((Most, Most, 0L), (room.Gmv, room.Gifts.Amount!.Value, room.NetGmv));
        Assert.Equal(Most, room.Windows["5m"].Gmv);
        Assert.Equal(Most, room.Channels!["c"].Gmv);
        Assert.InRange(room.OtherCurrencies!["USD"].Gmv, 1, Most);
        var product = (await engine.GetProductAsync("p"))!;
        Assert.Equal((Most, 0L), (product.Gmv, product.NetGmv));
        Assert.Equal(Most, product.Windows["5m"].Gmv);
        var user = (await engine.GetUserAsync("u1"))!;
        Assert.Equal(new UserSpend(Most, Most, Most), user.Spend);
        var overview = await engine.GetOverviewAsync();
        Assert.Equal((Most, Most, 0L), (overview.Gmv, overview.RefundAmount, overview.NetGmv));
        var series = (await engine.GetRoomSeriesAsync("r1", new SeriesQuery("gifts.amount", 60)))!;
        Assert.All(series.Points, p => Assert.InRange(p.Value, 0, Most));
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task An_option_beyond_either_end_of_its_range_is_refused(EngineOptions options)
    {
        var refusal = await Assert.ThrowsAsync<LiveGrainsException>(async () => await LiveGrainsEngine.OpenAsync(options));
        Assert.Equal(ErrorCode.WrongUsage, refusal.Code);
    }

    public static TheoryData<EngineOptions> Ranges() =>
    [
        new EngineOptions { DedupeWindow = TimeSpan.FromSeconds(EngineLimits.DedupeWindowSeconds.Most + 1) },
        new EngineOptions { DedupeWindow = TimeSpan.Zero },
        new EngineOptions { DedupeIds = (int)EngineLimits.DedupeIds.Least - 1 },
        new EngineOptions { ExactAudience = (int)EngineLimits.ExactAudience.Least - 1 },
        new EngineOptions { MaxRooms = (int)EngineLimits.MaxRooms.Most + 1 },
        new EngineOptions { SegmentBytes = EngineLimits.SegmentBytes.Most + 4096 },
    ];
}
