using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Verification;
using LiveGrains.Model;

namespace LiveGrains.Engine.Tests;

/// <summary>
/// Every byte of a log and of snapshots flipped, every length cut: the shard refuses to open, or opens with exactly the state
/// that it had. What it takes after opening is kept as well. What recovery refuses, `verify` finds.
/// </summary>
public sealed class DamageTests
{
    // Few events with long texts: there are many bytes to damage, and each damage costs a recovery.
    private const int SegmentBytes = 4 << 10;
    private const int Blocks = 15;
    private static readonly List<IngestBlock> Stream = MakeStream();

    private static readonly FoldSettings Settings = TestBlocks.Settings(new EngineOptions
    {
        Clock = ClockMode.Event,
        DedupeIds = 1024,
        PresenceTimeout = TimeSpan.FromSeconds(4),
    });

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
    public void A_flipped_byte_of_a_segment_never_gives_another_state(Directory kind)
    {
        var (good, digest) = Make(kind);
        var outcomes = new Outcomes();
        foreach (var name in good.List().Where(n => n.StartsWith("log-", StringComparison.Ordinal)))
        {
            var bytes = good.Read(name);
            foreach (var at in UsedPlaces(bytes, 512))
            {
                // Behind a snapshot recovery reads few frames or none.
                if (kind != Directory.LogOnly && at >= SegmentHead.Bytes && at % 8 != 0) continue;
                bytes[at] ^= 0x40;
                var damaged = good.Fork();
                damaged.Put(name, bytes, bytes.Length);
                Judge(damaged, digest, $"{name} flipped at {at}", outcomes, takeMore: at % 32 == 0 || at < SegmentHead.Bytes);
                bytes[at] ^= 0x40;
            }
        }

        Assert.True(outcomes.Opened >= 64, $"{outcomes.Opened} opened");
        if (kind != Directory.Closed) Assert.True(outcomes.Refused > 250, $"{outcomes.Refused} refused");
    }

    [Theory]
    [InlineData(Directory.LogOnly)]
    [InlineData(Directory.SnapshotsAndLog)]
    [InlineData(Directory.Closed)]
    public void A_segment_cut_at_any_length_never_gives_another_state(Directory kind)
    {
        var (good, digest) = Make(kind);
        var segments = good.List().Where(n => n.StartsWith("log-", StringComparison.Ordinal)).ToList();
        var outcomes = new Outcomes();
        foreach (var name in segments)
        {
            var bytes = good.Read(name);
            // An empty last file is what a crash leaves of a segment that was being made: without a snapshot of what it held
            // nothing tells it from a file that was lost.
            var shortest = kind != Directory.Closed && name == segments[^1] ? 1 : 0;
            foreach (var length in UsedPlaces(bytes, 512).Where(p => p >= shortest))
            {
                if (length >= 2 * SegmentHead.Bytes && length % (kind == Directory.LogOnly ? 2 : 16) != 0) continue;
                var damaged = good.Fork();
                damaged.Put(name, bytes, length);
                Judge(damaged, digest, $"{name} cut to {length}", outcomes, takeMore: length % 8 == 0 || length < SegmentHead.Bytes);
            }
        }

        Assert.True(outcomes.Refused > 250, $"{outcomes.Refused} refused");
    }

    [Theory]
    [InlineData(Directory.SnapshotsAndLog)]
    [InlineData(Directory.Closed)]
    public void Every_flipped_byte_and_every_cut_of_a_snapshot_is_seen(Directory kind)
    {
        var (good, digest) = Make(kind);
        var outcomes = new Outcomes();
        foreach (var name in good.List().Where(n => n.StartsWith("snapshot-", StringComparison.Ordinal)))
        {
            var bytes = good.Read(name);
            var damaged = good.Fork();
            damaged.Put(name, bytes, bytes.Length);
            Assert.True(IsWhole(damaged, name));
            var count = 0;
            foreach (var at in UsedPlaces(bytes, 512))
            {
                bytes[at] ^= 0x40;
                Assert.False(IsWhole(damaged, name), $"{name} flipped at {at}");
                if (at < SnapshotHead.Bytes + 16 || count++ % 64 == 0) Judge(damaged.Fork(), digest, $"{name} flipped at {at}", outcomes, takeMore: at % 16 == 0);
                bytes[at] ^= 0x40;
            }

            foreach (var length in UsedPlaces(bytes, 512).Where(p => p < 2 * SnapshotHead.Bytes || p % 8 == 0))
            {
                damaged.Put(name, bytes, length);
                Assert.False(IsWhole(damaged, name), $"{name} cut to {length}");
                if (length < 16 || count++ % 64 == 0) Judge(damaged.Fork(), digest, $"{name} cut to {length}", outcomes, takeMore: length % 16 == 0);
            }

            damaged.Put(name, [.. bytes, 0], bytes.Length + 1);
            Judge(damaged, digest, $"{name} longer by a byte", outcomes, takeMore: true);
        }

        // One snapshot is enough.
        Assert.True(outcomes.Opened > 300, $"{outcomes.Opened} opened");
        Assert.Equal(0, outcomes.Refused);
    }

