using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Snapshots;

namespace LiveGrains.Engine.Tests;

/// <summary>Binary blocks: good ones are read as JSON is, damaged ones refused whole; the example in docs is what the writer writes.</summary>
public sealed class BlockTests
{
    private const long Now = 1_700_000_000_000;

    private static BlockEvent Full => new()
    {
        Id = "1",
        Type = EventType.ProductUpsert,
        TimeMs = Now,
        Source = "shop",
        Seq = 7,
        Room = "r1",
        User = "u1",
        Product = "p1",
        Video = "v1",
        Count = 2,
        Amount = 3,
        Currency = "CNY",
        DurationMs = 4,
        Text = "好",
        Title = "t",
        Host = "h",
        Category = "c",
        Tags = ["a", "b"],
        Price = 5,
        Stock = 6,
        Status = true,
        Channel = "feed",
        Attrs = new Dictionary<string, string> { ["k"] = "v" },
    };

    [Fact]
    public async Task A_block_and_the_same_events_in_json_give_the_same_state()
    {
        const string Json = """{"id":"1","type":"product.upsert","time":1700000000000,"source":"shop","seq":7,"room":"r1","user":"u1","product":"p1","video":"v1","count":2,"amount":3,"currency":"CNY","ms":4,"text":"好","title":"t","host":"h","category":"c","tags":["a","b"],"price":5,"stock":6,"status":"on","channel":"feed","attrs":{"k":"v"}}""";
        var records = new List<byte[]>();
        foreach (var (body, format) in new[] { (BlockOf(Full), EventFormat.Block), (System.Text.Encoding.UTF8.GetBytes(Json), EventFormat.Json) })
        {
            var block = new IngestBlock();
            new BodyReader(new RequestLimits(), new KeyHash(1, 2)).Read(body, format, null, long.MaxValue, block);
            Assert.Equal((1, 0), (block.Count, block.Rejected));
            records.Add(block.Records.ToArray());
        }

        Assert.Equal(records[1], records[0]);
        await using var engine = await Open();
        Assert.Equal(1, (await engine.IngestAsync(BlockOf(Full), EventFormat.Block)).Accepted);
        Assert.Equal(1, (await engine.IngestAsync(System.Text.Encoding.UTF8.GetBytes(Json), EventFormat.Json)).Duplicates);
    }

    [Fact]
    public async Task A_block_cut_or_changed_anywhere_is_refused_whole()
    {
        await using var engine = await Open();
        var good = BlockOf(Full with { Seq = null, Id = "a" }, Full with { Seq = null, Id = "b", Type = EventType.Enter });
        for (var length = 0; length < good.Length; length++) await Refused(engine, good[..length]);
        await Refused(engine, [.. good, 0]);
        for (var at = 0; at < good.Length; at++)
        {
            foreach (var mask in new byte[] { 1, 0x40, 0x80, 0xFF })
            {
                good[at] ^= mask;
                await Refused(engine, good);
                good[at] ^= mask;
            }
        }

        Assert.Equal(2, (await engine.IngestAsync(good, EventFormat.Block)).Accepted);
    }

    [Fact]
    public async Task Unknown_versions_and_wrong_heads_are_refused()
    {
        await using var engine = await Open();
        foreach (var (at, value) in new[] { (0, 'X'), (3, '2'), (4, (char)2), (5, (char)1), (6, (char)1), (8, (char)2), (11, (char)0xFF), (12, (char)0), (24, (char)1), (31, (char)1) })
        {
            var block = BlockOf(Full);
            block[at] = (byte)value;
            await Refused(engine, Summed(block));
        }

        await Refused(engine, []);
        Assert.Equal(ErrorCode.NothingToRead, (await Assert.ThrowsAsync<LiveGrainsException>(async () => await engine.IngestAsync(BlockOf(), EventFormat.Block))).Code);
    }

    [Fact]
    public async Task Changed_blocks_with_a_right_checksum_do_no_harm()
    {
        await using var engine = await Open();
        var random = new Model.SplitMix64(5);
        var refused = 0;
        for (var round = 0; round < 3000; round++)
        {
            var block = BlockOf(Full with { Seq = null, Id = $"x{round}" }, Full with { Seq = null, Id = $"y{round}", Type = EventType.Comment });
            for (var i = random.Between(1, 3); i > 0; i--) block[random.Between(BlockFormat.HeadBytes, block.Length - 1)] ^= (byte)(1 << (int)random.Below(8));
            if (random.Chance(0.2))
            {
                block = block[..(int)random.Between(BlockFormat.HeadBytes, block.Length)];
                BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(12), (uint)(block.Length - BlockFormat.HeadBytes));
            }

            try
            {
                var answer = await engine.IngestAsync(Summed(block), EventFormat.Block);
                Assert.Equal(2, answer.Accepted + answer.Duplicates + answer.Rejected);
            }
            catch (LiveGrainsException e)
            {
                Assert.Equal(ErrorCode.InvalidBlock, e.Code);
                refused++;
            }
        }

