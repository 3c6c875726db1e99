using System.Runtime.InteropServices;

namespace LiveGrains.Core;

// Rows of the tables. All are plain memory: they are saved and loaded as they lie. Numbers of rows start at 1; 0 is none.

[Flags]
internal enum RoomFlags : uint
{
    None = 0,
    /// <summary>On air.</summary>
    Live = 1,
    /// <summary>`room.start` came in this broadcast.</summary>
    Started = 2,
    /// <summary>`room.end` came in this broadcast.</summary>
    Ended = 4,
    /// <summary>This shard owns the room; else it knows it only for its own users and items.</summary>
    Owned = 8,
    /// <summary>Distinct users are estimated.</summary>
    Approximate = 16,
    /// <summary>`startedAt` is known.</summary>
    HasStart = 32,
}

/// <summary>A room and its current broadcast: 9 lines of cache, of which an event touches four.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct RoomRow
{
    public uint Key;
    public RoomFlags Flags;
    /// <summary>Row in the pool of broadcasts; part of the keys of its pairs.</summary>
    public uint Broadcast;
    /// <summary>Counts `room.end`: sessions of an older epoch are closed.</summary>
    public uint Epoch;
    public SeriesHandle Series;
    public uint Catalog;
    public HeatScore Heat;
    public long Online;
    public long PeakOnline;
    /// <summary>Σ closing clocks − Σ opening clocks; plus online × clock it is ∫ online. Wraps around harmlessly.</summary>
    public long OnlineIntegral;
    public uint Channels;
    public uint Items;
    public long Late;
    public long StartedMs;
    public long StartedClockMs;
    public long EndedMs;
    public long EndedClockMs;
    public long EndedIntegral;
    public fixed long Counts[RoomMetric.Counters];
    public fixed uint Users[RoomMetric.UserMetrics];
}

/// <summary>One broadcast, as the keys of pairs name it; outlives its end until its last pair is gone.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct BroadcastRow
{
    public uint Room;
    public uint Pairs;
    public uint Over;
}

/// <summary>A product or a video.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct ItemRow
{
    public uint Key;
    public uint Catalog;
    public SeriesHandle Series;
    public uint Rooms;
    public uint Pairs;
    public uint Approximate;
    public uint Owned;
    public uint Pad;
    public long Late;
    public fixed long Counts[ItemMetric.Counters];
    public fixed uint Users[ItemMetric.UserMetrics];
}

/// <summary>One item's part in one room: since ever, and what of that was before the room's current broadcast.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct RoomItemRow
{
    public uint Room;
    /// <summary>Item number; the high bit is set for a video.</summary>
    public uint Item;
    public uint NextOfRoom;
    public uint NextOfItem;
    public uint Broadcast;
    public uint Pad;
    public fixed long Counts[RoomItemMetric.Counters];
    public fixed long Before[RoomItemMetric.Counters];
}

/// <summary>A user: 184 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct UserRow
{
    public const int RecentInteractions = 8;
    public const int RecentBytes = 12;
    public const EventType FirstType = EventType.UserUpsert;

    public uint Key;
    public uint Visits;
    public uint Attributes;
    public ushort RecentCount;
    public ushort Owned;
    public long Paid;
    public long Gifted;
    public long Refunded;
    public long WatchMs;
    /// <summary>By event type from <see cref="FirstType"/>; 65,535 means that the count is in the side table.</summary>
    public fixed ushort Counts[20];
    /// <summary>A ring of (time ≪ 8 | type, item); the item's two high bits are its kind.</summary>
    public fixed byte Recent[RecentInteractions * RecentBytes];
}

/// <summary>A user's presence in a broadcast; exists from the first session on.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct VisitRow
{
    public const ushort Open = 1, InWheel = 2;

    /// <summary>Bits by <see cref="RoomMetric"/>: what the user did in the broadcast.</summary>
    public uint Mask;
    public uint Room;
    public uint Broadcast;
    public uint User;
    public uint NextOfUser;
    public uint NextInWheel;
    public uint Epoch;
    /// <summary>Bits by the room's channel places.</summary>
    public uint ChannelMask;
    public ushort Flags;
    /// <summary>The session's channel as its place among the room's channels + 1; 0: none.</summary>
    public ushort Channel;
    public long FirstMs;
    public long LastMs;
    /// <summary>End of the last closed session; long.MinValue: none yet.</summary>
    public long LastEndMs;
}

/// <summary>A room's channels; the last place is `other`.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct ChannelRow
{
    public const int Places = 32;
    public const int Other = Places - 1;

    public uint Count;
    /// <summary>1 once `other` was used.</summary>
    public uint OtherUsed;
    public fixed ushort Names[Places];
    public fixed long Views[Places];
    public fixed long Viewers[Places];
    public fixed long Gmv[Places];
}

/// <summary>A producer that numbers its events.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct SourceRow
{
    public uint Key;
    public uint Pad;
    public long HighestSeq;
}

/// <summary>A name of a channel.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct NameRow
{
    public uint Key;
}
