using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Log;

/// <summary>
/// The log of one shard and its snapshots, wherever they are kept. Frames and snapshots are the same bytes everywhere
/// (docs/log-format.md); where they lie, and what proves that no other process writes them, is the implementation's. Any thread;
/// one writer, and one snapshot at a time. Members throw <see cref="IOException"/> when the storage fails,
/// <see cref="StorageFullException"/> and <see cref="LogUnavailableException"/> among them.
/// </summary>
internal interface IShardLog
{
    /// <summary>Where the models of a recommender are kept beside it.</summary>
    IModelStore Models { get; }

    /// <summary>Reads frames from a point on. With a log id, frames of another log are none.</summary>
    ILogReader Read(LogPoint start, ulong? logId);

    /// <summary>
    /// Makes the writer that continues behind a point, which a reader found to be the end. A log that exists keeps its segment bytes.
    /// With <paramref name="background"/>, which runs an action on another thread, it may prepare what the next commits need.
    /// </summary>
    ILogWriter Continue(ulong logId, long segmentBytes, LogPoint point, Action<Action>? background);

    /// <summary>What is kept of the log.</summary>
    LogExtent Extent();

    /// <summary>Positions of the snapshots that were published, in order.</summary>
    IReadOnlyList<long> Snapshots();

    /// <summary>The name of a snapshot, for people.</summary>
    string SnapshotName(long position);

    /// <summary>Opens a published snapshot for reading. Throws <see cref="InvalidDataException"/> when it is not there.</summary>
    IStorageFile OpenSnapshot(long position);

    /// <summary>Begins a snapshot, in place of one that was not finished. Nobody finds it before it is published.</summary>
    IStorageFile CreateSnapshot(LogPoint point);

    /// <summary>Makes a snapshot that was written whole durable and lets it be found, in place of one of the same position.</summary>
    void PublishSnapshot(IStorageFile file, LogPoint point);

    /// <summary>Removes what is left of a snapshot that was not finished, if there is any.</summary>
    void DropUnfinishedSnapshot();

    /// <summary>
    /// Removes snapshots beyond the newest <see cref="SnapshotBuilder.Kept"/>, and the log that they all cover, but for its last
    /// <paramref name="retainBytes"/>. Of what the oldest of them needs, and of the frame before it, nothing.
    /// </summary>
    void Retain(long retainBytes);
}

/// <summary>What is kept of a log.</summary>
/// <param name="FirstPosition">Where it begins, or −1: there is nothing.</param>
/// <param name="Segments">Files that it has; 0 where it is not in files.</param>
internal readonly record struct LogExtent(long FirstPosition, long Segments);

/// <summary>Reads the frames of a log in order and tells, where they end, why. One thread.</summary>
internal interface ILogReader : IDisposable
{
    /// <summary>Behind the last frame read.</summary>
    LogPoint Point { get; }

    /// <summary>The log's id; 0 while none is known.</summary>
    ulong LogId { get; }

    /// <summary>Bytes of a segment; 0 where there are none, or none was read.</summary>
    long SegmentBytes { get; }

    /// <summary>How it ended, once <see cref="TryRead"/> returned false.</summary>
    LogEnd End { get; }

    /// <summary>What was found where it ended: words for people.</summary>
    string EndDetail { get; }

    /// <summary>The file in which the reader stands, for people.</summary>
    string FileName { get; }

    /// <summary>The next frame and its payload, valid until the next call; false at the end.</summary>
    bool TryRead(out FrameHead head, out ReadOnlySpan<byte> payload);
}

/// <summary>Appends frames to a log: one commit is one frame, durable before <see cref="Commit"/> returns. One thread.</summary>
internal interface ILogWriter : IDisposable
{
    /// <summary>Behind the last durable frame.</summary>
    LogPoint Point { get; }

    /// <summary>True after a failure that cannot be made good: nothing is taken any more.</summary>
    bool IsBroken { get; }

    /// <summary>Most bytes of one frame's payload.</summary>
    int MaxPayload { get; }

    /// <summary>Bytes of a segment; 0 where there are none.</summary>
    long SegmentBytes { get; }

    /// <summary>True when a crash can leave part of a frame, so that only a frame behind it proves that the last one was whole.</summary>
    bool TailCanTear { get; }

    /// <summary>Adds records to the next frame.</summary>
    void Gather(ReadOnlySpan<byte> records, int count);

    /// <summary>
    /// Writes what was gathered as one frame and returns when it is durable. Throws <see cref="StorageFullException"/> when there is
    /// no room, and <see cref="LogUnavailableException"/> when the log cannot be reached: then nothing is taken before
    /// <see cref="Settle"/> said how it went. Throws <see cref="LiveGrainsException"/> with <see cref="ErrorCode.ShardMoved"/> when
    /// the log has another owner, <see cref="ErrorCode.LogDamaged"/> when it is not as this writer left it; these and any other
    /// <see cref="IOException"/> break the writer, and the frame counts as not written.
    /// </summary>
    void Commit(FrameKind kind, long clockMs);

    /// <summary>
    /// Finds out, while nothing is written, whether the log can be reached and is still ours; throws as <see cref="Commit"/>.
    /// Nothing to do where a lock tells.
    /// </summary>
    void CheckOwner();

    /// <summary>
    /// After a <see cref="LogUnavailableException"/>: null while it still cannot be reached, else true when the frame of the last
    /// commit is durable in the log and false when it is not and never will be. Never waits. Throws as <see cref="Commit"/> for what
    /// breaks the writer.
    /// </summary>
    bool? Settle();
}
