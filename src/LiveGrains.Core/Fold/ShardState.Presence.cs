using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

internal sealed unsafe partial class ShardState
{
    /// <summary>
    /// Takes an event as a signal of its user in its room (docs/semantics.md, "Presence") and returns the user's
    /// visit; null when an impression found none, and then the slot that their pair has or would get.
    /// </summary>
    private VisitRow* Signal(Upcoming* next, in Subject subject, bool late, out HashSlot* slot)
    {
        var record = next->Record;
        var room = subject.RoomRow;
        var user = subject.UserRow;
        var roomNumber = subject.Room;
        var time = record->TimeMs;
        var type = record->Type;
        var number = FindVisit(next, room, user, subject.User, out slot);
        VisitRow* visit;
        if (number == 0)
        {
            if (type == EventType.Impression) return null;
            number = AddVisit(slot, roomNumber, room, user, subject.User);
            visit = VisitAt(number);
        }
        else
        {
            visit = VisitAt(number);
            CloseStale(visit, room);
        }

        if (time > visit->LastEndMs)
        {
            if ((visit->Mask & VisitRow.Open) != 0 && time > visit->LastMs + Settings.PresenceTimeoutMs) Close(visit, roomNumber, room, record->ClockMs);
            if ((visit->Mask & VisitRow.Open) != 0) Extend(record, room, roomNumber, user, visit, late);
            else if (type != EventType.Impression) OpenSession(record, number, roomNumber, room, subject.User, visit, late);
        }

        return visit;
    }

    /// <summary>The number of a user's visit in a room's broadcast, or 0 and then the slot that their pair has or would get.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint FindVisit(Upcoming* next, RoomRow* room, UserRow* user, uint userNumber, out HashSlot* slot)
    {
        slot = null;
        var last = user->LastVisit;
        if (last != 0 && VisitAt(last)->Broadcast == room->Broadcast) return last;
        var key = PairKey.Of(PairKey.RoomUser, room->Broadcast, userNumber);
        slot = next->PairSlot != null && next->Pair == key && Pairs.Version == _pairsVersion ? Pairs.Seek(key, next->PairSlot) : Pairs.Seek(key);
        if ((slot->Value & PairKey.VisitBit) == 0) return 0;
        return user->LastVisit = slot->Value & ~PairKey.VisitBit;
    }

    private uint AddVisit(HashSlot* slot, uint roomNumber, RoomRow* room, UserRow* user, uint userNumber)
    {
        var number = Visits.Allocate();
        var owner = VisitOwnerAt(VisitOwners.Allocate());
        var visit = VisitAt(number);
        visit->Broadcast = room->Broadcast;
        owner->User = userNumber;
        var detail = UserDetailAt(userNumber);
        owner->NextOfUser = detail->Visits;
        detail->Visits = number;
        user->LastVisit = number;
        if (slot->Value != 0)
        {
            visit->Mask = slot->Value;
            slot->Value = number | PairKey.VisitBit;
        }
        else
        {
            AddRoomPair(slot, PairKey.Of(PairKey.RoomUser, room->Broadcast, userNumber), number | PairKey.VisitBit, roomNumber, room);
        }

        return number;
    }

    private void OpenSession(EventRecord* record, uint number, uint roomNumber, RoomRow* room, uint userNumber, VisitRow* visit, bool late)
    {
        var time = record->TimeMs;
        var clock = record->ClockMs;
        visit->Begin(time);
        visit->SetEpoch(room->Epoch);
        visit->Channel = (record->Members & Members.Channel) != 0 ? ChannelPlace(record, room) : 0;
        if ((room->Flags & RoomFlags.Owned) != 0) CountView(record, visit, roomNumber, room, userNumber, late);
        if (record->Type == EventType.Leave || clock > time + Settings.PresenceTimeoutMs) return;

        visit->Mask |= VisitRow.Open;
        ChangeOnline(roomNumber, room, clock, 1);
        if ((visit->Mask & VisitRow.InWheel) != 0) return;
        visit->Mask |= VisitRow.InWheel;
        Wheel.Arm(number, time + Settings.PresenceTimeoutMs + 1, ref visit->NextInWheel);
    }

    private void CountView(EventRecord* record, VisitRow* visit, uint roomNumber, RoomRow* room, uint userNumber, bool late)
    {
        room->Counts[RoomMetric.Views]++;
        Totals.Counts[RoomMetric.Views]++;
        MarkRoomUser(roomNumber, room, ref visit->Mask, RoomMetric.Views, userNumber);
        if (!late)
        {
            RoomSeries.At(RoomSeries.Open(ref room->Series, roomNumber, BucketOf(record->TimeMs)), RoomMetric.Views)++;
            room->Heat.Add(BucketOf(record->ClockMs), HeatScore.PointsOfView);
        }

        if (visit->Channel == 0) return;
        var channels = (ChannelRow*)Channels[room->Channels];
        var place = visit->Channel - 1;
        channels->Views(place)++;
        if ((visit->ChannelMask >> place & 1) != 0) return;
        visit->ChannelMask |= 1u << place;
        channels->Viewers(place)++;
    }

    private void Extend(EventRecord* record, RoomRow* room, uint roomNumber, UserRow* user, VisitRow* visit, bool late)
    {
        var time = record->TimeMs;
        var watched = visit->Extend(time);
        if (watched != 0) CountWatched(room, roomNumber, user, time, watched, late);
        if (record->Type == EventType.Leave) Close(visit, roomNumber, room, record->ClockMs);
    }

