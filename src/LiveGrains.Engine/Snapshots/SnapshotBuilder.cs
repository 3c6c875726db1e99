using LiveGrains.Core;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Snapshots;

/// <summary>
/// Makes snapshots beside a running shard without touching it: it loads the newest snapshot, folds the log behind it, as a
/// recovery would, and writes what it got. The running shard does not pause for a microsecond and its hot path knows nothing
/// of snapshots; the price is one more fold of each event and, while it runs, the memory of the tables once more. What it
/// has read it has also verified.
/// </summary>
internal static class SnapshotBuilder
{
    /// <summary>Snapshots that are kept.</summary>
    public const int Kept = 2;

    /// <summary>Makes a snapshot at or behind a durable position; returns its position. Any thread, one at a time for a shard.</summary>
    public static long Build(IShardLog log, long durablePosition, uint shard, uint shards)
    {
        var notes = new List<string>();
        var state = Shard.LoadSnapshot(log, notes, out var head);
        try
        {
            using var reader = log.Read(head.Point, state == null ? null : head.LogId);
            long frames = 0, events = 0;
            Shard.Replay(reader, ref state, durablePosition, ref frames, ref events);
            if (state == null || reader.Point.Position < durablePosition)
                throw new InvalidDataException($"The log cannot be read up to position {durablePosition}: {reader.EndDetail}");
            if (frames > 0) Write(log, state, reader.LogId, reader.Point, reader.SegmentBytes, shard, shards);
            return reader.Point.Position;
        }
        finally
        {
            state?.Dispose();
        }
    }

    /// <summary>Writes a state as the snapshot of a point.</summary>
    public static void Write(IShardLog log, ShardState state, ulong logId, LogPoint point, long segmentBytes, uint shard, uint shards)
    {
        var head = new SnapshotHead
        {
            LogId = logId,
            Position = point.Position,
            Number = point.Number,
            PreviousChecksum = point.Checksum,
            SegmentBytes = segmentBytes,
            Settings = state.Settings,
            Shard = shard,
            Shards = shards,
        };
        try
        {
            using var writer = new SnapshotWriter(log, head);
            state.Save(writer);
            writer.Finish();
        }
        catch (StorageFullException)
        {
            // Half a snapshot is worth nothing, and its room is what the log lacks.
            log.DropUnfinishedSnapshot();
            throw;
        }
    }
}
