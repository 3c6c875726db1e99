using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>Which members an event carries, in the order in which their bytes follow the head of its record.</summary>
[Flags]
internal enum Members : uint
{
    None = 0,
    // One length byte each.
    User = 1 << 0, Room = 1 << 1, Product = 1 << 2, Video = 1 << 3,
    // Two length bytes each.
    Source = 1 << 4, Id = 1 << 5, Channel = 1 << 6, Currency = 1 << 7, Text = 1 << 8, Title = 1 << 9, Host = 1 << 10,
    Category = 1 << 11, Tags = 1 << 12, Price = 1 << 13, Stock = 1 << 14, Status = 1 << 15, Attributes = 1 << 16,
    // In the head.
    Sequence = 1 << 17,

    Keys = User | Room | Product | Video,
    Catalog = Title | Host | Category | Tags | Price | Stock | Status,
}

/// <summary>What a shard that gets a record is to do with it.</summary>
[Flags]
internal enum Owns : byte
{
    None = 0, Room = 1, User = 2, Product = 4, Video = 8,
    /// <summary>This shard counts the event for the platform: exactly one does.</summary>
    Primary = 16,
    /// <summary>This shard keeps the ledger of traffic: the first one does.</summary>
    Traffic = 32,
    All = Room | User | Product | Video | Primary | Traffic,
}

/// <summary>
/// The head of an event in a block and in the log: 72 bytes, little-endian, then the members' bytes, padded to 8. The
/// whole event is kept, so that the log is the record of what happened and models can be rebuilt from it.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct EventRecord
{
    public const int Bytes = 72;

    /// <summary>Length of the whole record in units of 8 bytes.</summary>
    public ushort Units;
    public EventType Type;
    /// <summary>Set by the router for each shard.</summary>
    public Owns Owns;
    public Members Members;
    /// <summary>Event time, ms since 1970 UTC.</summary>
    public long TimeMs;
    /// <summary>The engine's clock when the event was accepted, ms since 1970 UTC.</summary>
    public long ClockMs;
    /// <summary>Amount in minor units, or watched ms.</summary>
    public long Value;
    /// <summary>64 bits of the hash of (source, id); with <see cref="Members.Sequence"/> the `seq` instead.</summary>
    public ulong IdHash;
    public ulong UserHash;
    public ulong RoomHash;
    /// <summary>Of the product, or of the video when there is no product.</summary>
    public ulong ItemHash;
    /// <summary>32 further bits of the hash of (source, id).</summary>
    public uint IdHash2;
    /// <summary>1 to 1,000,000.</summary>
    public uint Count;

    /// <summary>Bytes of the whole record.</summary>
    public readonly int Length => Units * 8;
}

/// <summary>Types of records that no event has: the engine itself writes them.</summary>
internal static class RecordTypes
{
    /// <summary>A policy of traffic; the text is its JSON, the value its version. Every shard takes it.</summary>
    public const EventType TrafficPolicy = (EventType)200;
}

/// <summary>Finds the members' bytes behind a head.</summary>
internal static unsafe class EventRecords
{
    /// <summary>The bytes of a member, empty when it is not there.</summary>
    public static ReadOnlySpan<byte> Get(EventRecord* record, Members member)
    {
        var present = record->Members;
        if ((present & member) == 0) return default;
        var p = (byte*)record + EventRecord.Bytes;
        for (uint bit = 1; ; bit <<= 1)
        {
            if ((present & (Members)bit) == 0) continue;
            int length;
            if (bit <= (uint)Members.Video)
            {
                length = *p++;
            }
            else
            {
                length = Unsafe.ReadUnaligned<ushort>(p);
                p += 2;
            }

            if ((Members)bit == member) return new ReadOnlySpan<byte>(p, length);
            p += length;
        }
    }

    /// <summary>True when the bytes are well-formed records: lengths within bounds, known types. For data from disk.</summary>
    public static bool AreWellFormed(ReadOnlySpan<byte> records, out int count)
    {
        count = 0;
        fixed (byte* start = records)
        {
            var p = start;
            var end = start + records.Length;
            while (p < end)
            {
                if (end - p < EventRecord.Bytes) return false;
                var record = (EventRecord*)p;
                if (record->Length < EventRecord.Bytes || record->Length > end - p) return false;
                if (record->Type is EventType.None || ((int)record->Type >= EventTypes.Count && record->Type != RecordTypes.TrafficPolicy)) return false;
                var q = p + EventRecord.Bytes;
                var recordEnd = p + record->Length;
                for (uint bit = 1; bit <= (uint)Members.Attributes; bit <<= 1)
                {
                    if ((record->Members & (Members)bit) == 0) continue;
                    var prefix = bit <= (uint)Members.Video ? 1 : 2;
                    if (recordEnd - q < prefix) return false;
                    var length = prefix == 1 ? *q : Unsafe.ReadUnaligned<ushort>(q);
                    q += prefix;
                    if (recordEnd - q < length) return false;
                    q += length;
                }

                p = recordEnd;
                count++;
            }

            return true;
        }
    }
}