    [Fact]
    public void Without_any_good_snapshot_a_log_without_beginning_is_refused()
    {
        var (good, digest) = Make(Directory.SnapshotsAndLog);
        var snapshots = good.List().Where(n => n.StartsWith("snapshot-", StringComparison.Ordinal)).ToList();
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

    [Theory]
    [InlineData(Directory.LogOnly)]
    [InlineData(Directory.SnapshotsAndLog)]
    [InlineData(Directory.Closed)]
    public void A_lost_file_never_gives_another_state(Directory kind)
    {
        var (good, digest) = Make(kind);
        var segments = good.List().Where(n => n.StartsWith("log-", StringComparison.Ordinal)).ToList();
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
    public void An_undamaged_directory_opens_and_verifies()
    {
        foreach (var kind in Enum.GetValues<Directory>())
        {
            var (good, digest) = Make(kind);
            Assert.Equal(kind == Directory.LogOnly ? 0 : 2, LogFiles.Snapshots(good).Count);
            Assert.True(LogFiles.Segments(good).Count >= 2);
            Assert.Equal(kind == Directory.LogOnly, LogFiles.Segments(good)[0] == 0);
            Assert.Empty(Verify(good));
            var outcomes = new Outcomes();
            Judge(good, digest, kind.ToString(), outcomes, takeMore: true);
            Assert.Equal(1, outcomes.Opened);
        }
    }

    private static List<IngestBlock> MakeStream()
    {
        var generator = new EventGenerator(41, new GeneratorOptions { OddSpelling = false, Rooms = 2, Users = 4, GapShare = 0 });
        var clock = TestBlocks.EventClock();
        return [.. Enumerable.Range(0, Blocks + 1).Select(i => TestBlocks.Block(generator.Lines(2).Select(Lengthen), clock))];
    }

    private static byte[] Lengthen(byte[] line)
    {
        var text = Encoding.UTF8.GetString(line);
        return text.Contains("\"text\"", StringComparison.Ordinal) ? line : Encoding.UTF8.GetBytes($"{text[..^1]},\"text\":\"{new string('x', 250)}\"}}");
    }

    private static (MemoryStorage Storage, ulong Digest) Make(Directory kind)
    {
        var storage = new MemoryStorage();
        using var shard = Shard.Open(storage, Settings, 0xABCDEF, SegmentBytes);
        for (var i = 0; i < Blocks; i++)
        {
            TestBlocks.Take(shard, Stream[i]);
            if (kind == Directory.SnapshotsAndLog && i is Blocks / 2 or Blocks * 3 / 4) shard.WriteSnapshot(0, 1);
            if (kind == Directory.Closed && i == Blocks / 2) shard.WriteSnapshot(0, 1);
        }

        shard.Seal();
        if (kind == Directory.Closed) shard.WriteSnapshot(0, 1);
        SnapshotBuilder.Retain(storage, 0);
        return (storage, shard.State.Digest());
    }

    private static void Judge(MemoryStorage damaged, ulong digest, string what, Outcomes outcomes, bool takeMore)
    {
        var before = damaged.Fork();
        ulong later;
        try
        {
            using var shard = Shard.Open(damaged, Settings, 0x123456, SegmentBytes);
            if (shard.State.Digest() != digest) Assert.Fail($"{what}: opened with another state");
            outcomes.Opened++;
            if (!takeMore) return;
            TestBlocks.Take(shard, Stream[Blocks]);
            later = shard.State.Digest();
        }
        catch (LiveGrainsException e) when (e.Code is ErrorCode.LogDamaged or ErrorCode.SnapshotDamaged)
        {
            outcomes.Refused++;
            if (!Verify(before).Exists(f => f.Severity == "damage")) Assert.Fail($"{what}: refused ({e.Message}), but verify finds no damage");
            return;
        }

        using var again = Shard.Open(damaged, Settings, 0x123456, SegmentBytes);
        if (again.State.Digest() != later) Assert.Fail($"{what}: what was taken after it is gone");
    }

    private static List<VerifyFinding> Verify(MemoryStorage storage)
    {
        var findings = new List<VerifyFinding>();
        long frames = 0, events = 0;
        DirectoryVerifier.Verify(storage, "shard-00", findings, ref frames, ref events, _ => { });
        return findings;
    }

    private static bool IsWhole(MemoryStorage storage, string name)
    {
        try
        {
            using var reader = new SnapshotReader(storage, name);
            while (reader.NextPage())
            {
            }

            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    // Every byte of the lines that hold something, and of long runs of zeros one in so many.
    private static IEnumerable<int> UsedPlaces(byte[] bytes, int stepInZeros)
    {
        const int Line = 16;
        for (var line = 0; line < bytes.Length; line += Line)
        {
            var length = Math.Min(Line, bytes.Length - line);
            if (bytes.AsSpan(line, length).ContainsAnyExcept((byte)0))
            {
                for (var i = 0; i < length; i++) yield return line + i;
            }
            else if (line % Math.Max(stepInZeros, Line) == 0)
            {
                yield return line;
            }
        }
    }

    private sealed class Outcomes
    {
        public int Opened;
        public int Refused;
    }
}
