using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Verification;

namespace LiveGrains.Engine.Tests;

/// <summary>
/// Every byte of a log and of snapshots changed, every length cut: the shard refuses to open, or opens with exactly the state
/// that it had. What it takes after opening is kept as well. What recovery refuses, `verify` finds.
/// </summary>
public sealed class DamageTests
{
    private const int SegmentBytes = 1 << 10;
    private const long Start = 1_700_000_000_000;

    /// <summary>One bit at either end, one in the middle, all.</summary>
    private static readonly byte[] Patterns = [0x01, 0x40, 0x80, 0xFF];

    // Few and short events, and yet at least one row in every table; each damage costs a recovery.
    private static readonly string[] Lines =
    [
        """{"id":"1","type":"room.start","time":+0,"room":"r-with-a-long-key","title":"Evening","host":"Ada","category":"games","tags":["a","b"]}""",
        """{"id":"2","type":"product.upsert","time":+1,"product":"p","title":"Lamp","price":900,"stock":3,"status":"on","category":"home"}""",
        """{"id":"3","type":"video.upsert","time":+2,"video":"v","host":"Ada","tags":["a"]}""",
        """{"id":"4","type":"user.upsert","time":+3,"user":"u1","attrs":{"region":"上海"}}""",
        """{"id":"5","source":"app","seq":1,"type":"enter","time":+4,"room":"r-with-a-long-key","user":"u1","channel":"tv"}""",
        """{"id":"6","type":"gift","time":+500,"room":"r-with-a-long-key","user":"u2","amount":500}""",
        """{"id":"7","type":"pay","time":+600,"room":"r-with-a-long-key","product":"p","user":"u1","amount":900}""",
        """{"id":"8","type":"pay","time":+700,"room":"r-with-a-long-key","product":"p","user":"u2","amount":9,"currency":"USD"}""",
        """{"id":"9","type":"play","time":+800,"video":"v","user":"u3","ms":4000,"count":1000000}""",
        """{"id":"10","type":"comment","time":+900,"room":"r-with-a-long-key","user":"u1","text":"好看！"}""",
        """{"id":"11","type":"dislike","time":+1000,"product":"p","user":"u3"}""",
        // Later than an event may be late: what was counted before is sealed.
        """{"id":"12","type":"leave","time":+400000,"room":"r-with-a-long-key","user":"u2"}""",
        """{"id":"13","type":"like","time":+400001,"product":"p","user":"u4"}""",
        """{"id":"14","type":"click","time":+400002,"video":"v","user":"u1"}""",
        """{"id":"15","type":"enter","time":+400003,"room":"r-with-a-long-key","user":"u1"}""",
        """{"id":"16","type":"enter","time":+400004,"room":"r2","user":"u4"}""",
    ];

    private static readonly List<IngestBlock> Stream = MakeStream();
    private static readonly int Blocks = Stream.Count - 1;
    private static readonly ThreadLocal<IngestBlock> More = new(() => TestBlocks.Block([Line("""{"id":"99","type":"like","time":+400500,"room":"r2","user":"u5"}""")], LaterClock()));

    private static readonly FoldSettings Settings = SettingsOf(TimeSpan.FromSeconds(4), exactAudience: 1000);

    public enum Directory
    {
        /// <summary>The log from its beginning, sealed, no snapshot.</summary>
        LogOnly,
        /// <summary>Two snapshots, a log behind them, segments before them retired.</summary>
        SnapshotsAndLog,
        /// <summary>Closed: the second snapshot is of the end of the log.</summary>
        Closed,
    }

    [Theory]
    [InlineData(Directory.LogOnly)]
    [InlineData(Directory.SnapshotsAndLog)]
    [InlineData(Directory.Closed)]
    public void A_changed_byte_of_a_segment_never_gives_another_state(Directory kind)
    {
        var (good, digest) = Make(kind, Settings);
        var outcomes = new Outcomes();
        foreach (var name in Segments(good))
        {
            ForEachChange(good.Read(name), (bytes, at, pattern) =>
            {
                var damaged = good.Fork();
                damaged.Put(name, bytes, bytes.Length);
                Judge(damaged, digest, $"{name} ^ {pattern:X2} at {at}", outcomes, takeMore: pattern == 0x40 && at % 4 == 0);
            });
        }

        Assert.True(outcomes.Opened >= 64, $"{outcomes.Opened} opened");
        if (kind != Directory.Closed) Assert.True(outcomes.Refused > 800, $"{outcomes.Refused} refused");
    }

