using System.Runtime.InteropServices;
using LiveGrains.Core;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Log;

/// <summary>How reading a log ended.</summary>
internal enum LogEnd
{
    /// <summary>Behind the last frame there is nothing that was written.</summary>
    Clean,
    /// <summary>Behind the last frame there is part of one that was never acknowledged.</summary>
    TornTail,
    /// <summary>A frame is damaged, and good frames follow it.</summary>
    Damaged,
}

/// <summary>
/// Reads the frames of a log in order and tells, where they end, why. Used by recovery, by the snapshot builder (which reads
/// beside the writer, up to a point that is known to be durable) and by `verify`. One thread.
/// </summary>
internal sealed class LogReader : ILogReader
{
    private const int MaxPayload = 1 << 30;
    private readonly IStorage _storage;
    private readonly List<long> _segments;
    private IStorageFile? _file;
    private SegmentHead _segment;
    private byte[] _payload = new byte[16 << 10];
    private ulong? _logId;
    private string? _damage;

    /// <summary>Makes a reader that begins at a point; the first segment's log id is taken when none is given.</summary>
    public LogReader(IStorage storage, LogPoint start, ulong? logId = null)
    {
        _storage = storage;
        _segments = LogFiles.Segments(storage);
        _logId = logId;
        Point = start;
    }

    /// <summary>Behind the last frame read.</summary>
    public LogPoint Point { get; private set; }

    /// <summary>The log's id; 0 until a segment was read.</summary>
    public ulong LogId => _logId ?? 0;

    /// <summary>Bytes of a segment; 0 until a segment was read.</summary>
    public long SegmentBytes => _segment.SegmentBytes;

    /// <summary>How it ended, once <see cref="TryRead"/> returned false.</summary>
    public LogEnd End { get; private set; }

    /// <summary>What was found where it ended: words for people.</summary>
    public string EndDetail { get; private set; } = "";

    /// <summary>The file in which the reader stands.</summary>
    public string FileName => _segment.SegmentBytes == 0 ? "" : LogFiles.Segment(_segment.Base);

    /// <summary>The next frame and its payload, valid until the next call; false at the end.</summary>
    public bool TryRead(out FrameHead head, out ReadOnlySpan<byte> payload)
    {
        head = default;
        payload = default;
        if (_file == null && !OpenSegment(Point.Position) && !OpenFollowing(Point)) return Stop();
        while (true)
        {
            if (TryReadFrame(Point.Position, Point.Number, Point.Checksum, out head, out payload))
            {
                Point = head.Next;
                return true;
            }

            // The frame may have gone to the next segment, because it had no room in this one.
            var next = _segment.Base + _segment.SegmentBytes;
            var here = Point;
            if (!_segments.Contains(next)) return Stop();
            if (!OpenSegment(next))
            {
                OpenSegment(here.Position);
                return Stop();
            }

            Point = here with { Position = next + SegmentHead.Bytes };
            if (TryReadFrame(Point.Position, Point.Number, Point.Checksum, out head, out payload))
            {
                Point = head.Next;
                return true;
            }

            Point = here;
            OpenSegment(here.Position);
            return Stop();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    // A point may lie at the very end of a segment that is gone already.
    private bool OpenFollowing(LogPoint point)
    {
        var next = _segments.FirstOrDefault(s => s >= point.Position, -1);
        if (next < 0 || !OpenSegment(next)) return false;
        Point = point with { Position = next + SegmentHead.Bytes };
        return true;
    }

    private bool OpenSegment(long position)
    {
        _file?.Dispose();
        _file = null;
        var found = _segments.LastOrDefault(s => s <= position, -1);
        if (found < 0) return false;
        var file = _storage.Open(LogFiles.Segment(found));
        Span<byte> bytes = stackalloc byte[SegmentHead.Bytes];
        var read = file.Read(bytes, 0);
        var head = MemoryMarshal.Read<SegmentHead>(bytes);
        var good = read == SegmentHead.Bytes && head.IsGood && head.Base == found && (_logId is not { } id || head.LogId == id);
        // The space of a segment is reserved before its head is written, and its head is durable before its first frame.
        if (good ? file.Length != head.SegmentBytes : read is > 0 and < SegmentHead.Bytes)
            _damage ??= $"{LogFiles.Segment(found)} is shorter or longer than it was made";
        else if (head.IsWhole && head.Version != SegmentHead.CurrentVersion)
            _damage ??= $"{LogFiles.Segment(found)} has format {head.Version}, which another version of LiveGrains reads; this one reads {SegmentHead.CurrentVersion}";
        else if (!good && position > found && (_segment.SegmentBytes == 0 || position < found + _segment.SegmentBytes))
            _damage ??= $"the head of {LogFiles.Segment(found)} is damaged";
        if (!good || position >= found + head.SegmentBytes)
        {
            file.Dispose();
            return false;
        }

        _logId = head.LogId;
        _file = file;
        _segment = head;
        if (position == found) Point = Point with { Position = found + SegmentHead.Bytes };
        return true;
    }

    private bool TryReadFrame(long position, long number, ulong? previous, out FrameHead head, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        head = default;
        var offset = position - _segment.Base;
        if (offset + FrameHead.Bytes > _segment.SegmentBytes) return false;
        if (_file!.Read(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref head, 1)), offset) < FrameHead.Bytes) return false;
        if (_logId is not { } id || !head.IsAt(id, position)) return false;
        if (previous is { } p && (head.Number != number || head.PreviousChecksum != p)) return false;
        if (head.PayloadBytes > MaxPayload || offset + head.Length > _segment.SegmentBytes) return false;
        var padded = FrameHead.Padded((int)head.PayloadBytes);
        if (_payload.Length < padded) _payload = new byte[Math.Max(padded, _payload.Length * 2)];
        if (_file.Read(_payload.AsSpan(0, padded), offset + FrameHead.Bytes) < padded) return false;
        if (head.Checksum != FrameHead.Compute(head, _payload.AsSpan(0, padded))) return false;
        payload = _payload.AsSpan(0, (int)head.PayloadBytes);
        return true;
    }

