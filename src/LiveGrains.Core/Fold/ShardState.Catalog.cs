using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

internal sealed unsafe partial class ShardState
{
    private uint AddRoom(EventRecord* record, ReadOnlySpan<byte> key)
    {
        var number = Rooms.Add(record->RoomHash, key);
        var room = RoomAt(number);
        room->Broadcast = NewBroadcast(number);
        if ((record->Owns & Owns.Room) == 0) return number;
        room->Flags = RoomFlags.Owned;
        Totals.RoomsOwned++;
        return number;
    }

    private uint NewBroadcast(uint room)
    {
        var number = Broadcasts.Allocate();
        ((BroadcastRow*)Broadcasts[number])->Room = room;
        return number;
    }

    private void ApplyCatalog(EventRecord* record, in Subject subject)
    {
        switch (record->Type)
        {
            case EventType.RoomStart: StartRoom(record, subject.Room); break;
            case EventType.RoomUpdate: GoOnAir(RoomAt(subject.Room), subject.Room, record); break;
            case EventType.RoomEnd: EndRoom(record, subject.Room); break;
        }

        if (subject.Product != 0 && record->Type == EventType.ProductUpsert)
        {
            DescribeItem(false, subject.Product, record);
        }
        else if (subject.Video != 0 && record->Type == EventType.VideoUpsert)
        {
            DescribeItem(true, subject.Video, record);
        }
        else if (subject.Room != 0)
        {
            var room = RoomAt(subject.Room);
            room->Catalog = Describe(room->Catalog, record);
            if (Traffic != null) DescribeTraffic(InterestItem.Of(InterestKind.Room, subject.Room));
            if ((record->Members & Members.Status) != 0) Block(room, EventRecords.Get(record, Members.Status)[0] == CatalogStatus.Blocked);
            if (Feed != null && (record->Members & Members.Catalog) != 0) TellItem(Feed, InterestItem.Of(InterestKind.Room, subject.Room));
        }
    }

    // One write of the whole number: other threads read it.
    private static void Block(RoomRow* room, bool blocked) => room->Flags = blocked ? room->Flags | RoomFlags.Blocked : room->Flags & ~RoomFlags.Blocked;

    private void DescribeItem(bool video, uint number, EventRecord* record)
    {
        var item = ItemAt(video, number);
        item->Catalog = Describe(item->Catalog, record);
        var catalog = Blobs[item->Catalog];
        var status = CatalogBlob.Get(catalog, Members.Status);
        var stock = CatalogBlob.Get(catalog, Members.Stock);
        var isOff = !status.IsEmpty && status[0] != CatalogStatus.On;
        var isSoldOut = !stock.IsEmpty && BitConverter.ToInt64(stock) <= 0;
        Volatile.Write(ref item->Available, isOff || isSoldOut ? 0u : 1u);
        if (Feed != null) TellItem(Feed, InterestItem.Of(video ? InterestKind.Video : InterestKind.Product, number));
    }

    /// <summary>The first event of a broadcast without `room.start` puts the room on air.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void GoOnAir(RoomRow* room, uint number, EventRecord* record)
    {
        if ((room->Flags & (RoomFlags.Live | RoomFlags.Ended)) == 0) PutOnAir(room, number, record);
    }

    private void PutOnAir(RoomRow* room, uint number, EventRecord* record)
    {
        room->Flags |= RoomFlags.Live | RoomFlags.HasStart;
        room->StartedMs = record->TimeMs;
        room->StartedClockMs = record->ClockMs;
        if ((room->Flags & RoomFlags.Owned) != 0) Totals.RoomsLive++;
        if (Traffic != null) StartTraffic(room, number, record);
    }

    private void StartRoom(EventRecord* record, uint number)
    {
        var room = RoomAt(number);
        if ((room->Flags & RoomFlags.Ended) != 0) NewBroadcastOf(number, room);
        if ((room->Flags & RoomFlags.Live) == 0) PutOnAir(room, number, record);
        else if ((room->Flags & RoomFlags.Started) == 0) room->StartedMs = Math.Min(room->StartedMs, record->TimeMs);
        room->Flags |= RoomFlags.Started;
    }

