using LiveGrains.Core;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Verification;

/// <summary>Reads every byte of a shard's snapshots, then of its log, wherever they are kept, and notes what is wrong. One thread.</summary>
/// <param name="findings">Gets what is found.</param>
/// <param name="progress">Told how many bytes of the shard were read.</param>
internal sealed class ShardVerifier(List<VerifyFinding> findings, Action<long> progress)
{
    private readonly List<SnapshotHead> _snapshots = [];
    private long _done;

    /// <summary>Good frames.</summary>
    public long Frames { get; private set; }

    /// <summary>Events in them.</summary>
    public long Events { get; private set; }

    /// <summary>The newest snapshot that is good; null: there is none.</summary>
    public SnapshotHead? NewestSnapshot => _snapshots.Count == 0 ? null : _snapshots[^1];

    /// <summary>Of a log whose beginning was retired.</summary>
    public static VerifyFinding NoBeginning(string place, long position) =>
        new(place, position, "damage", "The log does not reach back to its beginning, and there is no snapshot that can be read.");

    /// <summary>Of a log that begins too late.</summary>
    public static VerifyFinding NothingBehind(string place, long position, in SnapshotHead snapshot) =>
        new(place, position, "damage", $"The log behind the snapshot at position {snapshot.Position} is missing.");

    /// <summary>Of a snapshot that was begun.</summary>
    public static VerifyFinding Unfinished(string place) => new(place, 0, "note", "A snapshot that was not finished; it is not used.");

    /// <summary>Reads the models that are kept beside a shard, if there are any.</summary>
    public static void Models(string place, IModelStore store, List<VerifyFinding> findings)
    {
        if (ModelFile.Read(store) is { Payload: null } content)
            findings.Add(new(place, 0, content.IsDamaged ? "damage" : "note", Sentence($"the models cannot be used: {content.Detail}; the ranker begins with its priors")));
    }

    /// <summary>Words of an exception as a sentence.</summary>
    public static string Sentence(string text) => text.Length == 0 ? text : $"{char.ToUpperInvariant(text[0])}{text[1..]}.";

    /// <summary>Reads a snapshot. They come in the order of their positions.</summary>
    public void Snapshot(string place, long position, Func<IStorageFile> open)
    {
        SnapshotReader? reader = null;
        try
        {
            var file = open();
            reader = new SnapshotReader(file, position);
            while (reader.NextPage()) progress(_done + reader.Offset);
            if (file.Length != reader.Offset) throw new InvalidDataException("something follows its end");
            _snapshots.Add(reader.Head);
            _done += reader.Offset;
        }
        catch (InvalidDataException e)
        {
            findings.Add(new(place, reader?.Offset ?? 0, "damage", Sentence(e.Message)));
        }
        finally
        {
            reader?.Dispose();
        }
    }

    /// <summary>Reads a log to its end, and looks whether the snapshots belong to it.</summary>
    /// <param name="reader">Where it begins.</param>
    /// <param name="shard">The shard's name.</param>
    /// <param name="place">Where the reader stands.</param>
    public void Log(ILogReader reader, string shard, Func<string> place)
    {
        while (reader.TryRead(out var head, out var payload))
        {
            Frames++;
            if (head.Kind == FrameKind.Events)
            {
                Events += head.Count;
                if (!EventRecords.AreWellFormed(payload, out var count) || count != head.Count)
                    findings.Add(new(place(), head.Position, "damage", $"Frame {head.Number} is whole, but its records are not well-formed."));
            }

            foreach (var snapshot in _snapshots)
            {
                if (snapshot.Position == reader.Point.Position && snapshot.Point != reader.Point)
                    findings.Add(new(place(), head.Position, "damage", $"The snapshot at position {snapshot.Position} is not of this log."));
            }

            _done += head.Length;
            progress(_done);
        }

        if (reader.End == LogEnd.Damaged) findings.Add(new(place(), reader.Point.Position, "damage", Sentence(reader.EndDetail)));
        else if (reader.End == LogEnd.TornTail) findings.Add(new(place(), reader.Point.Position, "torn-tail", Sentence(reader.EndDetail)));
        if (NewestSnapshot is { } newest && newest.Position > reader.Point.Position && reader.End != LogEnd.Damaged)
            findings.Add(new(shard, reader.Point.Position, "damage", $"The log ends before position {newest.Position}, of which there is a snapshot."));
    }
}