    [Theory]
    [InlineData(Directory.LogOnly)]
    [InlineData(Directory.SnapshotsAndLog)]
    [InlineData(Directory.Closed)]
    public void A_segment_cut_at_any_length_never_gives_another_state(Directory kind)
    {
        var (good, digest) = Make(kind, Settings);
        var segments = Segments(good);
        var outcomes = new Outcomes();
        foreach (var name in segments)
        {
            var bytes = good.Read(name);
            // An empty last file is what a crash leaves of a segment that was being made: without a snapshot of what it held
            // nothing tells it from a file that was lost.
            var shortest = kind != Directory.Closed && name == segments[^1] ? 1 : 0;
            Parallel.For(shortest, bytes.Length, length =>
            {
                var damaged = good.Fork();
                damaged.Put(name, bytes, length);
                Judge(damaged, digest, $"{name} cut to {length}", outcomes, takeMore: length % 4 == 0 || length < SegmentHead.Bytes);
            });
            var longer = good.Fork();
            longer.Put(name, [.. bytes, 0], bytes.Length + 1);
            Judge(longer, digest, $"{name} longer by a byte", outcomes, takeMore: true);
        }

        Assert.True(outcomes.Refused > 800, $"{outcomes.Refused} refused");
    }

    /// <summary>
    /// With an audience of more than three users estimated there are sketches too. They make the file so long that every byte
    /// gets one of the patterns instead of all.
    /// </summary>
    [Fact]
    public void Every_changed_byte_and_every_cut_of_a_snapshot_with_all_tables_is_seen()
    {
        var settings = SettingsOf(TimeSpan.FromSeconds(4), exactAudience: 3);
        var (good, digest) = Make(Directory.Closed, settings);
        var name = LogFiles.Snapshot(LogFiles.Snapshots(good)[^1]);
        var whole = good.Read(name);
        Assert.True(IsWhole(whole, whole.Length, name));
        Assert.True(whole.Length > SnapshotHead.Bytes + SnapshotWriter.PageBytes, "It has more than one page.");
        AssertThatNoTableIsEmpty(good, name);
        var outcomes = new Outcomes();
        ForEachChange(whole, (bytes, at, pattern) =>
        {
            if (IsWhole(bytes, bytes.Length, name)) Assert.Fail($"{name} ^ {pattern:X2} at {at}");
        }, allPatterns: false);
        Parallel.For(0, whole.Length, length =>
        {
            if (IsWhole(whole, length, name)) Assert.Fail($"{name} cut to {length}");
        });

        // The reader sees it; and recovery, which reads while it loads, does without the snapshot.
        for (var at = 0; at < whole.Length; at += at < 2 * SnapshotHead.Bytes ? 1 : 2047)
        {
            var damaged = good.Fork();
            var bytes = whole.ToArray();
            bytes[at] ^= Patterns[at % Patterns.Length];
            damaged.Put(name, bytes, bytes.Length);
            Judge(damaged, digest, $"{name} changed at {at}", outcomes, takeMore: at % 2 == 0, settings);
            var cut = good.Fork();
            cut.Put(name, whole, at);
            Judge(cut, digest, $"{name} cut to {at}", outcomes, takeMore: at % 2 == 0, settings);
        }

        var longer = good.Fork();
        longer.Put(name, [.. whole, 0], whole.Length + 1);
        Judge(longer, digest, $"{name} longer by a byte", outcomes, takeMore: true, settings);
        // One snapshot is enough.
        Assert.Equal(0, outcomes.Refused);
        Assert.True(outcomes.Opened > 1000, $"{outcomes.Opened} opened");
    }

    [Theory]
    [InlineData(Directory.SnapshotsAndLog)]
    [InlineData(Directory.Closed)]
    public void With_either_of_two_snapshots_changed_recovery_gives_the_same_state(Directory kind)
    {
        var (good, digest) = Make(kind, Settings);
        var outcomes = new Outcomes();
        foreach (var name in LogFiles.Snapshots(good).Select(LogFiles.Snapshot))
        {
            var whole = good.Read(name);
            var places = Enumerable.Range(0, whole.Length).Where(at => at % 64 == 0).ToList();
            Parallel.ForEach(Partitioner.Create(0, places.Count), range =>
            {
                var bytes = whole.ToArray();
                for (var i = range.Item1; i < range.Item2; i++)
                {
                    var (at, pattern) = (places[i], Patterns[i % Patterns.Length]);
                    bytes[at] ^= pattern;
                    var damaged = good.Fork();
                    damaged.Put(name, bytes, bytes.Length);
                    Judge(damaged, digest, $"{name} ^ {pattern:X2} at {at}", outcomes, takeMore: i % 16 == 0);
                    bytes[at] ^= pattern;
                }
            });
        }

        Assert.Equal(0, outcomes.Refused);
        Assert.True(outcomes.Opened > 250, $"{outcomes.Opened} opened");
    }

