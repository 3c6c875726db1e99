using System.Runtime.InteropServices;
using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Shards;

/// <summary>What a shard found when it opened.</summary>
/// <param name="SnapshotPosition">Position of the snapshot it began with, or −1.</param>
/// <param name="Frames">Frames read behind it.</param>
/// <param name="Events">Events folded from them.</param>
/// <param name="Notes">What people should know: torn tails that were cut, snapshots that could not be used.</param>
internal sealed record RecoveryReport(long SnapshotPosition, long Frames, long Events, IReadOnlyList<string> Notes);

/// <summary>
/// One shard: a log, and the tables that are the fold over it. An event is durable before it is folded and folded before
/// it is acknowledged, so the tables never show what a crash could take back. No threads of its own: whoever owns it calls it,
/// one call at a time — a thread in the engine, a loop in the simulation.
/// </summary>
internal sealed class Shard : IDisposable
{
    private readonly ILogWriter? _log;
    private bool _unsealed;

    private Shard(ShardState state, IShardLog? place, ILogWriter? log, ulong logId, RecoveryReport recovery)
    {
        State = state;
        Log = place;
        _log = log;
        LogId = logId;
        Recovery = recovery;
    }

    /// <summary>The tables.</summary>
    public ShardState State { get; }

    /// <summary>What was found when it opened.</summary>
    public RecoveryReport Recovery { get; }

    /// <summary>The log's id.</summary>
    public ulong LogId { get; }

    /// <summary>Where log and snapshots are kept; null: nowhere.</summary>
    public IShardLog? Log { get; }

    /// <summary>Behind the last durable frame.</summary>
    public LogPoint Point => _log?.Point ?? default;

    /// <summary>True after a failed write: nothing is taken any more.</summary>
    public bool IsBroken => _log is { IsBroken: true };

    /// <summary>Most bytes of records in one commit.</summary>
    public int MaxCommitBytes => _log?.MaxPayload ?? int.MaxValue;

    /// <summary>Opens a shard in files, or with none.</summary>
    public static Shard Open(IStorage? storage, FoldSettings settings, ulong logId, long segmentBytes, Action<Action>? background = null,
        CancellationToken cancellationToken = default) =>
        Open(storage == null ? null : new FileShardLog(storage), settings, logId, segmentBytes, background, cancellationToken);