    private void CountWatched(RoomRow* room, uint roomNumber, UserRow* user, long time, long watched, bool late)
    {
        user->WatchMs += watched;
        if ((room->Flags & RoomFlags.Owned) == 0) return;
        room->Counts[RoomMetric.WatchMs] += watched;
        Totals.Counts[RoomMetric.WatchMs] += watched;
        if (!late) RoomSeries.At(RoomSeries.Open(ref room->Series, roomNumber, BucketOf(time)), RoomMetric.WatchMs) += watched;
    }

    private void Close(VisitRow* visit, uint roomNumber, RoomRow* room, long clock)
    {
        visit->Mask &= ~VisitRow.Open;
        ChangeOnline(roomNumber, room, clock, -1);
    }

    /// <summary>Closes a session that `room.end` closed: the room has forgotten it already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CloseStale(VisitRow* visit, RoomRow* room)
    {
        if (!visit->IsOfEpoch(room->Epoch)) visit->Mask &= ~VisitRow.Open;
    }

    private void ChangeOnline(uint roomNumber, RoomRow* room, long clock, int change)
    {
        var before = room->Online;
        var after = before + change;
        room->Online = after;
        room->OnlineIntegral -= change * clock;
        if (after > room->PeakOnline) room->PeakOnline = after;
        if ((room->Flags & RoomFlags.Owned) == 0) return;
        Totals.Online += change;
        NoteOnline(roomNumber, room, clock, before, after);
    }

    private void NoteOnline(uint roomNumber, RoomRow* room, long clock, long before, long after)
    {
        var bucket = RoomSeries.Open(ref room->Series, roomNumber, BucketOf(clock));
        ref var highest = ref RoomSeries.At(bucket, RoomMetric.OnlineHighest);
        highest = Math.Max(highest == 0 ? before + 1 : highest, after + 1);
        RoomSeries.At(bucket, RoomMetric.OnlineLast) = after + 1;
    }

    private void ExpireSessions(long clockMs)
    {
        PrefetchDue(clockMs);
        while (Wheel.TryTake(clockMs, out var moment, out var list))
        {
            while (list != 0)
            {
                var number = list;
                var visit = VisitAt(number);
                list = visit->NextInWheel;
                if (list != 0) Visits.Prefetch(list, 1);
                Wheel.Taken();
                var roomNumber = ((BroadcastRow*)Broadcasts[visit->Broadcast])->Room;
                var room = RoomAt(roomNumber);
                // A visit of an earlier broadcast: its room ended, and the row now counts another.
                if (visit->Broadcast != room->Broadcast)
                {
                    visit->Mask = (visit->Mask & ~(VisitRow.Open | VisitRow.InWheel)) | VisitRow.Seen;
                    continue;
                }

                CloseStale(visit, room);
                if ((visit->Mask & VisitRow.Open) == 0)
                {
                    visit->Mask &= ~VisitRow.InWheel;
                    continue;
                }

                var deadline = visit->LastMs + Settings.PresenceTimeoutMs + 1;
                if (deadline > moment)
                {
                    Wheel.Arm(number, deadline, ref visit->NextInWheel);
                    continue;
                }

                visit->Mask &= ~VisitRow.InWheel;
                Close(visit, roomNumber, room, moment);
                // Who is gone at a bucket's first millisecond was not online in it.
                if (moment % SeriesStore.BucketMs == 0 && (room->Flags & RoomFlags.Owned) != 0)
                    RoomSeries.At(RoomSeries.Open(ref room->Series, roomNumber, BucketOf(moment)), RoomMetric.OnlineHighest) = room->Online + 1;
            }
        }
    }

    // A session that will soon be due has not been touched for a while, and neither has what it leads to: its visit, the
    // visit's broadcast, the broadcast's room.
    private void PrefetchDue(long clockMs)
    {
        const int VisitAheadMs = 48, BroadcastAheadMs = 32, RoomAheadMs = 16;
        if (Wheel.Peek(clockMs + VisitAheadMs) is var third and not 0) Visits.Prefetch(third, 1);
        if (Wheel.Peek(clockMs + BroadcastAheadMs) is var second and not 0) Broadcasts.Prefetch(VisitAt(second)->Broadcast, 1);
        if (Wheel.Peek(clockMs + RoomAheadMs) is var first and not 0) Rooms.Rows.Prefetch(((BroadcastRow*)Broadcasts[VisitAt(first)->Broadcast])->Room, 2);
    }

    /// <summary>The place + 1 of an event's channel among those of a room, added when there is room.</summary>
    private int ChannelPlace(EventRecord* record, RoomRow* room)
    {
        var name = EventRecords.Get(record, Members.Channel);
        if (room->Channels == 0) room->Channels = Channels.Allocate();
        var channels = (ChannelRow*)Channels[room->Channels];
        if (name.SequenceEqual("other"u8)) return TakeOther(channels);
        var hash = Hash.Of(name);
        var number = ChannelNames.Find(hash, name);
        if (number == 0 && ChannelNames.Count < MaxChannelNames) number = ChannelNames.Add(hash, name);
        if (number == 0) return TakeOther(channels);
        for (var place = 0; place < channels->Count; place++)
        {
            if (channels->Names[place] == number) return place + 1;
        }

        if (channels->Count == ChannelRow.Other) return TakeOther(channels);
        channels->Names[channels->Count] = (ushort)number;
        return (int)++channels->Count;
    }

    private static int TakeOther(ChannelRow* channels)
    {
        channels->OtherUsed = 1;
        return ChannelRow.Other + 1;
    }
}
