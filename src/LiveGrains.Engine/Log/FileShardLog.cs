using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Log;

/// <summary>A log in preallocated segments and snapshots, all files of one directory. The lock of the data directory says whose it is.</summary>
internal sealed class FileShardLog(IStorage storage) : IShardLog
{
    /// <inheritdoc/>
    public IModelStore Models { get; } = new FileModelStore(storage);

    /// <inheritdoc/>
    public ILogReader Read(LogPoint start, ulong? logId) => new LogReader(storage, start, logId);

    /// <inheritdoc/>
    public ILogWriter Continue(ulong logId, long segmentBytes, LogPoint point, Action<Action>? background) =>
        new LogWriter(storage, logId, segmentBytes, point, background);

    /// <inheritdoc/>
    public LogExtent Extent()
    {
        var segments = LogFiles.Segments(storage);
        return new(segments.Count == 0 ? -1 : segments[0], segments.Count);
    }

    /// <inheritdoc/>
    public IReadOnlyList<long> Snapshots() => LogFiles.Snapshots(storage);

    /// <inheritdoc/>
    public string SnapshotName(long position) => LogFiles.Snapshot(position);

    /// <inheritdoc/>
    public IStorageFile OpenSnapshot(long position) => storage.Open(LogFiles.Snapshot(position));

    /// <inheritdoc/>
    public IStorageFile CreateSnapshot(LogPoint point) => storage.Create(LogFiles.PartialSnapshot, 0);

    /// <inheritdoc/>
    public void PublishSnapshot(IStorageFile file, LogPoint point)
    {
        file.Sync();
        storage.Rename(LogFiles.PartialSnapshot, LogFiles.Snapshot(point.Position));
        storage.SyncDirectory();
    }

    /// <inheritdoc/>
    public void DropUnfinishedSnapshot()
    {
        if (storage.List().Contains(LogFiles.PartialSnapshot)) storage.Delete(LogFiles.PartialSnapshot);
    }

    /// <inheritdoc/>
    public void Retain(long retainBytes)
    {
        var snapshots = LogFiles.Snapshots(storage);
        if (snapshots.Count < SnapshotBuilder.Kept) return;
        foreach (var old in snapshots.SkipLast(SnapshotBuilder.Kept)) storage.Delete(LogFiles.Snapshot(old));
        var covered = snapshots[^SnapshotBuilder.Kept] - retainBytes;
        var segments = LogFiles.Segments(storage);
        for (var i = 0; i + 1 < segments.Count && segments[i + 1] < covered; i++) storage.Delete(LogFiles.Segment(segments[i]));
        storage.SyncDirectory();
    }
}
