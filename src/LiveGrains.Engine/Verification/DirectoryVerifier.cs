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
        var done = 0L;
        var newest = VerifySnapshots(storage, shard, findings, ref done, progress);
        VerifyModels(storage, shard, findings);
        var segments = LogFiles.Segments(storage);
        if (segments.Count == 0)
        {
            if (LogFiles.Snapshots(storage).Count > 0) findings.Add(new(shard, 0, "damage", "There are snapshots but no log."));
            return;
        }

        if (segments[0] > 0 && newest == null) findings.Add(new(shard, segments[0], "damage", "The log does not reach back to its beginning, and there is no snapshot that can be read."));
        else if (newest is { } s && s.Position <= segments[0]) findings.Add(new(shard, segments[0], "damage", $"The log behind the snapshot at position {s.Position} is missing."));

        // A log whose beginning was retired starts in the middle of a chain: its first frame is taken as it is.
        var start = segments[0] == 0 ? default : FirstPoint(storage, segments[0], newest);
        using var reader = new LogReader(storage, start);
        while (reader.TryRead(out var head, out var payload))
        {
            frames++;
            if (head.Kind == FrameKind.Events)
            {
                events += head.Count;
                if (!EventRecords.AreWellFormed(payload, out var count) || count != head.Count)
                    findings.Add(new($"{shard}/{reader.FileName}", head.Position, "damage", $"Frame {head.Number} is whole, but its records are not well-formed."));
            }

            done += head.Length;
            progress(done);
        }

        if (reader.End == LogEnd.Damaged) findings.Add(new($"{shard}/{reader.FileName}", reader.Point.Position, "damage", Sentence(reader.EndDetail)));
        else if (reader.End == LogEnd.TornTail) findings.Add(new($"{shard}/{reader.FileName}", reader.Point.Position, "torn-tail", Sentence(reader.EndDetail)));
        if (newest is { } n && n.Position > reader.Point.Position && reader.End != LogEnd.Damaged)
            findings.Add(new(shard, reader.Point.Position, "damage", $"The log ends before position {n.Position}, of which there is a snapshot."));
    }

    private static SnapshotHead? VerifySnapshots(IStorage storage, string shard, List<VerifyFinding> findings, ref long done, Action<long> progress)
    {
        SnapshotHead? newest = null;
        foreach (var name in storage.List())
        {
            if (name == LogFiles.PartialSnapshot)
                findings.Add(new($"{shard}/{name}", 0, "note", "A snapshot that was not finished; it is not used."));
        }

        foreach (var position in LogFiles.Snapshots(storage))
        {
            var name = LogFiles.Snapshot(position);
            SnapshotReader? reader = null;
            try
            {
                var file = storage.Open(name);
                reader = new SnapshotReader(file, position);
                while (reader.NextPage()) progress(done + reader.Offset);
                if (file.Length != reader.Offset) throw new InvalidDataException("something follows its end");
                newest = reader.Head;
                done += reader.Offset;
            }
            catch (InvalidDataException e)
            {
                findings.Add(new($"{shard}/{name}", reader?.Offset ?? 0, "damage", Sentence(e.Message)));
            }
            finally
            {
                reader?.Dispose();
            }
        }

        return newest;
    }

    private static void VerifyModels(IStorage storage, string shard, List<VerifyFinding> findings)
    {
        if (storage.List().Contains(ModelFile.PartialName))
            findings.Add(new($"{shard}/{ModelFile.PartialName}", 0, "note", "A file of models that was not finished; it is not used."));
        if (ModelFile.Read(storage) is not { Payload: null } content) return;
        findings.Add(new($"{shard}/{ModelFile.Name}", 0, content.IsDamaged ? "damage" : "note", Sentence($"the models cannot be used: {content.Detail}; the ranker begins with its priors")));
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

    private static string Sentence(string text) => text.Length == 0 ? text : $"{char.ToUpperInvariant(text[0])}{text[1..]}.";
}
