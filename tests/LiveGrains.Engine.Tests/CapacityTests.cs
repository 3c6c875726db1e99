using System.Text;

namespace LiveGrains.Engine.Tests;

/// <summary>At a limit new keys are refused, without a trace, and old ones served; with a larger limit they are taken.</summary>
public sealed class CapacityTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("livegrains-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    [Fact]
    public async Task Rooms_users_products_and_videos_are_limited()
    {
        var options = new EngineOptions { DataDirectory = _directory, DedupeIds = 1024, SegmentBytes = 64 << 10, MaxRooms = 2, MaxUsers = 3, MaxProducts = 2 };
        var refused = new[]
        {
            """{"id":"n1","type":"enter","time":1700000000000,"room":"r9","user":"u1"}""",
            """{"id":"n2","type":"enter","time":1700000000000,"room":"r1","user":"u9"}""",
            """{"id":"n3","type":"click","time":1700000000000,"product":"p9","user":"u1"}""",
            """{"id":"n4","type":"play","time":1700000000000,"video":"v9","user":"u1","ms":1}""",
            // The room is new and there would be room for no user: neither is added.
            """{"id":"n5","type":"click","time":1700000000000,"room":"r8","product":"p1","user":"u8"}""",
            """{"id":"n6","source":"seq","seq":1,"type":"enter","time":1700000000000,"room":"r9","user":"u1"}""",
        };
        await using (var engine = await LiveGrainsEngine.OpenAsync(options, new FakeTime(1_700_000_000_000)))
        {
            foreach (var i in Enumerable.Range(1, 3))
            {
                var item = Math.Min(i, 2);
                Assert.Equal(1, (await Send(engine, $$"""{"id":"a{{i}}","type":"enter","time":1700000000000,"room":"r{{item}}","user":"u{{i}}"}""")).Accepted);
                Assert.Equal(1, (await Send(engine, $$"""{"id":"b{{i}}","type":"click","time":1700000000000,"room":"r{{item}}","product":"p{{item}}","user":"u{{i}}"}""")).Accepted);
                Assert.Equal(1, (await Send(engine, $$"""{"id":"c{{i}}","type":"play","time":1700000000000,"video":"v{{item}}","user":"u{{i}}","ms":5}""")).Accepted);
            }

            var before = await Digest(engine);
            foreach (var line in refused)
            {
                for (var again = 0; again < 2; again++)
                {
                    var answer = await Send(engine, line);
                    Assert.Equal((0, 0, 1), (answer.Accepted, answer.Duplicates, answer.Rejected));
                    Assert.Equal("capacity", answer.Errors[0].Code);
                    Assert.Contains("limit", answer.Errors[0].Message, StringComparison.Ordinal);
                    Assert.Equal(line[7..9], answer.Errors[0].Id);
                }
            }

            Assert.Equal(before, await Digest(engine));
            Assert.Null(await engine.GetRoomAsync("r9"));
            Assert.Null(await engine.GetUserAsync("u9"));
            var overview = await engine.GetOverviewAsync();
            Assert.Equal((9, 2, 3, 2, 2), ((int)overview.Events, (int)overview.Rooms, (int)overview.Users, (int)overview.Products, (int)overview.Videos));
            // Known keys are served, beside a refused one too.
            var mixed = await Send(engine, refused[0].Replace("n1", "n7", StringComparison.Ordinal) + "\n" + """{"id":"old","type":"like","time":1700000000000,"room":"r1","user":"u1"}""");
            Assert.Equal((1, 1, 0), (mixed.Accepted, mixed.Rejected, mixed.Errors[0].Index));
            Assert.Equal(1, (await engine.GetRoomAsync("r1"))!.Likes.Count);
        }

        await using (var larger = await LiveGrainsEngine.OpenAsync(options with { MaxRooms = 10, MaxUsers = 10, MaxProducts = 10 }, new FakeTime(1_700_000_000_000)))
        {
            foreach (var line in refused) Assert.Equal(1, (await Send(larger, line)).Accepted);
            Assert.NotNull(await larger.GetUserAsync("u9"));
            Assert.Equal(4, (await larger.GetOverviewAsync()).Rooms);
        }

        // Larger tables stay when the limit goes down again; only new keys are refused.
        await using var smaller = await LiveGrainsEngine.OpenAsync(options, new FakeTime(1_700_000_000_000));
        Assert.Equal(4, (await smaller.GetOverviewAsync()).Rooms);
        Assert.Equal(1, (await Send(smaller, """{"id":"z1","type":"like","time":1700000000000,"room":"r9","user":"u9"}""")).Accepted);
        Assert.Equal("capacity", (await Send(smaller, """{"id":"z2","type":"like","time":1700000000000,"room":"r7","user":"u9"}""")).Errors[0].Code);
    }

    private static ValueTask<IngestAnswer> Send(LiveGrainsEngine engine, string lines) => engine.IngestAsync(Encoding.UTF8.GetBytes(lines), EventFormat.NdJson);

    // That there were refusals is counted; nothing else may change.
    private static Task<ulong> Digest(LiveGrainsEngine engine) => engine.Shards[0].Ask(state =>
    {
        var refusals = state.Totals.CapacityRefusals;
        state.Totals.CapacityRefusals = 0;
        var digest = state.Digest();
        state.Totals.CapacityRefusals = refusals;
        return digest;
    });
}