    [Fact]
    public void Without_any_good_snapshot_a_log_without_beginning_is_refused()
    {
        var (good, digest) = Make(Directory.SnapshotsAndLog, Settings);
        var snapshots = LogFiles.Snapshots(good).Select(LogFiles.Snapshot).ToList();
        Assert.Equal(2, snapshots.Count);
        var outcomes = new Outcomes();
        var flipped = good.Fork();
        var lost = good.Fork();
        foreach (var name in snapshots)
        {
            var bytes = good.Read(name);
            bytes[bytes.Length / 2] ^= 1;
            flipped.Put(name, bytes, bytes.Length);
            lost.Delete(name);
        }

        Judge(flipped, digest, "both snapshots damaged", outcomes, takeMore: true);
        Judge(lost, digest, "both snapshots lost", outcomes, takeMore: true);
        Assert.Equal(2, outcomes.Refused);
    }

    [Fact]
    public void A_snapshot_of_another_version_is_passed_over_when_the_log_is_whole_and_else_called_that()
    {
        var (whole, digest) = Make(Directory.LogOnly, Settings);
        using (var shard = Shard.Open(whole, Settings, 0x123456, SegmentBytes)) shard.WriteSnapshot(0, 1);
        MakeOfAnotherVersion(whole);
        using (var shard = Shard.Open(whole, Settings, 0x123456, SegmentBytes))
        {
            Assert.Equal(digest, shard.State.Digest());
            Assert.Contains("has format", Assert.Single(shard.Recovery.Notes), StringComparison.Ordinal);
        }

        var (cut, _) = Make(Directory.SnapshotsAndLog, Settings);
        MakeOfAnotherVersion(cut);
        var refusal = Assert.Throws<LiveGrainsException>(() => Shard.Open(cut, Settings, 0x123456, SegmentBytes));
        Assert.Equal(ErrorCode.SnapshotDamaged, refusal.Code);
        Assert.Contains($"has format {SnapshotHead.CurrentVersion + 1}, which another version of LiveGrains reads", refusal.Detail, StringComparison.Ordinal);

        static void MakeOfAnotherVersion(MemoryStorage storage)
        {
            foreach (var name in LogFiles.Snapshots(storage).Select(LogFiles.Snapshot))
            {
                var bytes = storage.Read(name);
                ref var head = ref MemoryMarshal.AsRef<SnapshotHead>(bytes.AsSpan());
                head.Version++;
                head.Checksum = SnapshotHead.Compute(head);
                storage.Put(name, bytes, bytes.Length);
            }
        }
    }

    [Fact]
    public void A_log_of_another_version_is_called_that()
    {
        var (storage, _) = Make(Directory.LogOnly, Settings);
        foreach (var name in Segments(storage))
        {
            var bytes = storage.Read(name);
            ref var head = ref MemoryMarshal.AsRef<SegmentHead>(bytes.AsSpan());
            head.Version++;
            head.Checksum = SegmentHead.Compute(head);
            storage.Put(name, bytes, bytes.Length);
        }

        var refusal = Assert.Throws<LiveGrainsException>(() => Shard.Open(storage, Settings, 0x123456, SegmentBytes));
        Assert.Equal(ErrorCode.LogDamaged, refusal.Code);
        Assert.Contains($"has format {SegmentHead.CurrentVersion + 1}, which another version of LiveGrains reads", refusal.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Directory.LogOnly)]
    [InlineData(Directory.SnapshotsAndLog)]
    [InlineData(Directory.Closed)]
    public void A_lost_file_never_gives_another_state(Directory kind)
    {
        var (good, digest) = Make(kind, Settings);
        var segments = Segments(good);
        foreach (var name in good.List())
        {
            // That a log had one more segment is known only by a snapshot of it.
            if (kind != Directory.Closed && name == segments[^1]) continue;
            var damaged = good.Fork();
            damaged.Delete(name);
            Judge(damaged, digest, $"{name} lost", new Outcomes(), takeMore: true);
        }
    }

