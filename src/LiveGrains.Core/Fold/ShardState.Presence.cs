using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

internal sealed unsafe partial class ShardState
{
    /// <summary>
    /// Takes an event as a signal of its user in its room (docs/semantics.md, "Presence") and returns the user's
    /// visit; null when an impression found none.
    /// </summary>
    private VisitRow* Signal(EventRecord* record, uint roomNumber, RoomRow* room, uint userNumber, bool late)
    {
        var time = record->TimeMs;
        var type = record->Type;
        var key = PairKey.Of(PairKey.RoomUser, room->Broadcast, userNumber);
        var slot = Pairs.Find(key);
        var visit = slot != null && (slot->Value & PairKey.VisitBit) != 0 ? VisitAt(slot->Value & ~PairKey.VisitBit) : null;
        if (visit == null)
        {
            if (type == EventType.Impression) return null;
            visit = AddVisit(key, slot, roomNumber, room, userNumber);
        }
        else
        {
            CloseStale(visit, room);
        }

        if (time > visit->LastEndMs)
        {
            if ((visit->Flags & VisitRow.Open) != 0 && time > visit->LastMs + Settings.PresenceTimeoutMs) Close(visit, roomNumber, room, record->ClockMs);
            if ((visit->Flags & VisitRow.Open) != 0) Extend(record, room, roomNumber, visit, late);
            else if (type != EventType.Impression) OpenSession(record, slot == null ? Pairs.Find(key)->Value : slot->Value, roomNumber, room, visit, late);
        }

        return visit;
    }

    private VisitRow* AddVisit(ulong key, HashSlot* slot, uint roomNumber, RoomRow* room, uint userNumber)
    {
        var number = Visits.Allocate();
        var visit = VisitAt(number);
        visit->Broadcast = room->Broadcast;
        visit->User = userNumber;
        var user = UserAt(userNumber);
        visit->NextOfUser = user->Visits;
        user->Visits = number;
        if (slot != null)
        {
            visit->Mask = slot->Value;
            slot->Value = number | PairKey.VisitBit;
        }
        else
        {
            AddRoomPair(key, number | PairKey.VisitBit, roomNumber, room);
        }

        return visit;
    }

    private void OpenSession(EventRecord* record, uint visitValue, uint roomNumber, RoomRow* room, VisitRow* visit, bool late)
    {
        var time = record->TimeMs;
        var clock = record->ClockMs;
        visit->Begin(time);
        visit->Epoch = (ushort)room->Epoch;
        visit->Channel = (byte)((record->Members & Members.Channel) != 0 ? ChannelPlace(record, room) : 0);
        if ((room->Flags & RoomFlags.Owned) != 0) CountView(record, visit, roomNumber, room, late);
        if (record->Type == EventType.Leave || clock > time + Settings.PresenceTimeoutMs) return;

        visit->Flags |= VisitRow.Open;
        ChangeOnline(roomNumber, room, clock, 1);
        if ((visit->Flags & VisitRow.InWheel) != 0) return;
        visit->Flags |= VisitRow.InWheel;
        Wheel.Arm(visitValue & ~PairKey.VisitBit, time + Settings.PresenceTimeoutMs + 1, ref visit->NextInWheel);
    }

    private void CountView(EventRecord* record, VisitRow* visit, uint roomNumber, RoomRow* room, bool late)
    {
        room->Counts[RoomMetric.Views]++;
        Totals.Counts[RoomMetric.Views]++;
        MarkRoomUser(roomNumber, room, ref visit->Mask, RoomMetric.Views, visit->User);
        if (!late)
        {
            RoomSeries.Open(ref room->Series, roomNumber, BucketOf(record->TimeMs))[RoomMetric.Views]++;
            room->Heat.Add(BucketOf(record->ClockMs), HeatScore.PointsOfView);
        }

        if (visit->Channel == 0) return;
        var channels = (ChannelRow*)Channels[room->Channels];
        var place = visit->Channel - 1;
        channels->Views[place]++;
        if ((visit->ChannelMask >> place & 1) != 0) return;
        visit->ChannelMask |= 1u << place;
        channels->Viewers[place]++;
    }

    private void Extend(EventRecord* record, RoomRow* room, uint roomNumber, VisitRow* visit, bool late)
    {
        var time = record->TimeMs;
        var watched = visit->Extend(time);
        if (watched != 0) CountWatched(room, roomNumber, visit->User, time, watched, late);
        if (record->Type == EventType.Leave) Close(visit, roomNumber, room, record->ClockMs);
    }

    private void CountWatched(RoomRow* room, uint roomNumber, uint user, long time, long watched, bool late)
    {
        UserAt(user)->WatchMs += watched;
        if ((room->Flags & RoomFlags.Owned) == 0) return;
        room->Counts[RoomMetric.WatchMs] += watched;
        Totals.Counts[RoomMetric.WatchMs] += watched;
        if (!late) RoomSeries.Open(ref room->Series, roomNumber, BucketOf(time))[RoomMetric.WatchMs] += watched;
    }

    private void Close(VisitRow* visit, uint roomNumber, RoomRow* room, long clock)
    {
        visit->Flags &= unchecked((byte)~VisitRow.Open);
        ChangeOnline(roomNumber, room, clock, -1);
    }

    /// <summary>Closes a session that `room.end` closed: the room has forgotten it already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CloseStale(VisitRow* visit, RoomRow* room)
    {
        if (visit->Epoch != (ushort)room->Epoch) visit->Flags &= unchecked((byte)~VisitRow.Open);
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
        if (bucket[RoomMetric.OnlineHighest] == 0) bucket[RoomMetric.OnlineHighest] = before + 1;
        bucket[RoomMetric.OnlineHighest] = Math.Max(bucket[RoomMetric.OnlineHighest], after + 1);
        bucket[RoomMetric.OnlineLast] = after + 1;
    }

    private void ExpireSessions(long clockMs)
    {
        while (Wheel.TryTake(clockMs, out var moment, out var list))
        {
            while (list != 0)
            {
                var number = list;
                var visit = VisitAt(number);
                list = visit->NextInWheel;
                Wheel.Taken();
                var roomNumber = ((BroadcastRow*)Broadcasts[visit->Broadcast])->Room;
                var room = RoomAt(roomNumber);
                // A visit of an earlier broadcast: its room ended, and the row now counts another.
                if (visit->Broadcast != room->Broadcast)
                {
                    visit->Flags = VisitRow.Seen;
                    continue;
                }

                CloseStale(visit, room);
                if ((visit->Flags & VisitRow.Open) == 0)
                {
                    visit->Flags &= unchecked((byte)~VisitRow.InWheel);
                    continue;
                }

                var deadline = visit->LastMs + Settings.PresenceTimeoutMs + 1;
                if (deadline > moment)
                {
                    Wheel.Arm(number, deadline, ref visit->NextInWheel);
                    continue;
                }

                visit->Flags &= unchecked((byte)~VisitRow.InWheel);
                Close(visit, roomNumber, room, moment);
                // Who is gone at a bucket's first millisecond was not online in it.
                if (moment % SeriesStore.BucketMs == 0 && (room->Flags & RoomFlags.Owned) != 0)
                    RoomSeries.Open(ref room->Series, roomNumber, BucketOf(moment))[RoomMetric.OnlineHighest] = room->Online + 1;
            }
        }
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
