using System.Text;

namespace LiveGrains.Engine.Tests;

/// <summary>An audience beyond the limit of exact counting: users are estimated, everything else stays exact, memory stays bounded.</summary>
public sealed class ApproximateAudienceTests
{
    private const int Users = 20_000;

    [Fact]
    public async Task Users_are_estimated_counts_stay_exact_and_old_pairs_are_dropped()
    {
        var options = new EngineOptions { Clock = ClockMode.Event, DedupeIds = 1024, ExactAudience = 1000, Lateness = TimeSpan.FromSeconds(60) };
        await using var engine = await LiveGrainsEngine.OpenAsync(options);
        long likes = 0, mostPairs = 0;
        var body = new StringBuilder();
        for (var user = 0; user < Users; user++)
        {
            var time = 1_700_000_000_000 + user * 100;
            body.Append($$"""{"id":"e{{user}}","type":"enter","time":{{time}},"room":"r","user":"u{{user}}"}""").Append('\n');
            if (user % 2 == 0)
            {
                body.Append($$"""{"id":"l{{user}}","type":"like","time":{{time + 50}},"room":"r","product":"p","user":"u{{user}}","count":3}""").Append('\n');
                likes += 3;
            }

            // An earlier viewer's late second session counts as a view, not as another viewer.
            if (user >= 10_000 && user % 100 == 0) body.Append($$"""{"id":"b{{user}}","type":"heartbeat","time":{{time}},"room":"r","user":"u{{user - 10_000}}"}""").Append('\n');
            if (user == 999)
            {
                await Send(engine, body);
                Assert.False((await engine.GetRoomAsync("r"))!.Approximate);
                Assert.Equal(1000, (await engine.GetRoomAsync("r"))!.Viewers);
            }

            if (user % 1000 != 999 || body.Length == 0) continue;
            await Send(engine, body);
            mostPairs = Math.Max(mostPairs, engine.GetStatus().Shards[0].AudiencePairs);
        }

        var room = (await engine.GetRoomAsync("r"))!;
        Assert.True(room.Approximate);
        Assert.Equal((Users + 100, likes), (room.Views, room.Likes.Count));
        Assert.InRange(room.Viewers, Users * 0.97, Users * 1.03);
        Assert.InRange(room.Likes.Users!.Value, Users / 2 * 0.97, Users / 2 * 1.03);
        Assert.InRange(room.InteractionUsers, Users / 2 * 0.97, Users / 2 * 1.03);
        var product = (await engine.GetProductAsync("p"))!;
        Assert.True(product.Approximate);
        Assert.Equal(likes, product.Likes.Count);
        Assert.InRange(product.Likes.Users!.Value, Users / 2 * 0.97, Users / 2 * 1.03);
        // 30,000 pairs came together; those of the last minute and a half are needed.
        Assert.True(mostPairs < 12_000, $"{mostPairs} pairs");
        var visits = await engine.Shards[0].Ask(state => state.Visits.Count);
        Assert.True(visits < 12_000, $"{visits} visits");
    }

    private static async Task Send(LiveGrainsEngine engine, StringBuilder body)
    {
        var answer = await engine.IngestAsync(Encoding.UTF8.GetBytes(body.ToString()), EventFormat.NdJson);
        Assert.Equal((0, 0), (answer.Duplicates, answer.Rejected));
        body.Clear();
    }
}