    [Fact]
    public void An_undamaged_directory_has_every_kind_of_frame_opens_and_verifies()
    {
        foreach (var kind in Enum.GetValues<Directory>())
        {
            var (good, digest) = Make(kind, Settings);
            Assert.Equal(kind == Directory.LogOnly ? 0 : 2, LogFiles.Snapshots(good).Count);
            Assert.True(LogFiles.Segments(good).Count >= 2);
            Assert.Equal(kind == Directory.LogOnly, LogFiles.Segments(good)[0] == 0);
            if (kind == Directory.LogOnly) AssertThatEveryKindOfFrameIsFollowed(good);
            Assert.Empty(Verify(good));
            var outcomes = new Outcomes();
            Judge(good, digest, kind.ToString(), outcomes, takeMore: true);
            Assert.Equal(1, outcomes.Opened);
        }
    }

    [Fact]
    public void What_a_crash_left_of_a_snapshot_goes_when_the_shard_opens()
    {
        var (good, digest) = Make(Directory.SnapshotsAndLog, Settings);
        good.Put(LogFiles.PartialSnapshot, new byte[100], 100);
        using var shard = Shard.Open(good, Settings, 0x123456, SegmentBytes);
        Assert.Equal(digest, shard.State.Digest());
        Assert.DoesNotContain(LogFiles.PartialSnapshot, good.List());
    }

    [Theory]
    [InlineData(Directory.LogOnly)]
    [InlineData(Directory.Closed)]
    public void A_cancelled_recovery_writes_nothing(Directory kind)
    {
        var (good, _) = Make(kind, Settings);
        var before = good.List().ToDictionary(name => name, good.Read);
        Assert.Throws<OperationCanceledException>(() => Shard.Open(good, Settings, 0x123456, SegmentBytes, cancellationToken: new CancellationToken(true)));
        Assert.Equal(before.Keys, good.List());
        foreach (var (name, bytes) in before) Assert.Equal(bytes, good.Read(name));
    }

    private static FoldSettings SettingsOf(TimeSpan presenceTimeout, int exactAudience) => TestBlocks.Settings(new EngineOptions
    {
        Clock = ClockMode.Event,
        DedupeIds = 1024,
        PresenceTimeout = presenceTimeout,
        ExactAudience = exactAudience,
    });