    /// <summary>
    /// Opens a shard: the newest snapshot that is whole, then the log behind it. Throws <see cref="ErrorCode.LogDamaged"/>,
    /// <see cref="ErrorCode.SnapshotDamaged"/>, <see cref="ErrorCode.SettingsConflict"/>, <see cref="ErrorCode.StorageFull"/>.
    /// </summary>
    /// <param name="place">Where log and snapshots are kept; null: nothing is durable.</param>
    /// <param name="settings">The settings from now on. Hash keys, clock and currency are those of the log when there is one.</param>
    /// <param name="logId">The id that a new log gets.</param>
    /// <param name="segmentBytes">Bytes of a segment of a new log.</param>
    /// <param name="background">Runs an action on another thread; null: segments and memory are made when they are needed.</param>
    /// <param name="cancellationToken">Ends the recovery between two frames or pages of a snapshot, before anything is written.</param>
    public static Shard Open(IShardLog? place, FoldSettings settings, ulong logId, long segmentBytes, Action<Action>? background = null,
        CancellationToken cancellationToken = default)
    {
        if (place == null) return new Shard(new ShardState(settings, background), null, null, 0, new RecoveryReport(-1, 0, 0, []));
        var notes = new List<string>();
        var state = LoadSnapshot(place, notes, out var head, background, cancellationToken);
        var position = state == null ? -1 : head.Position;
        using var reader = place.Read(head.Point, state == null ? null : head.LogId);
        long frames = 0, events = 0;
        ILogWriter? log = null;
        try
        {
            Replay(reader, ref state, long.MaxValue, ref frames, ref events, background, cancellationToken);
            CheckEnd(place, reader, state, position, notes);
            if (state == null && notes.Count > 0 && place.Snapshots().Count > 0) throw new LiveGrainsException(ErrorCode.SnapshotDamaged, string.Join("; ", notes));
            if (reader.LogId != 0) logId = reader.LogId;
            if (reader.SegmentBytes != 0) segmentBytes = reader.SegmentBytes;
            else if (state != null) segmentBytes = head.SegmentBytes;
            // A crash left it; a snapshot that is half made is worth nothing, and its room may be needed.
            place.DropUnfinishedSnapshot();
            log = place.Continue(logId, segmentBytes, reader.Point, background);
            var isNew = state == null;
            state ??= new ShardState(settings, background);
            var shard = new Shard(state, place, log, logId, new RecoveryReport(position, frames, events, notes));
            shard.TakeSettings(settings, isNew);
            return shard;
        }
        catch
        {
            // The tables are native memory: no collector will find them.
            log?.Dispose();
            state?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The tables as snapshot and log have them, for reading only: nothing is written, and a torn tail is left where it is. Null
    /// when there is nothing. Throws <see cref="ErrorCode.LogDamaged"/> and <see cref="ErrorCode.SnapshotDamaged"/>.
    /// </summary>
    public static ShardState? Read(IShardLog place, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        var state = LoadSnapshot(place, notes, out var head, cancellationToken: cancellationToken);
        try
        {
            var position = state == null ? -1 : head.Position;
            using var reader = place.Read(head.Point, state == null ? null : head.LogId);
            long frames = 0, events = 0;
            Replay(reader, ref state, long.MaxValue, ref frames, ref events, cancellationToken: cancellationToken);
            CheckEnd(place, reader, state, position, notes);
            return state;
        }
        catch
        {
            state?.Dispose();
            throw;
        }
    }

    /// <summary>Writes the records of blocks as one frame and returns when it is durable. Failures as <see cref="ILogWriter.Commit"/>.</summary>
    public void Commit(ReadOnlySpan<IngestBlock> blocks, long clockMs)
    {
        if (_log == null) return;
        foreach (var block in blocks) _log.Gather(block.Records, block.Count);
        _log.Commit(FrameKind.Events, clockMs);
        _unsealed = _log.TailCanTear;
    }

    /// <summary>Folds a block that is durable.</summary>
    public void Fold(IngestBlock block) => State.Fold(block.Records, block.Verdicts);

    /// <summary>As <see cref="ILogWriter.Settle"/>.</summary>
    public bool? Settle() => _log!.Settle();

    /// <summary>
    /// For a pause: makes sure that the log is still ours and, where a tail can tear, writes an empty frame behind the last one, so
    /// that damage to that one cannot pass for a torn write. Failures as <see cref="ILogWriter.Commit"/>.
    /// </summary>
    public void Seal()
    {
        if (_log == null || IsBroken) return;
        _log.CheckOwner();
        if (!_unsealed) return;
        _log.Commit(FrameKind.Seal, State.ClockMs);
        _unsealed = false;
    }

    /// <summary>Writes a snapshot of the tables as they are. For closing; a running shard has <see cref="SnapshotBuilder"/>.</summary>
    public void WriteSnapshot(uint shard, uint shards)
    {
        if (Log == null || _log == null || IsBroken) return;
        SnapshotBuilder.Write(Log, State, LogId, _log.Point, _log.SegmentBytes, shard, shards);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _log?.Dispose();
        State.Dispose();
    }

    /// <summary>Folds frames into a state, which the first settings frame makes, up to a position.</summary>
    internal static void Replay(ILogReader reader, ref ShardState? state, long until, ref long frames, ref long events, Action<Action>? background = null,
        CancellationToken cancellationToken = default)
    {
        var verdicts = new byte[4096];
        while (reader.Point.Position < until && reader.TryRead(out var head, out var payload))
        {
            cancellationToken.ThrowIfCancellationRequested();
            frames++;
            switch (head.Kind)
            {
                case FrameKind.Settings:
                    var settings = MemoryMarshal.Read<FoldSettings>(payload);
                    if (state == null) state = new ShardState(settings, background);
                    else state.ApplySettings(settings);
                    break;
                case FrameKind.Events:
                    if (state == null) throw new LiveGrainsException(ErrorCode.LogDamaged, "The log does not begin with its settings.");
                    if (verdicts.Length < head.Count) verdicts = new byte[head.Count * 2];
                    state.Fold(payload, verdicts);
                    events += head.Count;
                    break;
            }
        }
    }

    /// <summary>The newest snapshot that can be read whole, or null.</summary>
    internal static ShardState? LoadSnapshot(IShardLog place, List<string> notes, out SnapshotHead head, Action<Action>? background = null,
        CancellationToken cancellationToken = default)
    {
        foreach (var position in place.Snapshots().Reverse())
        {
            ShardState? state = null;
            try
            {
                using var reader = new SnapshotReader(place.OpenSnapshot(position), position, cancellationToken);
                head = reader.Head;
                state = new ShardState(head.Settings, background);
                state.Load(reader);
                reader.ExpectEnd();
                return state;
            }
            catch (InvalidDataException e)
            {
                state?.Dispose();
                notes.Add($"{place.SnapshotName(position)} cannot be used: {e.Message}");
            }
            catch
            {
                state?.Dispose();
                throw;
            }
        }

        head = default;
        return null;
    }

    private static void CheckEnd(IShardLog place, ILogReader reader, ShardState? state, long snapshotPosition, List<string> notes)
    {
        var first = place.Extent().FirstPosition;
        // First: that such a log cannot be read from its beginning is no damage.
        if (state == null && first > 0)
            throw new LiveGrainsException(ErrorCode.SnapshotDamaged, string.Join("; ", notes.Append("the log does not reach back to its beginning")));
        if (reader.End == LogEnd.Damaged) throw new LiveGrainsException(ErrorCode.LogDamaged, $"{reader.EndDetail}.");
        if (snapshotPosition > 0 && (first < 0 || first >= snapshotPosition))
            throw new LiveGrainsException(ErrorCode.LogDamaged, "The part of the log that the snapshot belongs to is missing.");
        if (reader.End == LogEnd.TornTail) notes.Add($"{reader.FileName}: {reader.EndDetail}; it was cut off");
    }

    private void TakeSettings(FoldSettings settings, bool isNew)
    {
        var current = State.Settings;
        settings.HashKey0 = current.HashKey0;
        settings.HashKey1 = current.HashKey1;
        if (settings.Clock != current.Clock || settings.Currency != current.Currency)
        {
            throw new LiveGrainsException(ErrorCode.SettingsConflict,
                $"The data was made with clock {(current.Clock == 0 ? "wall" : "event")} and currency {current.CurrencyName}; these cannot change.");
        }

        if (!isNew && MemoryMarshal.AsBytes(new ReadOnlySpan<FoldSettings>(in settings)).SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<FoldSettings>(in current)))) return;
        _log!.Gather(MemoryMarshal.AsBytes(new ReadOnlySpan<FoldSettings>(in settings)), 0);
        try
        {
            _log.Commit(FrameKind.Settings, State.ClockMs == long.MinValue ? 0 : State.ClockMs);
        }
        catch (StorageFullException e)
        {
            // With an old log the shard can serve what it has; a new one has nothing to serve.
            if (isNew) throw new LiveGrainsException(ErrorCode.StorageFull, "There is no room for the log.", e);
            return;
        }

        State.ApplySettings(settings);
    }
}