        Assert.InRange(refused, 100, 2900);
        Assert.Equal("ready", engine.GetStatus().State);
    }

    [Fact]
    public void The_example_in_the_docs_is_what_the_writer_writes()
    {
        var block = BlockOf(new BlockEvent { Id = "e1", Type = EventType.Gift, TimeMs = Now, Source = "app", Room = "r1", User = "u1", Count = 2, Amount = 600 });
        var lines = block.Chunk(16).Select(line => string.Join(' ', line.Select(b => b.ToString("x2"))));
        var text = File.ReadAllText(Docs("block-format.md"));
        Assert.Contains(string.Join('\n', lines), text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_places_in_the_docs_of_the_log_are_those_of_the_structs()
    {
        static int At<T>(string field) => (int)Marshal.OffsetOf<T>(field);
        Assert.Equal((0, 4, 8, 16, 24, 32), (At<SegmentHead>("Magic"), At<SegmentHead>("Version"), At<SegmentHead>("LogId"), At<SegmentHead>("Base"), At<SegmentHead>("SegmentBytes"), At<SegmentHead>("Checksum")));
        Assert.Equal((0, 4, 8, 16, 24, 32, 36), (At<FrameHead>("Magic"), At<FrameHead>("Kind"), At<FrameHead>("LogId"), At<FrameHead>("Position"), At<FrameHead>("Number"), At<FrameHead>("PayloadBytes"), At<FrameHead>("Count")));
        Assert.Equal((40, 48, 56), (At<FrameHead>("PreviousChecksum"), At<FrameHead>("Checksum"), At<FrameHead>("ClockMs")));
        Assert.Equal((16, 24, 32, 40, 48), (At<SnapshotHead>("Position"), At<SnapshotHead>("Number"), At<SnapshotHead>("PreviousChecksum"), At<SnapshotHead>("SegmentBytes"), At<SnapshotHead>("Settings")));
        Assert.Equal((124, 128, 136), (At<SnapshotHead>("Shard"), At<SnapshotHead>("Shards"), At<SnapshotHead>("Checksum")));
        Assert.Equal((0, 8, 16, 24, 32, 40), (At<FoldSettings>("HashKey0"), At<FoldSettings>("HashKey1"), At<FoldSettings>("LatenessMs"), At<FoldSettings>("PresenceTimeoutMs"), At<FoldSettings>("DedupeWindowMs"), At<FoldSettings>("MaxAudiencePairs")));
        Assert.Equal((48, 52, 56, 60, 64, 68, 72), (At<FoldSettings>("DedupeIds"), At<FoldSettings>("ExactAudience"), At<FoldSettings>("MaxRooms"), At<FoldSettings>("MaxUsers"), At<FoldSettings>("MaxProducts"), At<FoldSettings>("Clock"), At<FoldSettings>("Currency")));
        Assert.Equal((0, 2, 3, 4, 8, 16, 24), (At<EventRecord>("Units"), At<EventRecord>("Type"), At<EventRecord>("Owns"), At<EventRecord>("Members"), At<EventRecord>("TimeMs"), At<EventRecord>("ClockMs"), At<EventRecord>("Value")));
        Assert.Equal((32, 40, 48, 56, 64, 68), (At<EventRecord>("IdHash"), At<EventRecord>("UserHash"), At<EventRecord>("RoomHash"), At<EventRecord>("ItemHash"), At<EventRecord>("IdHash2"), At<EventRecord>("Count")));
    }

    private static string Docs(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "docs", name);

    private static ValueTask<LiveGrainsEngine> Open() => LiveGrainsEngine.OpenAsync(new EngineOptions { DedupeIds = 1024 }, new FakeTime(Now));

    private static byte[] BlockOf(params BlockEvent[] events)
    {
        var writer = new BlockWriter();
        foreach (var e in events) writer.Add(e);
        return writer.ToBlock();
    }

    private static byte[] Summed(byte[] block)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(16), Checksum.Of(block.AsSpan(32), Checksum.Of(block.AsSpan(0, 16))));
        return block;
    }

    private static async Task Refused(LiveGrainsEngine engine, byte[] block)
    {
        var e = await Assert.ThrowsAsync<LiveGrainsException>(async () => await engine.IngestAsync(block, EventFormat.Block));
        Assert.Equal(ErrorCode.InvalidBlock, e.Code);
        Assert.Equal(0, (await engine.GetOverviewAsync()).Events);
    }
}
