using System.Globalization;
using System.Runtime.InteropServices;
using LiveGrains.Core;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine.Log;

/// <summary>The head of a segment file, 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct SegmentHead
{
    public const int Bytes = 64;
    public const uint MagicNumber = 0x3153474C; // LGS1
    public const uint CurrentVersion = 2;

    public uint Magic;
    public uint Version;
    public ulong LogId;
    public long Base;
    public long SegmentBytes;
    public ulong Checksum;

    public static ulong Compute(SegmentHead head)
    {
        head.Checksum = 0;
        return Core.Checksum.Of(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref head, 1)));
    }

    /// <summary>It is as it was written, and of the version that this program reads.</summary>
    public readonly bool IsGood => IsWhole && Version == CurrentVersion;

    /// <summary>It is as it was written.</summary>
    public readonly bool IsWhole => Magic == MagicNumber && Checksum == Compute(this);
}

/// <summary>Names of the files of a shard. A segment's name has its base, the position of its first byte in the log.</summary>
internal static class LogFiles
{
    /// <summary>A snapshot that is being made.</summary>
    public const string PartialSnapshot = "snapshot.partial";

    public static string Segment(long position) => $"log-{position:x16}.seg";

    public static string Snapshot(long position) => $"snapshot-{position:x16}.lgs";

    /// <summary>The bases of all segments, in order.</summary>
    public static List<long> Segments(IStorage storage) => Positions(storage, "log-", ".seg");

    /// <summary>The positions of all snapshots, in order.</summary>
    public static List<long> Snapshots(IStorage storage) => Positions(storage, "snapshot-", ".lgs");

    private static List<long> Positions(IStorage storage, string prefix, string suffix)
    {
        var positions = new List<long>();
        foreach (var name in storage.List())
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(suffix, StringComparison.Ordinal)
                && long.TryParse(name.AsSpan(prefix.Length, name.Length - prefix.Length - suffix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var position))
                positions.Add(position);
        }

        positions.Sort();
        return positions;
    }
}