    private void EndRoom(EventRecord* record, uint number)
    {
        var room = RoomAt(number);
        if (room->Online != 0)
        {
            room->OnlineIntegral += room->Online * record->ClockMs;
            if ((room->Flags & RoomFlags.Owned) != 0)
            {
                Totals.Online -= room->Online;
                NoteOnline(number, room, record->ClockMs, room->Online, 0);
            }

            room->Online = 0;
        }

        // Sessions see the new epoch when they are next touched, so that a room of a million viewers ends at once.
        room->Epoch++;
        if ((room->Flags & RoomFlags.Ended) != 0) return;
        if ((room->Flags & (RoomFlags.Live | RoomFlags.Owned)) == (RoomFlags.Live | RoomFlags.Owned)) Totals.RoomsLive--;
        room->Flags = (room->Flags & ~RoomFlags.Live) | RoomFlags.Ended;
        room->EndedMs = record->TimeMs;
        room->EndedClockMs = record->ClockMs;
        room->EndedIntegral = room->OnlineIntegral;
        Traffic?.GoOffAir(InterestItem.Of(InterestKind.Room, number));
    }

    private void NewBroadcastOf(uint number, RoomRow* room)
    {
        // Sessions that opened after the end are still online; with the broadcast they are gone.
        if ((room->Flags & RoomFlags.Owned) != 0) Totals.Online -= room->Online;
        var over = (BroadcastRow*)Broadcasts[room->Broadcast];
        over->Over = 1;
        Totals.OverPairs += over->Pairs;
        if ((room->Flags & RoomFlags.Approximate) != 0) Totals.ApproximateRooms--;
        if (over->Pairs == 0) Broadcasts.Free(room->Broadcast);
        RoomSeries.Clear(ref room->Series);
        Sketches.Remove((PairKey.RoomUser, number));
        if ((room->Flags & RoomFlags.HasForeign) != 0) ForgetForeign(number);
        if (room->Channels != 0) Channels.Free(room->Channels);
        Comments.Clear(ref room->Comments);
        var fresh = new RoomRow
        {
            Key = room->Key,
            Flags = room->Flags & (RoomFlags.Owned | RoomFlags.Blocked),
            Broadcast = NewBroadcast(number),
            Epoch = room->Epoch + 1,
            Catalog = room->Catalog,
            Items = room->Items,
        };
        *room = fresh;
    }

    // Apart from its caller, which would else make room for the closure each time.
    private void ForgetForeign(uint room)
    {
        foreach (var key in Foreign.Keys.Where(k => k.Kind == PairKey.RoomUser && k.Row == room).ToList()) Foreign.Remove(key);
    }

    /// <summary>Merges the catalog members of an event into what is stored: members that it does not carry stay.</summary>
    [SkipLocalsInit] // Clearing 60 kB would cost more than the rest.
    private uint Describe(uint stored, EventRecord* record)
    {
        var given = record->Members & Members.Catalog;
        if (given == 0 && stored != 0) return stored;
        Span<byte> merged = stackalloc byte[60_000];
        var old = Blobs[stored];
        var members = given | CatalogBlob.MembersOf(old);
        BitConverter.TryWriteBytes(merged, (uint)members);
        var used = 4;
        for (var bit = (uint)Members.Title; bit <= (uint)Members.Status; bit <<= 1)
        {
            var member = (Members)bit;
            if ((members & member) == 0) continue;
            var bytes = (given & member) != 0 ? EventRecords.Get(record, member) : CatalogBlob.Get(old, member);
            BitConverter.TryWriteBytes(merged[used..], (ushort)bytes.Length);
            bytes.CopyTo(merged[(used + 2)..]);
            used += 2 + bytes.Length;
        }

        return Blobs.Replace(stored, merged[..used]);
    }

    private void UpsertUser(EventRecord* record, in Subject subject)
    {
        if ((record->Owns & Owns.User) == 0) return;
        CountUser(record, subject, foreign: false);
        if ((record->Members & Members.Attributes) == 0) return;
        var detail = UserDetailAt(subject.User);
        detail->Attributes = Blobs.Replace(detail->Attributes, EventRecords.Get(record, Members.Attributes));
        if (Feed != null) TellFeatures(Feed, subject.User);
    }
}

/// <summary>What is stored of a room's or an item's catalog events: the members' bits, then two length bytes and the bytes of each.</summary>
internal static class CatalogBlob
{
    public static Members MembersOf(ReadOnlySpan<byte> blob) => blob.IsEmpty ? Members.None : (Members)BitConverter.ToUInt32(blob);

    public static ReadOnlySpan<byte> Get(ReadOnlySpan<byte> blob, Members member)
    {
        var members = MembersOf(blob);
        if ((members & member) == 0) return default;
        var used = 4;
        for (var bit = (uint)Members.Title; ; bit <<= 1)
        {
            if ((members & (Members)bit) == 0) continue;
            var length = BitConverter.ToUInt16(blob[used..]);
            if ((Members)bit == member) return blob.Slice(used + 2, length);
            used += 2 + length;
        }
    }
}
