using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

internal sealed unsafe partial class ShardState
{
    // Where a (broadcast, user) pair has no visit its mask is the slot's value.
    private ref uint RoomMask(HashSlot* slot, uint roomNumber, RoomRow* room, uint user)
    {
        if (slot->Value != 0) return ref slot->Value;
        return ref AddRoomPair(slot, PairKey.Of(PairKey.RoomUser, room->Broadcast, user), 1u << RoomMetric.UserMetrics, roomNumber, room)->Value;
    }

    private HashSlot* AddRoomPair(HashSlot* slot, ulong key, uint value, uint roomNumber, RoomRow* room)
    {
        slot = Pairs.AddAt(slot, key, value);
        var broadcast = (BroadcastRow*)Broadcasts[room->Broadcast];
        broadcast->Pairs++;
        if (broadcast->Pairs > Settings.ExactAudience && (room->Flags & (RoomFlags.Approximate | RoomFlags.Owned)) == RoomFlags.Owned)
        {
            room->Flags |= RoomFlags.Approximate;
            Totals.ApproximateRooms++;
            Sketch(PairKey.RoomUser, roomNumber, room->Broadcast, RoomMetric.UserMetrics);
        }

        return slot;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void MarkRoomUser(uint roomNumber, RoomRow* room, ref uint mask, int metric, uint user)
    {
        if ((mask >> metric & 1) != 0) return;
        mask |= 1u << metric;
        room->Users[metric]++;
        if ((room->Flags & RoomFlags.Approximate) != 0) Sketches[(PairKey.RoomUser, roomNumber)][metric].Add(KeyHash.Mix(user));
    }

    private void MarkItemUser(bool video, uint number, ItemRow* row, int metric, uint user)
    {
        var kind = video ? PairKey.VideoUser : PairKey.ProductUser;
        var key = PairKey.Of(kind, number, user);
        var slot = Pairs.Seek(key);
        if (slot->Value == 0)
        {
            Pairs.AddAt(slot, key, 1u << metric);
            row->Pairs++;
            if (row->Pairs > Settings.ExactAudience && row->Approximate == 0)
            {
                row->Approximate = 1;
                Totals.ApproximateItems++;
                Sketch(kind, number, number, ItemMetric.UserMetrics);
            }
        }
        else
        {
            if ((slot->Value >> metric & 1) != 0) return;
            slot->Value |= 1u << metric;
        }

        row->Users[metric]++;
        if (row->Approximate != 0) Sketches[(kind, number)][metric].Add(KeyHash.Mix(user));
    }

    /// <summary>
    /// Begins to estimate a room's (item's) distinct users, from the pairs known so far. One pass over all pairs, about 5 ns
    /// each, once for each audience that outgrows the limit.
    /// </summary>
    private void Sketch(uint kind, uint row, uint first, int metrics)
    {
        var sketches = new HyperLogLog[metrics];
        for (var i = 0; i < metrics; i++) sketches[i] = new HyperLogLog();
        Pairs.ForEach((hash, value) =>
        {
            PairKey.Parts(hash, out var slotKind, out var slotFirst, out var user);
            if (slotKind != kind || slotFirst != first) return;
            var mask = (value & PairKey.VisitBit) != 0 ? VisitAt(value & ~PairKey.VisitBit)->Mask : value;
            for (var i = 0; i < metrics; i++)
            {
                if ((mask >> i & 1) != 0) sketches[i].Add(KeyHash.Mix(user));
            }
        });
        Sketches[(kind, row)] = sketches;
    }

    // Looking for stale pairs costs more than the segment's split, so it must promise something.
    private bool HasStalePairs() =>
        Totals.ApproximateItems + Totals.ApproximateRooms != 0 || Totals.OverPairs * 8 > Pairs.Count || Pairs.Count > Settings.MaxAudiencePairs / 8 * 7;

    /// <summary>
    /// A pair may be dropped when its broadcast is over, or when its audience is estimated and the pair's session ended longer
    /// ago than an event can be late. Its visit goes with it.
    /// </summary>
    private bool IsStalePair(ulong hash, uint value)
    {
        PairKey.Parts(hash, out var kind, out var first, out _);
        switch (kind)
        {
            case PairKey.ProductUser or PairKey.VideoUser:
                return ItemAt(kind == PairKey.VideoUser, first)->Approximate != 0;
            case not PairKey.RoomUser:
                return false;
        }

        var broadcast = (BroadcastRow*)Broadcasts[first];
        var estimated = broadcast->Over == 0 && (RoomAt(broadcast->Room)->Flags & RoomFlags.Approximate) != 0;
        if (broadcast->Over == 0 && !estimated) return false;
        if ((value & PairKey.VisitBit) != 0)
        {
            var number = value & ~PairKey.VisitBit;
            var visit = VisitAt(number);
            if ((visit->Mask & VisitRow.InWheel) != 0) return false;
            if (broadcast->Over == 0 && ((visit->Mask & VisitRow.Open) != 0 || visit->LastMs > Totals.ClockMs - Settings.LatenessMs)) return false;
            Unlink(number);
            Visits.Free(number);
            VisitOwners.Free(number);
        }

        if (broadcast->Over != 0) Totals.OverPairs--;
        if (--broadcast->Pairs == 0 && broadcast->Over != 0) Broadcasts.Free(first);
        return true;
    }

    private void Unlink(uint number)
    {
        var owner = VisitOwnerAt(number);
        var user = UserAt(owner->User);
        if (user->LastVisit == number) user->LastVisit = 0;
        var link = &UserDetailAt(owner->User)->Visits;
        while (*link != number) link = &VisitOwnerAt(*link)->NextOfUser;
        *link = owner->NextOfUser;
    }
}
