using System.Runtime.InteropServices;

namespace LiveGrains.Engine.Log;

/// <summary>Puts records together as a frame, in memory that is used again. One thread.</summary>
internal sealed class FrameBuffer
{
    private byte[] _frame = new byte[64 << 10];
    private int _used;
    private uint _count;

    /// <summary>Bytes that the frame will have.</summary>
    public int Length => FrameHead.Bytes + FrameHead.Padded(_used);

    /// <summary>Adds records.</summary>
    public void Gather(ReadOnlySpan<byte> records, int count)
    {
        var need = FrameHead.Bytes + _used + records.Length;
        if (need + FrameHead.Bytes > _frame.Length) Array.Resize(ref _frame, Math.Max(_frame.Length * 2, need + FrameHead.Bytes));
        records.CopyTo(_frame.AsSpan(FrameHead.Bytes + _used));
        _used += records.Length;
        _count += (uint)count;
    }

    /// <summary>Writes head and padding; the frame is valid until the next <see cref="Gather"/>.</summary>
    /// <param name="kind">What it holds.</param>
    /// <param name="logId">The log's id.</param>
    /// <param name="point">Its place: behind the frame before, but for a new segment's head.</param>
    /// <param name="clockMs">The engine's clock, ms.</param>
    /// <param name="head">Its head.</param>
    public ReadOnlyMemory<byte> Finish(FrameKind kind, ulong logId, LogPoint point, long clockMs, out FrameHead head)
    {
        var padded = FrameHead.Padded(_used);
        head = new FrameHead
        {
            Magic = FrameHead.MagicNumber,
            Kind = kind,
            LogId = logId,
            Position = point.Position,
            Number = point.Number,
            PayloadBytes = (uint)_used,
            Count = _count,
            PreviousChecksum = point.Checksum,
            ClockMs = clockMs,
        };
        _frame.AsSpan(FrameHead.Bytes + _used, padded - _used).Clear();
        head.Checksum = FrameHead.Compute(head, _frame.AsSpan(FrameHead.Bytes, padded));
        MemoryMarshal.Write(_frame, head);
        return _frame.AsMemory(0, FrameHead.Bytes + padded);
    }

    /// <summary>Begins the next frame.</summary>
    public void Clear()
    {
        _used = 0;
        _count = 0;
    }
}
