using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LiveGrains.Core;
using LiveGrains.Engine.Queries;
using LiveGrains.Model;

namespace LiveGrains.Engine.Tests;

/// <summary>What a report is made of: equal to what the other questions answer, from a running engine and from a directory at rest.</summary>
public sealed class BroadcastTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 3)]
    public async Task Curves_equal_the_series_and_the_rest_the_other_answers(int seed, int shards)
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, Shards = shards, DedupeIds = 1 << 16 });
        await Feed(engine, (ulong)seed, 4_000);
        var rooms = (await engine.ListRoomsAsync(new RoomListQuery(Limit: 200))).Rooms;
        Assert.NotEmpty(rooms);
        foreach (var row in rooms)
        {
            var broadcast = (await engine.GetBroadcastAsync(row.Room))!;
            Assert.Equal(Json(await engine.GetRoomAsync(row.Room)), Json(broadcast.Room));
            Assert.Equal(Json((await engine.GetRoomProductsAsync(row.Room))!.Products), Json(broadcast.Items));
            Assert.Equal("CNY", broadcast.Currency);
            var curves = broadcast.Curves;
            foreach (var (metric, values) in curves.Values)
            {
                var series = await engine.GetRoomSeriesAsync(row.Room, new SeriesQuery(metric, curves.StepSeconds));
                var from = curves.Start.ToUnixTimeMilliseconds();
                var expected = series!.Points.Where(p => p.StartMs >= from).Take(values.Length).ToArray();
                Assert.Equal(from, expected[0].StartMs);
                Assert.Equal(values.Length, expected.Length);
                Assert.Equal(expected.Select(p => p.Value), values);
                // What is not in the curves is nothing.
                Assert.All(series.Points.Except(expected), p => Assert.True(metric == "online" || p.Value == 0, $"{metric} at {p.StartMs}"));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Rows_have_the_window_that_is_asked_for_and_no_other(int shards)
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, Shards = shards, DedupeIds = 1 << 16 });
        await Feed(engine, 4, 4_000);
        var compared = new HashSet<string>();
        foreach (var window in new[] { "10s", "1m", "5m", "10m", "1h" })
        {
            foreach (var row in (await engine.ListRoomsAsync(new RoomListQuery(Limit: 200, Window: window))).Rooms)
            {
                var expected = Json((await engine.GetRoomAsync(row.Room))!.Windows[window]);
                Assert.Equal(expected, Json(row.Window));
                compared.Add(expected);
            }
        }

        Assert.True(compared.Count > 5, $"{compared.Count} different windows");
        Assert.All((await engine.ListRoomsAsync(new RoomListQuery(Limit: 200))).Rooms, row => Assert.Null(row.Window));
        Assert.DoesNotContain("window", Json(await engine.ListRoomsAsync(new RoomListQuery())));
        var refusal = await Assert.ThrowsAsync<LiveGrainsException>(() => engine.ListRoomsAsync(new RoomListQuery(Window: "2m")).AsTask());
        Assert.Equal(ErrorCode.InvalidParameter, refusal.Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_directory_gives_the_same_broadcasts_and_stays_as_it_was(int shards)
    {
        using var directory = new ScratchDirectory();
        var options = new EngineOptions { Clock = ClockMode.Event, Shards = shards, DedupeIds = 1 << 16, DataDirectory = directory.Path };
        var expected = new Dictionary<string, string>();
        await using (var engine = await LiveGrainsEngine.OpenAsync(options))
        {
            await Feed(engine, 11, 2_000);
            await engine.SnapshotAsync();
            await Feed(engine, 12, 2_000);
            foreach (var row in (await engine.ListRoomsAsync(new RoomListQuery(Limit: 200))).Rooms)
                expected[row.Room] = Json(await engine.GetBroadcastAsync(row.Room));
            var held = Assert.Throws<LiveGrainsException>(() => DirectoryReader.ReadBroadcast(directory.Path, expected.Keys.First()));
            Assert.Equal(ErrorCode.DirectoryInUse, held.Code);
        }

        var before = directory.Digest();
        Assert.NotEmpty(expected);
        foreach (var (room, broadcast) in expected)
        {
            var read = DirectoryReader.ReadBroadcast(directory.Path, room)!;
            if (shards == 1)
            {
                Assert.Equal(broadcast, Json(read));
                continue;
            }

            // The engine's clock is that of the shard that is ahead; at rest each shard has its own.
            using var asked = JsonDocument.Parse(broadcast);
            using var found = JsonDocument.Parse(Json(read));
            foreach (var part in new[] { "words", "items" }) Assert.Equal(asked.RootElement.GetProperty(part).ToString(), found.RootElement.GetProperty(part).ToString());
            foreach (var member in new[] { "views", "viewers", "comments", "interactions", "gmv" })
                Assert.Equal(asked.RootElement.GetProperty("room").GetProperty(member).ToString(), found.RootElement.GetProperty("room").GetProperty(member).ToString());
        }

        Assert.Null(DirectoryReader.ReadBroadcast(directory.Path, "nobody"));
        Assert.Equal(before, directory.Digest());
    }

    [Fact]
    public void What_is_no_data_directory_is_refused()
    {
        using var directory = new ScratchDirectory();
        foreach (var path in new[] { directory.Path, Path.Combine(directory.Path, "nowhere") })
            Assert.Equal(ErrorCode.InputNotReadable, Assert.Throws<LiveGrainsException>(() => DirectoryReader.ReadBroadcast(path, "r1")).Code);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.Path));
    }

    [Fact]
    public async Task Words_come_from_the_comments_of_the_running_broadcast_whatever_else_they_name()
    {
        await using var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event });
        var lines = new StringBuilder();
        var next = 0;
        void Add(string rest) => lines.Append($"{{\"id\":\"{++next}\",\"time\":{1_700_000_000_000 + next * 100},{rest}}}\n");
        Add("\"type\":\"room.start\",\"room\":\"a\"");
        for (var i = 0; i < 5; i++) Add($"\"type\":\"comment\",\"room\":\"a\",\"user\":\"u{i}\",\"text\":\"yesterday\"");
        Add("\"type\":\"room.end\",\"room\":\"a\"");
        Add("\"type\":\"room.start\",\"room\":\"a\"");
        for (var i = 0; i < 4; i++) Add($"\"type\":\"comment\",\"room\":\"a\",\"user\":\"u{i}\",\"text\":\"今天 lipstick\",\"count\":3");
        for (var i = 0; i < 3; i++) Add($"\"type\":\"comment\",\"room\":\"a\",\"product\":\"p\",\"user\":\"u{i}\",\"text\":\"价格\"");
        Add("\"type\":\"comment\",\"room\":\"a\",\"user\":\"u9\"");
        Add("\"type\":\"comment\",\"room\":\"b\",\"user\":\"u9\",\"text\":\"elsewhere\"");
        Add("\"type\":\"comment\",\"product\":\"p\",\"user\":\"u9\",\"text\":\"elsewhere\"");
        await engine.IngestAsync(Encoding.UTF8.GetBytes(lines.ToString()), EventFormat.NdJson);
        await engine.IngestAsync(Encoding.UTF8.GetBytes(lines.ToString()), EventFormat.NdJson); // duplicates count for nothing
        var words = (await engine.GetBroadcastAsync("a"))!.Words;
        Assert.Equal((7L, 7), (words.Comments, words.Sampled));
        Assert.Equal([("lipstick", 4, 4), ("今天", 4, 4), ("价格", 3, 3)], words.Words.Select(w => (w.Word, w.Comments, w.Users)));
        Assert.Null(await engine.GetBroadcastAsync("nobody"));
    }

    [Theory]
    [InlineData(17_279, 10)]
    [InlineData(17_280, 60)]
    [InlineData(200_000, 600)]
    [InlineData(3_000_000, 3_600)]
    public void Curves_are_bounded_however_long_the_broadcast(long buckets, int stepSeconds)
    {
        var clock = TestBlocks.EventClock();
        using var state = new ShardState(TestBlocks.Settings());
        const long Start = 1_600_000_000_000;
        var block = TestBlocks.Block(new[] { 0, 1, buckets / 2, buckets }.Select((b, i) =>
            Encoding.UTF8.GetBytes($"{{\"id\":\"{i}\",\"type\":\"like\",\"time\":{Start + b * 10_000},\"room\":\"a\",\"user\":\"u{i}\",\"count\":5}}")), clock);
        state.Fold(block.Records, block.Verdicts);
        var curves = RoomSeriesAnswers.ReadAll(state, RoomAnswers.Find(state, "a"u8));
        Assert.Equal(stepSeconds, curves.StepSeconds);
        Assert.InRange(curves.Values["likes"].Length, 1, RoomSeriesAnswers.MaxCurveSteps);
        Assert.All(curves.Values.Values, v => Assert.Equal(curves.Values["online"].Length, v.Length));
        Assert.Equal(buckets * 10.0 / stepSeconds < RoomSeriesAnswers.MaxCurveSteps ? 20 : 10, curves.Values["likes"].Sum());
    }

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Web);

    private static async Task Feed(LiveGrainsEngine engine, ulong seed, int events)
    {
        var body = new MemoryStream();
        foreach (var line in new EventGenerator(seed).Lines(events))
        {
            body.Write(line);
            body.WriteByte((byte)'\n');
        }

        await engine.IngestAsync(body.ToArray(), EventFormat.NdJson);
    }

    private sealed class ScratchDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("livegrains-broadcast-").FullName;

        public string Digest() => string.Join('\n', Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => $"{f} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(f)))} {File.GetLastWriteTimeUtc(f).Ticks}"));

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
