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
    /// <summary>This broadcast has amounts in foreign currencies.</summary>
    HasForeign = 64,
    /// <summary>The platform blocked the room: it is in no recommendation, in this broadcast and those to come.</summary>
    Blocked = 128,
}

/// <summary>A room and its current broadcast. The first line of memory is what every event needs.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct RoomRow
{
    public RowKey Key;
    public RoomFlags Flags;
    /// <summary>Row in the pool of broadcasts; part of the keys of its pairs.</summary>
    public uint Broadcast;
    /// <summary>Counts `room.end`: sessions of an older epoch are closed.</summary>
    public uint Epoch;
    public SeriesHandle Series;
    public uint Channels;
    public uint Items;
    public long Online;
    /// <summary>Σ closing clocks − Σ opening clocks; plus online × clock it is ∫ online. Wraps around harmlessly.</summary>
    public long OnlineIntegral;
    public HeatScore Heat;
    public long PeakOnline;
    public fixed long Counts[RoomMetric.Counters];
    public fixed uint Users[RoomMetric.UserMetrics];
    public long Late;
    public uint Catalog;
    /// <summary>The sample of its comments, 0: none.</summary>
    public uint Comments;
    public long StartedMs;
    public long StartedClockMs;
    public long EndedMs;
    public long EndedClockMs;
    public long EndedIntegral;
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
    public RowKey Key;
    public SeriesHandle Series;
    public uint Pairs;
    public uint Owned;
    public uint Approximate;
    public uint Rooms;
    public uint Catalog;
    /// <summary>1: on sale (on line) and in stock. Read by other threads too, so it is one aligned number.</summary>
    public uint Available;
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

/// <summary>
/// A user: the line of memory that every event of a user touches, and the only one for most: impressions, heartbeats, leaves.
/// What other events touch is the <see cref="UserDetail"/> of the same number. Apart, so that the lines lie on a third of
/// the pages: with a million users finding the page costs more than the line.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct UserRow
{
    public const EventType FirstType = EventType.UserUpsert;

    /// <summary>Types of events from <see cref="FirstType"/> on that are counted here; the others are counted in <see cref="UserDetail"/>.</summary>
    public const int Types = 16;

    public RowKey Key;
    /// <summary>The visit of the last signal, which is most often that of the next one; 0: unknown.</summary>
    public uint LastVisit;
    public ushort RecentCount;
    public ushort Owned;
    public long WatchMs;
    /// <summary>By event type from <see cref="FirstType"/>; 65,535 means that the count is in the side table.</summary>
    public fixed ushort Counts[Types];
}

/// <summary>The rest of a user, 128 bytes in two lines of memory; its number is that of the <see cref="UserRow"/>.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct UserDetail
{
    public const int RecentInteractions = 8;
    public const int RecentBytes = 10;

    /// <summary>Types of events that are counted here.</summary>
    public const int Types = 4;

    /// <summary>Most rows of rooms, products or videos: what the number of a recent interaction's item can say.</summary>
    public const int MaxItemRows = (1 << 25) - 1;

    /// <summary>The newest visit of the chain through <see cref="VisitOwner.NextOfUser"/>; 0: none.</summary>
    public uint Visits;
    /// <summary>Row of a <see cref="MoneyRow"/>; 0: the user never spent anything.</summary>
    public uint Money;
    public uint Attributes;
    /// <summary>The user's block in the store of histories; 0: none.</summary>
    public uint History;
    /// <summary>As <see cref="UserRow.Counts"/>, of the types behind those.</summary>
    public fixed ushort Counts[Types];
    /// <summary>A ring of (kind ≪ 30 | type ≪ 25 | item, six bytes of time). The first four end with the first line.</summary>
    public fixed byte Recent[RecentInteractions * RecentBytes];
    public fixed byte Spare[24];
}

/// <summary>What a user spent, minor units. Few users have one.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct MoneyRow
{
    public long Paid;
    public long Gifted;
    public long Refunded;
}

/// <summary>
/// A user's presence in a broadcast; exists from the first session on. 32 bytes, so that one line of memory has all that a
/// signal needs; whose visit it is stands in the <see cref="VisitOwner"/> of the same number.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct VisitRow
{
    // Above the bits of what the user did.
    public const uint Open = 1 << 20, InWheel = 1 << 21, Seen = 1 << 22;
    private const int ChannelShift = 24;
    private const int EpochBits = 15;
    private const uint NoGap = uint.MaxValue;

    /// <summary>Bits by <see cref="RoomMetric"/>: what the user did in the broadcast; then flags; then the channel.</summary>
    public uint Mask;
    public uint Broadcast;
    public uint NextInWheel;
    /// <summary>Bits by the room's channel places.</summary>
    public uint ChannelMask;
    // 49 bits of time, which reach beyond the year 9999, and 15 of the epoch.
    private long _lastAndEpoch;
    /// <summary>From the session's first signal to its last, at most 49 days.</summary>
    private uint _spanMs;
    /// <summary>From the end of the session before to the first signal of the open one, at most 49 days.</summary>
    private uint _gapMs;

    /// <summary>The last signal of the session that is open, else of the last one.</summary>
    public long LastMs
    {
        readonly get => _lastAndEpoch >> EpochBits;
        private set => _lastAndEpoch = value << EpochBits | (_lastAndEpoch & ((1 << EpochBits) - 1));
    }

    /// <summary>The session's channel as its place among the room's channels + 1; 0: none.</summary>
    public int Channel
    {
        readonly get => (int)(Mask >> ChannelShift);
        set => Mask = (Mask & ((1u << ChannelShift) - 1)) | (uint)value << ChannelShift;
    }

    /// <summary>True when the room's epoch is the one in which the session opened, as far as its low bits tell.</summary>
    public readonly bool IsOfEpoch(uint epoch) => ((_lastAndEpoch ^ epoch) & ((1 << EpochBits) - 1)) == 0;

    /// <summary>Notes the room's epoch at the session's opening.</summary>
    public void SetEpoch(uint epoch) => _lastAndEpoch = (_lastAndEpoch & ~((1L << EpochBits) - 1)) | (epoch & ((1 << EpochBits) - 1));

    /// <summary>The first signal of the session.</summary>
    public readonly long FirstMs => LastMs - _spanMs;

    /// <summary>End of the last closed session; long.MinValue: there is none.</summary>
    public readonly long LastEndMs => (Mask & Open) == 0
        ? (Mask & Seen) == 0 ? long.MinValue : LastMs
        : _gapMs == NoGap ? long.MinValue : FirstMs - _gapMs;

    /// <summary>Begins a session, closed as yet, at a signal behind the end of the last one.</summary>
    public void Begin(long timeMs)
    {
        var end = LastEndMs;
        _gapMs = end == long.MinValue ? NoGap : (uint)Math.Min(timeMs - end, NoGap - 1);
        _spanMs = 0;
        LastMs = timeMs;
        Mask |= Seen;
    }

    /// <summary>Takes a signal into the open session; returns how much longer it became.</summary>
    public long Extend(long timeMs)
    {
        if (timeMs > LastMs)
        {
            var later = timeMs - LastMs;
            _spanMs = (uint)Math.Min(_spanMs + later, uint.MaxValue);
            LastMs = timeMs;
            return later;
        }

        var earlier = FirstMs - timeMs;
        if (earlier <= 0) return 0;
        _spanMs = (uint)Math.Min(_spanMs + earlier, uint.MaxValue);
        if (_gapMs < NoGap - 1) _gapMs -= (uint)earlier;
        return earlier;
    }
}

/// <summary>Whose a visit is: the row beside the <see cref="VisitRow"/> of the same number.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct VisitOwner
{
    public uint User;
    public uint NextOfUser;
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
    // Three to a place, side by side: what a view counts is in one line of memory, or in two.
    private fixed long _sums[3 * Places];

    public ref long Views(int place) => ref _sums[3 * place];

    public ref long Viewers(int place) => ref _sums[3 * place + 1];

    public ref long Gmv(int place) => ref _sums[3 * place + 2];
}

/// <summary>A producer that numbers its events.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct SourceRow
{
    public RowKey Key;
    public long HighestSeq;
}

/// <summary>A name of a channel.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct NameRow
{
    public RowKey Key;
}