    // Is there a good frame further on? Then this is damage, not a torn tail: frames are written one after another.
    private bool Stop()
    {
        var stopped = Point;
        if (_damage != null)
        {
            End = LogEnd.Damaged;
            EndDetail = _damage;
            return false;
        }

        var later = FindLaterFrame(stopped);
        if (later is { } at)
        {
            End = LogEnd.Damaged;
            EndDetail = $"frame {stopped.Number} at position {stopped.Position} is damaged, but frame {at.Number} at position {at.Position} is good";
        }
        else if (HasBytes(stopped.Position))
        {
            End = LogEnd.TornTail;
            EndDetail = $"at position {stopped.Position} a frame is not whole and none follows: it was being written and was not acknowledged";
        }
        else
        {
            End = LogEnd.Clean;
        }

        Point = stopped;
        return false;
    }

    private FrameHead? FindLaterFrame(LogPoint stopped)
    {
        var from = stopped.Position + FrameHead.Bytes;
        foreach (var segment in _segments.Where(s => _segment.SegmentBytes == 0 || s + _segment.SegmentBytes > stopped.Position))
        {
            using var file = _storage.Open(LogFiles.Segment(segment));
            var saved = (_file, _segment);
            // A damaged head of a segment must not hide its frames.
            _segment = new SegmentHead { Base = segment, SegmentBytes = file.Length, LogId = _logId ?? 0 };
            _file = file;
            var found = FindFrame(file, segment, Math.Max(from, segment + SegmentHead.Bytes), stopped.Number);
            (_file, _segment) = saved;
            if (found != null) return found;
        }

        return null;
    }

    private FrameHead? FindFrame(IStorageFile file, long segment, long from, long number)
    {
        var buffer = new byte[BufferBytes(file.Length)];
        for (var start = (from - segment) & ~(FrameHead.Bytes - 1L); start < file.Length; start += buffer.Length)
        {
            var read = file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, file.Length - start)), start);
            for (var i = 0; i + FrameHead.Bytes <= read; i += FrameHead.Bytes)
            {
                if (MemoryMarshal.Read<uint>(buffer.AsSpan(i)) != FrameHead.MagicNumber) continue;
                var head = MemoryMarshal.Read<FrameHead>(buffer.AsSpan(i));
                if (head.Position != segment + start + i || head.Number < number) continue;
                _logId ??= head.LogId;
                if (TryReadFrame(head.Position, 0, null, out var good, out _)) return good;
            }

            if (read == 0) break;
        }

        return null;
    }

    private static int BufferBytes(long fileBytes) => (int)Math.Min(1 << 20, (fileBytes + FrameHead.Bytes - 1) & ~(FrameHead.Bytes - 1L));

    private bool HasBytes(long position)
    {
        if (_file == null) return false;
        var buffer = new byte[BufferBytes(_segment.SegmentBytes)];
        for (var offset = position - _segment.Base; offset < _segment.SegmentBytes; offset += buffer.Length)
        {
            var read = _file.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, _segment.SegmentBytes - offset)), offset);
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0)) return true;
            if (read == 0) break;
        }

        return false;
    }
}
