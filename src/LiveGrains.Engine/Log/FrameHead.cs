using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LiveGrains.Core;

namespace LiveGrains.Engine.Log;

/// <summary>What a frame holds.</summary>
internal enum FrameKind : uint
{
    None = 0,
    /// <summary>Records of events.</summary>
    Events = 1,
    /// <summary>The settings of the fold from here on.</summary>
    Settings = 2,
    /// <summary>Nothing: says that all before it was acknowledged.</summary>
    Seal = 3,
}

/// <summary>
/// The head of a frame, 64 bytes; the payload, padded with zeros to 64, follows. One frame is one group commit: it is
/// written with one write and made durable with one fdatasync before the next is begun, so that a frame behind it proves
/// that it was whole. The checksum covers the head, its position, the checksum of the frame before, and the payload.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct FrameHead
{
    public const int Bytes = 64;
    public const uint MagicNumber = 0x3146474C; // LGF1

    public uint Magic;
    public FrameKind Kind;
    /// <summary>Random number of the log: frames of another log are none.</summary>
    public ulong LogId;
    /// <summary>Place in the log, bytes since its beginning; a multiple of 64.</summary>
    public long Position;
    /// <summary>Number of the frame, from 0.</summary>
    public long Number;
    public uint PayloadBytes;
    /// <summary>Records in the payload.</summary>
    public uint Count;
    public ulong PreviousChecksum;
    public ulong Checksum;
    /// <summary>The engine's clock when it was written, ms.</summary>
    public long ClockMs;

    /// <summary>Bytes of the frame in the log.</summary>
    public readonly long Length => Bytes + Padded((int)PayloadBytes);

    /// <summary>Behind the frame.</summary>
    public readonly LogPoint Next => new(Position + Length, Number + 1, Checksum);

    /// <summary>True when it says of itself that it is the frame behind a point of a log.</summary>
    public readonly bool Continues(ulong logId, LogPoint point) =>
        IsAt(logId, point.Position) && Number == point.Number && PreviousChecksum == point.Checksum;

    /// <summary>True when it says of itself that it is a frame at a place of a log.</summary>
    public readonly bool IsAt(ulong logId, long position) => Magic == MagicNumber && LogId == logId && Position == position;

    /// <summary>Payload and padding.</summary>
    public static int Padded(int payload) => (payload + Bytes - 1) & ~(Bytes - 1);

    /// <summary>The checksum that a frame should have.</summary>
    public static ulong Compute(FrameHead head, ReadOnlySpan<byte> paddedPayload)
    {
        head.Checksum = 0;
        return Core.Checksum.Of(paddedPayload, Core.Checksum.Of(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref head, 1))));
    }
}

/// <summary>Where a log stands: behind its last good frame.</summary>
/// <param name="Position">Bytes since the beginning.</param>
/// <param name="Number">Number of the next frame.</param>
/// <param name="Checksum">Checksum of the last frame; 0: there is none.</param>
internal readonly record struct LogPoint(long Position, long Number, ulong Checksum);