    private static byte[] Line(string line)
    {
        var mark = line.IndexOf("\"time\":+", StringComparison.Ordinal) + "\"time\":".Length;
        var end = line.IndexOfAny([',', '}'], mark);
        var time = Start + long.Parse(line.AsSpan(mark + 1, end - mark - 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{line[..mark]}{time}{line[end..]}"));
    }

    private static List<IngestBlock> MakeStream()
    {
        var clock = TestBlocks.EventClock();
        return [.. Lines.Chunk(2).Select(pair => TestBlocks.Block(pair.Select(Line), clock))];
    }

    private static EngineClock LaterClock() => new(ClockMode.Event, TimeProvider.System, Start + 400_004);

    private static List<string> Segments(MemoryStorage storage) => [.. LogFiles.Segments(storage).Select(LogFiles.Segment)];

    private static (MemoryStorage Storage, ulong Digest) Make(Directory kind, FoldSettings settings)
    {
        var storage = new MemoryStorage();
        var other = settings;
        other.PresenceTimeoutMs += 1000;
        var shard = Shard.Open(storage, other, 0xABCDEF, SegmentBytes);
        for (var i = 0; i <= Blocks; i++)
        {
            if (i == 2)
            {
                // A seal and other settings within the log.
                shard.Seal();
                shard.Dispose();
                shard = Shard.Open(storage, settings, 0xABCDEF, SegmentBytes);
            }

            TestBlocks.Take(shard, Stream[i]);
            if (kind == Directory.SnapshotsAndLog && i is 4 or 6) shard.WriteSnapshot(0, 1);
            if (kind == Directory.Closed && i == 4) shard.WriteSnapshot(0, 1);
        }

        shard.Seal();
        if (kind == Directory.Closed) shard.WriteSnapshot(0, 1);
        new FileShardLog(storage).Retain(0);
        var digest = shard.State.Digest();
        shard.Dispose();
        return (storage, digest);
    }

    /// <summary>
    /// Changes every byte in turn: where a line holds something with every pattern, in lines of zeros with one of them each.
    /// </summary>
    private static void ForEachChange(byte[] whole, Action<byte[], int, byte> judge, bool allPatterns = true)
    {
        const int Line = 16;
        Parallel.ForEach(Partitioner.Create(0, whole.Length), whole.ToArray, (range, _, bytes) =>
        {
            for (var at = range.Item1; at < range.Item2; at++)
            {
                var line = at / Line * Line;
                var used = allPatterns && whole.AsSpan(line, Math.Min(Line, whole.Length - line)).ContainsAnyExcept((byte)0);
                for (var i = 0; i < Patterns.Length; i++)
                {
                    if (!used && i != at % Patterns.Length) continue;
                    bytes[at] ^= Patterns[i];
                    judge(bytes, at, Patterns[i]);
                    bytes[at] ^= Patterns[i];
                }
            }

            return bytes;
        }, _ => { });
    }

    private static void Judge(MemoryStorage damaged, ulong digest, string what, Outcomes outcomes, bool takeMore, FoldSettings? with = null)
    {
        var before = damaged.Fork();
        ulong later;
        var settings = with ?? Settings;
        try
        {
            using var shard = Shard.Open(damaged, settings, 0x123456, SegmentBytes);
            if (shard.State.Digest() != digest) Assert.Fail($"{what}: opened with another state");
            Interlocked.Increment(ref outcomes.Opened);
            if (!takeMore) return;
            TestBlocks.Take(shard, More.Value!);
            later = shard.State.Digest();
        }
        catch (LiveGrainsException e) when (e.Code is ErrorCode.LogDamaged or ErrorCode.SnapshotDamaged)
        {
            Interlocked.Increment(ref outcomes.Refused);
            if (!Verify(before).Exists(f => f.Severity == "damage")) Assert.Fail($"{what}: refused ({e.Message}), but verify finds no damage");
            return;
        }

        using var again = Shard.Open(damaged, settings, 0x123456, SegmentBytes);
        if (again.State.Digest() != later) Assert.Fail($"{what}: what was taken after it is gone");
    }

    private static void AssertThatEveryKindOfFrameIsFollowed(MemoryStorage storage)
    {
        using var reader = new LogReader(storage, default);
        var kinds = new List<FrameKind>();
        while (reader.TryRead(out var head, out _)) kinds.Add(head.Kind);
        foreach (var kind in (FrameKind[])[FrameKind.Settings, FrameKind.Events, FrameKind.Seal])
            Assert.InRange(kinds.LastIndexOf(kind, kinds.Count - 2), 1, kinds.Count);
    }

    private static void AssertThatNoTableIsEmpty(MemoryStorage storage, string name)
    {
        using var reader = OpenSnapshot(storage, name);
        using var state = new ShardState(reader.Head.Settings);
        state.Load(reader);
        foreach (var (table, rows) in ((string, long)[])[
            ("keys", state.Keys.Bytes), ("blobs", state.Blobs.Bytes), ("rooms", state.Rooms.Count), ("users", state.Users.Count),
            ("products", state.Products.Count), ("videos", state.Videos.Count), ("sources", state.Sources.Count),
            ("channel names", state.ChannelNames.Count), ("pairs", state.Pairs.Count), ("broadcasts", state.Broadcasts.Count),
            ("visits", state.Visits.Count), ("visit owners", state.VisitOwners.Count), ("money", state.Money.Count),
            ("histories", state.Histories.Count), ("room items", state.RoomItems.Count), ("channels", state.Channels.Count),
            ("series of rooms", state.RoomSeries.Bytes), ("series of products", state.ProductSeries.Bytes),
            ("series of videos", state.VideoSeries.Bytes), ("dedupe", state.Dedupe.Count), ("wheel", state.Wheel.Count),
            ("foreign", state.Foreign.Count), ("sketches", state.Sketches.Count), ("large counts", state.LargeCounts.Count)])
        {
            Assert.True(rows > 0, $"No {table}.");
        }
    }

    private static List<VerifyFinding> Verify(MemoryStorage storage)
    {
        var findings = new List<VerifyFinding>();
        long frames = 0, events = 0;
        DirectoryVerifier.Verify(storage, "shard-00", findings, ref frames, ref events, _ => { });
        return findings;
    }

    private static SnapshotReader OpenSnapshot(MemoryStorage storage, string name) =>
        new(storage.Open(name), LogFiles.Snapshots(storage).Single(p => LogFiles.Snapshot(p) == name));

    // As recovery sees it: all pages, and nothing behind them.
    private static bool IsWhole(byte[] bytes, int length, string name)
    {
        var storage = new MemoryStorage();
        storage.Put(name, bytes, length);
        try
        {
            using var reader = OpenSnapshot(storage, name);
            while (reader.NextPage())
            {
            }

            return reader.Offset == length;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private sealed class Outcomes
    {
        public int Opened;
        public int Refused;
    }
}
