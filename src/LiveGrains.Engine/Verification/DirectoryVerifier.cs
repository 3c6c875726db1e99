#pragma warning disable RS0030 // A tool over a directory that no engine holds.
using LiveGrains.Core;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Verification;

/// <summary>How far verification is.</summary>
public readonly record struct VerifyProgress(long BytesDone, long BytesTotal);

/// <summary>Something that was found. Severity: `damage`, `torn-tail` (never acknowledged, harmless), `note`.</summary>
public sealed record VerifyFinding(string File, long Offset, string Severity, string Message);

/// <summary>The result. Ok: no damage.</summary>
public sealed record VerifyReport(bool Ok, long Files, long Bytes, long Frames, long Events, IReadOnlyList<VerifyFinding> Findings);

/// <summary>Reads every byte of a data directory and says what is wrong and where. Changes nothing.</summary>
public static class DirectoryVerifier
{
    /// <summary>Verifies a directory that no engine uses. Throws <see cref="ErrorCode.DirectoryInUse"/>, <see cref="ErrorCode.InputNotReadable"/>.</summary>
    public static VerifyReport Verify(string directory, IProgress<VerifyProgress>? progress = null)
    {
        var findings = new List<VerifyFinding>();
        long files = 0, bytes = 0, frames = 0, events = 0;
        using (DataDirectory.HoldForReading(directory))
        {
            var shards = DataDirectory.ShardDirectories(directory);
            if (shards.Count == 0) findings.Add(new("", 0, "note", "There is no shard in this directory."));
            var total = shards.Sum(d => new DirectoryInfo(d).EnumerateFiles().Sum(f => f.Length));
            foreach (var shard in shards)
            {
                var storage = new FileStorage(shard);
                files += storage.List().Count;
                Verify(storage, Path.GetFileName(shard), findings, ref frames, ref events, done => progress?.Report(new(bytes + done, total)));
                bytes += new DirectoryInfo(shard).EnumerateFiles().Sum(f => f.Length);
                progress?.Report(new(bytes, total));
            }
        }

        return new VerifyReport(!findings.Exists(f => f.Severity == "damage"), files, bytes, frames, events, findings);
    }

    internal static void Verify(IStorage storage, string shard, List<VerifyFinding> findings, ref long frames, ref long events, Action<long> progress)
    {
        var verifier = new ShardVerifier(findings, progress);
        VerifySnapshots(storage, shard, findings, verifier);
        VerifyModels(storage, shard, findings);
        var segments = LogFiles.Segments(storage);
        if (segments.Count == 0)
        {
            if (LogFiles.Snapshots(storage).Count > 0) findings.Add(new(shard, 0, "damage", "There are snapshots but no log."));
            return;
        }

        var newest = verifier.NewestSnapshot;
        if (segments[0] > 0 && newest == null) findings.Add(ShardVerifier.NoBeginning(shard, segments[0]));
        else if (newest is { } s && s.Position <= segments[0]) findings.Add(ShardVerifier.NothingBehind(shard, segments[0], s));

        // A log whose beginning was retired starts in the middle of a chain: its first frame is taken as it is.
        var start = segments[0] == 0 ? default : FirstPoint(storage, segments[0], newest);
        using var reader = new LogReader(storage, start);
        verifier.Log(reader, shard, () => $"{shard}/{reader.FileName}");
        frames += verifier.Frames;
        events += verifier.Events;
    }

    private static void VerifySnapshots(IStorage storage, string shard, List<VerifyFinding> findings, ShardVerifier verifier)
    {
        foreach (var name in storage.List())
        {
            if (name == LogFiles.PartialSnapshot) findings.Add(ShardVerifier.Unfinished($"{shard}/{name}"));
        }

        foreach (var position in LogFiles.Snapshots(storage))
        {
            var name = LogFiles.Snapshot(position);
            verifier.Snapshot($"{shard}/{name}", position, () => storage.Open(name));
        }
    }

    private static void VerifyModels(IStorage storage, string shard, List<VerifyFinding> findings)
    {
        if (storage.List().Contains(FileModelStore.PartialName))
            findings.Add(new($"{shard}/{FileModelStore.PartialName}", 0, "note", "A file of models that was not finished; it is not used."));
        ShardVerifier.Models($"{shard}/{FileModelStore.FileName}", new FileModelStore(storage), findings);
    }

    private static LogPoint FirstPoint(IStorage storage, long segment, SnapshotHead? newest)
    {
        using var file = storage.Open(LogFiles.Segment(segment));
        Span<byte> bytes = stackalloc byte[FrameHead.Bytes];
        file.Read(bytes, SegmentHead.Bytes);
        var head = System.Runtime.InteropServices.MemoryMarshal.Read<FrameHead>(bytes);
        if (head.Magic == FrameHead.MagicNumber && head.Position == segment + SegmentHead.Bytes) return new LogPoint(segment, head.Number, head.PreviousChecksum);
        // The first frame's head is damaged, or the segment has none yet.
        return newest is { } n && n.Position <= segment ? n.Point : new LogPoint(segment, 0, 0);
    }
}
