using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// The passes over a batch of records that only ask for the memory that folding them will touch. Each pass reads what the one
/// before asked for, and finds there what to ask for next: slots of the indexes, rows, pairs and buckets, visits.
/// Nothing here changes the state, and nothing found here is trusted later without a look.
/// </summary>
internal sealed unsafe partial class ShardState
{
    // How far ahead of the record at hand the next ones are asked for, bytes: records have no fixed length, which the
    // processor's own prefetcher does not follow over pages.
    private const int RecordsAhead = 1024;

    private static readonly int _countsOfRoom = RowLayout.OffsetOf<RoomRow>(static r => (byte*)r->Counts);
    private static readonly int _usersOfRoom = RowLayout.OffsetOf<RoomRow>(static r => (byte*)r->Users);
    private static readonly int _countsOfItem = RowLayout.OffsetOf<ItemRow>(static r => (byte*)r->Counts);
    private static readonly int _usersOfItem = RowLayout.OffsetOf<ItemRow>(static r => (byte*)r->Users);
    private static readonly int _recentOfUser = RowLayout.OffsetOf<UserDetail>(static r => r->Recent);

    /// <summary>A record of a batch and the rows of its keys' hashes as they were when the batch began; 0: unknown then.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Upcoming
    {
        public EventRecord* Record;
        public UserRow* UserRow;
        public RoomRow* RoomRow;
        public ItemRow* ProductRow;
        /// <summary>Key of the pair of the room's broadcast and the user.</summary>
        public ulong Pair;
        /// <summary>Where the search for that pair ended when <see cref="_pairsVersion"/> was noted; null: not looked for.</summary>
        public HashSlot* PairSlot;
        public uint User;
        public uint Room;
        public uint Product;
        public uint Broadcast;
    }

    // The version of the pairs in which the batch looked for its slots.
    private int _pairsVersion;

    private void Prefetch(Upcoming* batch, int n)
    {
        _pairsVersion = Pairs.Version;
        for (var i = 0; i < n; i++) PrefetchRows(batch + i);
        for (var i = 0; i < n; i++) PrefetchPairs(batch + i);
        for (var i = 0; i < n; i++) PrefetchVisit(batch + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrefetchSlots(EventRecord* record)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0((byte*)record + RecordsAhead);
            Sse.Prefetch0((byte*)record + RecordsAhead + 64);
        }

        var members = record->Members;
        if ((members & Members.User) != 0) Users.Index.Prefetch(record->UserHash);
        if ((members & Members.Room) != 0) Rooms.Index.Prefetch(record->RoomHash);
        if ((members & Members.Product) != 0) Products.Index.Prefetch(record->ItemHash);
        if ((members & Members.Sequence) == 0) Dedupe.Prefetch(record->IdHash);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrefetchRows(Upcoming* next)
    {
        var record = next->Record;
        var members = record->Members;
        next->User = (members & Members.User) != 0 ? Users.Peek(record->UserHash) : 0;
        next->Room = (members & Members.Room) != 0 ? Rooms.Peek(record->RoomHash) : 0;
        next->Product = (members & Members.Product) != 0 ? Products.Peek(record->ItemHash) : 0;
        if (next->User != 0)
        {
            next->UserRow = UserAt(next->User);
            if (Sse.IsSupported) Sse.Prefetch0(next->UserRow);
        }

        if (next->Room != 0)
        {
            next->RoomRow = RoomAt(next->Room);
            PrefetchRoom(record, next->RoomRow);
        }

        if (next->Product == 0) return;
        next->ProductRow = ItemAt(false, next->Product);
        PrefetchItem(record, next->ProductRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrefetchPairs(Upcoming* next)
    {
        var type = next->Record->Type;
        var user = next->User;
        var product = next->Product;
        if (user != 0 && IsKeptAsRecent(type))
        {
            PrefetchDetail(next->UserRow, UserDetailAt(user));
        }

        if (next->Room != 0)
        {
            var room = next->RoomRow;
            if (type == EventType.Enter && room->Channels != 0) Channels.Prefetch(room->Channels, 3);
            RoomSeries.Prefetch(room->Series, Math.Max(0, RoomMetric.Of(type, product != 0)));
            if (user != 0)
            {
                next->Broadcast = room->Broadcast;
                next->Pair = PairKey.Of(PairKey.RoomUser, room->Broadcast, user);
                var last = next->UserRow->LastVisit;
                if (last != 0) Visits.Prefetch(last, 1);
                if (last == 0 || !IsSeldomFirst(type)) Pairs.Prefetch(next->Pair);
            }
        }

        if (product == 0) return;
        ProductSeries.Prefetch(next->ProductRow->Series, Math.Max(0, ItemMetric.Of(type)));
        if (user != 0) Pairs.Prefetch(PairKey.Of(PairKey.ProductUser, product, user));
        if (next->Room != 0) Pairs.Prefetch(PairKey.Of(PairKey.RoomProduct, next->Room, product));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrefetchVisit(Upcoming* next)
    {
        next->PairSlot = null;
        if (next->User == 0) return;
        if (IsKeptAsRecent(next->Record->Type)) Histories.Prefetch(UserDetailAt(next->User)->History);
        if (next->Room == 0) return;
        if (next->Product != 0 && Pairs.Find(PairKey.Of(PairKey.RoomProduct, next->Room, next->Product)) is var item && item != null)
            RoomItems.Prefetch(item->Value, 2);
        var last = next->UserRow->LastVisit;
        if (last != 0 && VisitAt(last)->Broadcast == next->Broadcast) return;
        if (last != 0 && IsSeldomFirst(next->Record->Type))
        {
            Pairs.Prefetch(next->Pair);
            return;
        }

        next->PairSlot = Pairs.Seek(next->Pair);
        if ((next->PairSlot->Value & PairKey.VisitBit) != 0) Visits.Prefetch(next->PairSlot->Value & ~PairKey.VisitBit, 1);
    }

    // What a user does in a room mostly comes after something else there: then the last visit is the right one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSeldomFirst(EventType type) => type is not (EventType.Enter or EventType.Impression);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchRoom(EventRecord* record, RoomRow* row)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(row);
        Sse.Prefetch0((byte*)row + 64);
        var metric = RoomMetric.Of(record->Type, (record->Members & (Members.Product | Members.Video)) != 0);
        Sse.Prefetch0((byte*)row + _countsOfRoom + sizeof(long) * (metric < 0 ? RoomMetric.WatchMs : metric));
        if (metric >= 0) Sse.Prefetch0((byte*)row + _usersOfRoom + sizeof(uint) * metric);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchItem(EventRecord* record, ItemRow* row)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(row);
        var metric = ItemMetric.Of(record->Type);
        if (metric < 0) return;
        Sse.Prefetch0((byte*)row + _countsOfItem + sizeof(long) * metric);
        Sse.Prefetch0((byte*)row + _usersOfItem + sizeof(uint) * metric);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchDetail(UserRow* user, UserDetail* detail)
    {
        if (!Sse.IsSupported) return;
        Sse.Prefetch0(detail);
        Sse.Prefetch0((byte*)detail + _recentOfUser + RecentPlace(user));
    }
}
