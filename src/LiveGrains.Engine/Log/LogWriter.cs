using System.Runtime.InteropServices;
using LiveGrains.Core;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Log;

/// <summary>
/// Appends frames to the log. Space is reserved a segment at a time, so that a full disk is found before an event is taken
/// and never in the middle of a frame. After any other failure the writer is broken for good: what a failed fdatasync left
/// on the disk cannot be known. One thread.
/// </summary>
internal sealed class LogWriter : ILogWriter
{
    private readonly IStorage _storage;
    private readonly ulong _logId;
    private readonly long _segmentBytes;
    private readonly FrameBuffer _frame = new();
    private readonly Action<Action>? _background;
    private readonly ManualResetEventSlim _prepared = new(true);
    private IStorageFile? _next;
    private long _nextBase = -1;
    private IStorageFile? _file;
    private long _base;

    /// <summary>
    /// Makes a writer that continues behind a point. The segment that holds it, when there is one, is cleared from there on.
    /// With <paramref name="background"/>, which runs an action on another thread, the next segment is made while the one before
    /// it is half full, so that no commit waits for it.
    /// </summary>
    public LogWriter(IStorage storage, ulong logId, long segmentBytes, LogPoint point, Action<Action>? background = null)
    {
        _background = background;
        _storage = storage;
        _logId = logId;
        _segmentBytes = segmentBytes;
        Point = point;
        Continue();
    }

    /// <summary>Behind the last durable frame.</summary>
    public LogPoint Point { get; private set; }

    /// <summary>True after a failed write or sync: nothing is taken any more.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Most bytes of one frame's payload.</summary>
    public int MaxPayload => (int)Math.Min(_segmentBytes - SegmentHead.Bytes - 2 * FrameHead.Bytes, 8 << 20);

    /// <summary>Bytes of a segment.</summary>
    public long SegmentBytes => _segmentBytes;

    /// <inheritdoc/>
    public bool TailCanTear => true;

    /// <summary>Adds records to the next frame.</summary>
    public void Gather(ReadOnlySpan<byte> records, int count) => _frame.Gather(records, count);

    /// <summary>
    /// Writes what was gathered as one frame and returns when it is durable. Throws <see cref="StorageFullException"/> when
    /// there is no room, and the frame is forgotten; any other <see cref="IOException"/> breaks the writer.
    /// </summary>
    public void Commit(FrameKind kind, long clockMs)
    {
        if (IsBroken) throw new IOException("The log is broken since an earlier failure.");
        var position = Point.Position;
        try
        {
            if (_file == null || position + _frame.Length > _base + _segmentBytes)
            {
                position = NextSegment();
            }

            var frame = _frame.Finish(kind, _logId, Point with { Position = position }, clockMs, out var head);
            _file!.Write(frame.Span, position - _base);
            _file.Sync();
            Point = head.Next;
            PrepareNext();
        }
        catch (StorageFullException)
        {
            throw;
        }
        catch (Exception)
        {
            IsBroken = true;
            throw;
        }
        finally
        {
            _frame.Clear();
        }
    }

    /// <inheritdoc/>
    public void CheckOwner()
    {
    }

    /// <inheritdoc/>
    public bool? Settle() => throw new InvalidOperationException("A disk is always there: no commit to it ends unsettled.");

    /// <inheritdoc/>
    public void Dispose()
    {
        // Not disposed itself: it has no handle until somebody waits on one, and a second call must be harmless.
        _prepared.Wait();
        _next?.Dispose();
        _file?.Dispose();
    }

    private void PrepareNext()
    {
        var next = _base + _segmentBytes;
        if (_background == null || Point.Position - _base < _segmentBytes / 2 || _nextBase == next) return;
        _nextBase = next;
        _prepared.Reset();
        _background(() =>
        {
            try
            {
                _next = CreateSegment(next);
            }
            catch (IOException)
            {
                // Said when the segment is needed: then it is made again, by whoever needs it.
                _next = null;
            }
            finally
            {
                _prepared.Set();
            }
        });
    }

    private long NextSegment()
    {
        var start = (Point.Position + _segmentBytes - 1) / _segmentBytes * _segmentBytes;
        _prepared.Wait();
        var file = _nextBase == start && _next != null ? _next : CreateSegment(start);
        _next = null;
        _file?.Dispose();
        _file = file;
        _base = start;
        return start + SegmentHead.Bytes;
    }

    private IStorageFile CreateSegment(long start)
    {
        var file = _storage.Create(LogFiles.Segment(start), _segmentBytes);
        try
        {
            var head = new SegmentHead
            {
                Magic = SegmentHead.MagicNumber,
                Version = SegmentHead.CurrentVersion,
                LogId = _logId,
                Base = start,
                SegmentBytes = _segmentBytes,
            };
            head.Checksum = SegmentHead.Compute(head);
            file.Write(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref head, 1)), 0);
            file.Sync();
            _storage.SyncDirectory();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void Continue()
    {
        _base = Point.Position / _segmentBytes * _segmentBytes;
        // A segment that begins where the log ends has no frame; with the point at its very beginning it is made anew.
        foreach (var later in LogFiles.Segments(_storage).Where(s => s >= Point.Position)) _storage.Delete(LogFiles.Segment(later));
        if (Point.Position == _base || !LogFiles.Segments(_storage).Contains(_base)) return;
        _file = _storage.Open(LogFiles.Segment(_base));
        // What a torn frame left must never be read as a frame, nor hide that the log ends here.
        var buffer = new byte[(int)Math.Min(1 << 20, _segmentBytes)];
        var dirty = false;
        for (var offset = Point.Position - _base; offset < _segmentBytes; offset += buffer.Length)
        {
            var read = _file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, _segmentBytes - offset)), offset);
            if (read == 0) break;
            if (!buffer.AsSpan(0, read).ContainsAnyExcept((byte)0)) continue;
            buffer.AsSpan(0, read).Clear();
            _file.Write(buffer.AsSpan(0, read), offset);
            dirty = true;
        }

        if (dirty) _file.Sync();
    }
}
