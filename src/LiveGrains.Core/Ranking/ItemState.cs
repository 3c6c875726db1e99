using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// Reads of an item's row what other threads may read while the fold writes: numbers that are read and written whole. A
/// row never moves, and what a fold wrote before an event was acknowledged is seen by whoever knows of the acknowledgement.
/// </summary>
internal static unsafe class ItemState
{
    /// <summary>True while a room is on air, a product on sale and in stock, a video on line, and the item is not blocked.</summary>
    public static bool IsAvailable(ShardState state, InterestKind kind, uint row) => kind == InterestKind.Room
        ? (Volatile.Read(ref Unsafe.As<RoomFlags, uint>(ref state.RoomAt(row)->Flags)) & (uint)(RoomFlags.Live | RoomFlags.Blocked)) == (uint)RoomFlags.Live
        : Volatile.Read(ref state.ItemAt(kind == InterestKind.Video, row)->Available) != 0;

    /// <summary>Brings what <see cref="IsAvailable"/> reads on its way from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(ShardState state, InterestKind kind, uint row)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(kind == InterestKind.Room ? &state.RoomAt(row)->Flags : &state.ItemAt(kind == InterestKind.Video, row)->Available);
    }

    /// <summary>Brings what <see cref="Numbers"/> reads on its way from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchNumbers(ShardState state, InterestKind kind, uint row)
    {
        if (!Sse.IsSupported) return;
        if (kind == InterestKind.Room)
        {
            var room = state.RoomAt(row);
            PrefetchLines(&room->Online, room->Counts + RoomMetric.Counters);
        }
        else
        {
            var counts = state.ItemAt(kind == InterestKind.Video, row)->Counts;
            PrefetchLines(counts, counts + ItemMetric.Counters);
        }
    }

    private static void PrefetchLines(void* from, void* to)
    {
        for (var line = (byte*)((nuint)from & ~(nuint)63); line < to; line += 64) Sse.Prefetch0(line);
    }

    /// <summary>The numbers of an item; each is exact, together they may be of different moments.</summary>
    public static ItemNumbers Numbers(ShardState state, InterestKind kind, uint row, long clockBucket)
    {
        if (kind == InterestKind.Room)
        {
            var room = state.RoomAt(row);
            var counts = room->Counts;
            return new ItemNumbers(
                (float)room->Heat.Value(clockBucket), Math.Max(0, room->Online), counts[RoomMetric.Impressions], counts[RoomMetric.Views],
                counts[RoomMetric.Likes] + counts[RoomMetric.Comments] + counts[RoomMetric.Shares] + counts[RoomMetric.Follows] + counts[RoomMetric.Gifts] + counts[RoomMetric.Subscribes],
                counts[RoomMetric.Pays], counts[RoomMetric.Dislikes] + counts[RoomMetric.Reports], counts[RoomMetric.WatchMs], counts[RoomMetric.PayAmount]);
        }

        var item = state.ItemAt(kind == InterestKind.Video, row)->Counts;
        var views = item[ItemMetric.Clicks] + item[ItemMetric.Plays];
        // Items have no heat of their own: what is clicked and bought stands in for it, each for what it says of interest.
        var heat = views + 2 * item[ItemMetric.Carts] + 4 * item[ItemMetric.Pays];
        return new ItemNumbers(heat, 0, item[ItemMetric.Impressions], views, item[ItemMetric.Likes] + item[ItemMetric.Comments] + item[ItemMetric.Shares] + item[ItemMetric.Carts], item[ItemMetric.Pays], item[ItemMetric.Dislikes] + item[ItemMetric.Reports], item[ItemMetric.WatchMs], item[ItemMetric.PayAmount]);
    }
}
