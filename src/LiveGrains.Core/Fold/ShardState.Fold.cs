using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

internal sealed unsafe partial class ShardState
{
    // A pass over the batch must last longer than a memory access, and what it asked for must stay in the second-level cache.
    private const int Batch = 48;

    /// <summary>The rows that an event is about; 0: the event does not name one.</summary>
    private ref struct Subject
    {
        public uint User;
        public uint Room;
        public uint Product;
        public uint Video;
        public UserRow* UserRow;
        public RoomRow* RoomRow;
        public ItemRow* ProductRow;
    }

    /// <summary>
    /// Folds well-formed records in order. A verdict is written for each; <paramref name="verdicts"/> has room for all.
    /// Records are taken in small batches: the first passes only ask for the memory that the last one will touch.
    /// </summary>
    public int Fold(ReadOnlySpan<byte> records, Span<byte> verdicts)
    {
        var batch = stackalloc Upcoming[Batch];
        var done = 0;
        fixed (byte* start = records)
        {
            var p = start;
            var end = start + records.Length;
            while (p < end)
            {
                var n = 0;
                while (n < Batch && p < end)
                {
                    var record = (EventRecord*)p;
                    batch[n++].Record = record;
                    PrefetchSlots(record);
                    p += record->Length;
                }

                Prefetch(batch, n);
                for (var i = 0; i < n; i++) verdicts[done++] = (byte)FoldOne(batch + i);
            }
        }

        return done;
    }

    /// <summary>Moves the clock on: sessions that are silent for too long end. The clock never goes back.</summary>
    public void AdvanceTo(long clockMs)
    {
        if (clockMs <= Totals.ClockMs) return;
        Totals.ClockMs = clockMs;
        ExpireSessions(clockMs);
        Dedupe.AdvanceTo(clockMs);
        Traffic?.AdvanceTo(clockMs);
    }

    private static bool IsKeptAsRecent(EventType type) => type is not (EventType.UserUpsert or EventType.Impression or EventType.Heartbeat or EventType.Leave);

    private static int RecentPlace(UserRow* user) => (user->RecentCount & (UserDetail.RecentInteractions - 1)) * UserDetail.RecentBytes;

    private Verdict FoldOne(Upcoming* next)
    {
        var record = next->Record;
        AdvanceTo(record->ClockMs);
        SealBuckets();
        if (IsDuplicate(record, out var source))
        {
            Totals.Duplicates++;
            return Verdict.Duplicate;
        }

        if (record->Owns == Owns.Traffic && record->Type == EventType.Impression) return CountForeignTraffic(record, source);
        var sequence = (record->Members & Members.Sequence) != 0;
        if ((sequence && source == 0 && Sources.Count >= MaxSources) || !TryResolve(next, out var subject))
        {
            Totals.CapacityRefusals++;
            return Verdict.Capacity;
        }

        if (sequence) AdvanceSource(record, source);
        else Dedupe.Add(record->IdHash, record->IdHash2);

        var late = record->TimeMs < record->ClockMs - Settings.LatenessMs;
        Totals.Accepted++;
        if (late) Totals.Late++;
        if ((record->Owns & Owns.Primary) != 0)
        {
            Totals.Primary++;
            if (late) Totals.PrimaryLate++;
        }

        if (record->Type.IsCatalog()) ApplyCatalog(record, subject);
        else if (record->Type == EventType.UserUpsert) UpsertUser(record, subject);
        else if (record->Type == RecordTypes.TrafficPolicy) ApplyPolicy(record);
        else Apply(next, subject, late);
        return Verdict.Accepted;
    }

    private bool IsDuplicate(EventRecord* record, out uint source)
    {
        source = 0;
        if ((record->Members & Members.Sequence) == 0) return Dedupe.Contains(record->IdHash, record->IdHash2);
        var name = EventRecords.Get(record, Members.Source);
        source = Sources.Find(Hash.Of(name), name);
        return source != 0 && (long)record->IdHash <= ((SourceRow*)Sources.Rows[source])->HighestSeq;
    }

    private void AdvanceSource(EventRecord* record, uint source)
    {
        if (source == 0)
        {
            var name = EventRecords.Get(record, Members.Source);
            source = Sources.Add(Hash.Of(name), name);
        }

        ((SourceRow*)Sources.Rows[source])->HighestSeq = (long)record->IdHash;
    }

    /// <summary>Finds or adds the rows of an event; adds none when one of them cannot be added.</summary>
    private bool TryResolve(Upcoming* next, out Subject subject)
    {
        subject = default;
        var record = next->Record;
        var members = record->Members;
        // A catalog event is about one thing, whatever other ids it carries.
        var about = KeysOf(record->Type);
        ulong videoHash = 0;
        ReadOnlySpan<byte> user = default, room = default, product = default, video = default;
        var p = (byte*)record + EventRecord.Bytes;
        var end = (byte*)record + record->Length;
        if ((members & Members.User) != 0)
        {
            user = new ReadOnlySpan<byte>(p + 1, *p);
            if ((about & Members.User) != 0) subject.User = Users.Find(record->UserHash, p, end - p, next->User, next->UserRow);
            else user = default;
            p += 1 + *p;
        }

        if ((members & Members.Room) != 0)
        {
            room = new ReadOnlySpan<byte>(p + 1, *p);
            if ((about & Members.Room) != 0) subject.Room = Rooms.Find(record->RoomHash, p, end - p, next->Room, next->RoomRow);
            else room = default;
            p += 1 + *p;
        }

        if ((members & Members.Product) != 0)
        {
            product = new ReadOnlySpan<byte>(p + 1, *p);
            if ((about & Members.Product) != 0) subject.Product = Products.Find(record->ItemHash, p, end - p, next->Product, next->ProductRow);
            else product = default;
            p += 1 + *p;
        }

        if ((members & Members.Video) != 0)
        {
            video = new ReadOnlySpan<byte>(p + 1, *p);
            videoHash = (members & Members.Product) != 0 ? Hash.Of(video) : record->ItemHash;
            if ((about & Members.Video) != 0) subject.Video = Videos.Find(videoHash, video);
            else video = default;
        }

        if (!AddNew(next, ref subject, user, room, product, video, videoHash)) return false;
        if (subject.User != 0) subject.UserRow = subject.User == next->User ? next->UserRow : UserAt(subject.User);
        if (subject.Room != 0) subject.RoomRow = subject.Room == next->Room ? next->RoomRow : RoomAt(subject.Room);
        if (subject.Product != 0) subject.ProductRow = subject.Product == next->Product ? next->ProductRow : ItemAt(false, subject.Product);
        var owns = record->Owns;
        if (subject.User != 0 && (owns & Owns.User) != 0 && subject.UserRow->Owned == 0)
        {
            subject.UserRow->Owned = 1;
            Totals.UsersOwned++;
        }

        if (subject.Product != 0 && (owns & Owns.Product) != 0) TakeOwnership(subject.ProductRow, ref Totals.ProductsOwned);
        if (subject.Video != 0 && (owns & Owns.Video) != 0) TakeOwnership(ItemAt(true, subject.Video), ref Totals.VideosOwned);
        return true;
    }

    private bool AddNew(Upcoming* next, ref Subject subject, ReadOnlySpan<byte> user, ReadOnlySpan<byte> room, ReadOnlySpan<byte> product, ReadOnlySpan<byte> video, ulong videoHash)
    {
        var record = next->Record;
        var newUser = subject.User == 0 && !user.IsEmpty;
        var newRoom = subject.Room == 0 && !room.IsEmpty;
        var newProduct = subject.Product == 0 && !product.IsEmpty;
        var newVideo = subject.Video == 0 && !video.IsEmpty;
        // An event adds at most two visits' worth of pairs, so a small reserve keeps the check out of the hot path.
        if (Pairs.Count + 5 > Settings.MaxAudiencePairs) return false;
        if (newUser && Users.Count >= Settings.MaxUsers) return false;
        if (newRoom && Rooms.Count >= Settings.MaxRooms) return false;
        if (newProduct && Products.Count >= Settings.MaxProducts) return false;
        if (newVideo && Videos.Count >= Settings.MaxProducts) return false;
        if (newUser) subject.User = AddUser(record->UserHash, user);
        if (newRoom) subject.Room = AddRoom(record, room);
        if (newProduct) subject.Product = Products.Add(record->ItemHash, product);
        if (newVideo) subject.Video = Videos.Add(videoHash, video);
        if (Traffic != null && newProduct) DescribeTraffic(InterestItem.Of(InterestKind.Product, subject.Product));
        if (Feed == null) return true;
        if (newRoom) TellItem(Feed, InterestItem.Of(InterestKind.Room, subject.Room));
        if (newProduct) TellItem(Feed, InterestItem.Of(InterestKind.Product, subject.Product));
        if (newVideo) TellItem(Feed, InterestItem.Of(InterestKind.Video, subject.Video));
        return true;
    }

    private uint AddUser(ulong hash, ReadOnlySpan<byte> key)
    {
        UserDetails.Allocate();
        return Users.Add(hash, key);
    }

    private static Members KeysOf(EventType type) => type switch
    {
        EventType.RoomStart or EventType.RoomUpdate or EventType.RoomEnd => Members.Room,
        EventType.ProductUpsert => Members.Product,
        EventType.VideoUpsert => Members.Video,
        EventType.UserUpsert => Members.User,
        _ => Members.Keys,
    };

    private static void TakeOwnership(ItemRow* row, ref long owned)
    {
        if (row->Owned != 0) return;
        row->Owned = 1;
        owned++;
    }

    private void Apply(Upcoming* next, in Subject subject, bool late)
    {
        var record = next->Record;
        var type = record->Type;
        var foreign = (record->Members & Members.Currency) != 0
            && FoldSettings.CurrencyOf(EventRecords.Get(record, Members.Currency)) != Settings.Currency;
        var item = subject.Product != 0 || subject.Video != 0;
        VisitRow* visit = null;
        if (subject.Room != 0)
        {
            var room = subject.RoomRow;
            GoOnAir(room, subject.Room, record);
            var owned = (room->Flags & RoomFlags.Owned) != 0;
            HashSlot* pair = null;
            visit = owned || (record->Owns & Owns.User) != 0 ? Signal(next, subject, late, out pair) : null;
            if (owned) CountInRoom(record, subject, room, late, foreign, visit, pair);
        }
        else if ((record->Owns & Owns.Primary) != 0)
        {
            CountForPlatform(type, item, record->Count, foreign ? 0 : record->Value);
        }

        if (Traffic != null && type == EventType.Impression) CountTraffic(record, subject);
        if (subject.Product != 0) CountItem(record, subject, false, late, foreign);
        if (subject.Video != 0) CountItem(record, subject, true, late, foreign);
        if ((record->Owns & Owns.User) == 0) return;
        CountUser(record, subject, foreign);
        if (type is not (EventType.Heartbeat or EventType.Leave)) TouchInterest(record, subject);
        else if (type == EventType.Leave && visit != null) NoteLeave(record, subject, visit);
    }

    private void CountInRoom(EventRecord* record, in Subject subject, RoomRow* room, bool late, bool foreign, VisitRow* visit, HashSlot* pair)
    {
        var type = record->Type;
        if (late) room->Late++;
        var metric = RoomMetric.Of(type, subject.Product != 0 || subject.Video != 0);
        if (metric < 0) return;
        var amountMetric = RoomMetric.AmountOf(type);
        var amount = amountMetric < 0 || foreign ? 0 : record->Value;
        room->Counts[metric] += record->Count;
        if (amountMetric >= 0) Total.Add(ref room->Counts[amountMetric], amount);
        CountForPlatform(type, subject.Product != 0 || subject.Video != 0, record->Count, amount);
        ref var mask = ref visit != null ? ref visit->Mask : ref RoomMask(pair, subject.Room, room, subject.User);
        MarkRoomUser(subject.Room, room, ref mask, metric, subject.User);
        if (RoomMetric.IsInteraction(metric)) MarkRoomUser(subject.Room, room, ref mask, RoomMetric.InteractionUsers, subject.User);
        if (!late)
        {
            var bucket = RoomSeries.Open(ref room->Series, subject.Room, BucketOf(record->TimeMs));
            RoomSeries.At(bucket, metric) += record->Count;
            if (amountMetric >= 0) Total.Add(ref RoomSeries.At(bucket, amountMetric), amount);
            var points = HeatScore.PointsOf(type, record->Count, amount);
            if (points != 0) room->Heat.Add(BucketOf(record->ClockMs), points);
        }

        if (type == EventType.Comment) SampleComment(record, room, subject.User);
        if (type == EventType.Pay && !foreign) CountChannelGmv(record, room, visit);
        if (!foreign || amountMetric < 0) return;
        room->Flags |= RoomFlags.HasForeign;
        AddForeign(PairKey.RoomUser, subject.Room, record);
    }

    private void CountChannelGmv(EventRecord* record, RoomRow* room, VisitRow* visit)
    {
        var channel = (record->Members & Members.Channel) != 0 ? ChannelPlace(record, room) : visit->Channel;
        if (channel > 0) Total.Add(ref ((ChannelRow*)Channels[room->Channels])->Gmv(channel - 1), record->Value);
    }

    private void SampleComment(EventRecord* record, RoomRow* room, uint user)
    {
        var text = EventRecords.Get(record, Members.Text);
        // A sequence number is no hash, and producers number alike.
        if (!text.IsEmpty) Comments.Offer(ref room->Comments, KeyHash.Mix(record->IdHash ^ KeyHash.Mix(record->UserHash ^ (ulong)record->TimeMs)), user, text);
    }

    private void CountForPlatform(EventType type, bool item, uint count, long amount)
    {
        var metric = RoomMetric.Of(type, item);
        if (metric < 0) return;
        Totals.Counts[metric] += count;
        var amountMetric = RoomMetric.AmountOf(type);
        if (amountMetric >= 0) Total.Add(ref Totals.Counts[amountMetric], amount);
    }

    private void CountItem(EventRecord* record, in Subject subject, bool video, bool late, bool foreign)
    {
        var type = record->Type;
        var metric = ItemMetric.Of(type);
        var number = video ? subject.Video : subject.Product;
        var row = video ? ItemAt(true, number) : subject.ProductRow;
        if (late && row->Owned != 0) row->Late++;
        if (metric < 0 || (video ? type >= EventType.Cart : type == EventType.Play)) return;
        var amountMetric = ItemMetric.AmountOf(type);
        var amount = foreign && type != EventType.Play ? 0 : record->Value;
        if (row->Owned != 0)
        {
            row->Counts[metric] += record->Count;
            if (amountMetric >= 0) Total.Add(ref row->Counts[amountMetric], amount);
            MarkItemUser(video, number, row, metric, subject.User);
            if (!late)
            {
                var series = video ? VideoSeries : ProductSeries;
                var bucket = series.Open(ref row->Series, number, BucketOf(record->TimeMs));
                series.At(bucket, metric) += record->Count;
                if (amountMetric >= 0) Total.Add(ref series.At(bucket, amountMetric), amount);
            }

            if (foreign && amountMetric >= 0 && type != EventType.Play)
                AddForeign(video ? PairKey.VideoUser : PairKey.ProductUser, number, record);
        }

        var inRoom = RoomItemMetric.Of(type);
        if (subject.Room == 0 || (record->Owns & (Owns.Room | Owns.Product | Owns.Video)) == 0) return;
        var part = RoomItem(subject.Room, subject.RoomRow, video, number, row);
        if (inRoom < 0) return;
        part->Counts[inRoom] += record->Count;
        if (type is EventType.Order or EventType.Pay or EventType.Refund)
            Total.Add(ref part->Counts[inRoom - RoomItemMetric.Orders + RoomItemMetric.OrderAmount], amount);
    }

    private RoomItemRow* RoomItem(uint roomNumber, RoomRow* room, bool video, uint number, ItemRow* item)
    {
        var key = PairKey.Of(video ? PairKey.RoomVideo : PairKey.RoomProduct, roomNumber, number);
        var slot = Pairs.Seek(key);
        RoomItemRow* part;
        if (slot->Value == 0)
        {
            var added = RoomItems.Allocate();
            part = (RoomItemRow*)RoomItems[added];
            part->Room = roomNumber;
            part->Item = number | (video ? 1u << 31 : 0);
            part->NextOfRoom = room->Items;
            part->NextOfItem = item->Rooms;
            part->Broadcast = room->Broadcast;
            room->Items = added;
            item->Rooms = added;
            Pairs.AddAt(slot, key, added);
            return part;
        }

        part = (RoomItemRow*)RoomItems[slot->Value];
        if (part->Broadcast != room->Broadcast)
        {
            part->Broadcast = room->Broadcast;
            for (var i = 0; i < RoomItemMetric.Counters; i++) part->Before[i] = part->Counts[i];
        }

        return part;
    }

    private void CountUser(EventRecord* record, in Subject subject, bool foreign)
    {
        var user = subject.UserRow;
        var type = record->Type;
        var index = (int)type - (int)UserRow.FirstType;
        ref var counter = ref index < UserRow.Types ? ref user->Counts[index] : ref UserDetailAt(subject.User)->Counts[index - UserRow.Types];
        var count = counter + record->Count;
        if (count < ushort.MaxValue) counter = (ushort)count;
        else CountLarge(subject.User, ref counter, index, record->Count);
        switch (type)
        {
            case EventType.Pay or EventType.Gift or EventType.Subscribe or EventType.Refund: CountMoney(UserDetailAt(subject.User), type, foreign ? 0 : record->Value); break;
            case EventType.Play: user->WatchMs += record->Value; break;
        }

        if (!IsKeptAsRecent(type)) return;
        var entry = UserDetailAt(subject.User)->Recent + RecentPlace(user);
        // The ring's count wraps at 2·8, which keeps both its place and whether it is full.
        user->RecentCount = (ushort)(user->RecentCount == 2 * UserDetail.RecentInteractions - 1 ? UserDetail.RecentInteractions : user->RecentCount + 1);
        var item = subject.Product != 0 ? 1u << 30 | subject.Product : subject.Video != 0 ? 2u << 30 | subject.Video : subject.Room;
        Unsafe.WriteUnaligned(entry, item | (uint)type << 25);
        Unsafe.WriteUnaligned(entry + 4, (uint)record->TimeMs);
        Unsafe.WriteUnaligned(entry + 8, (ushort)(record->TimeMs >> 32));
    }

    private void CountMoney(UserDetail* user, EventType type, long amount)
    {
        if (amount == 0) return;
        if (user->Money == 0) user->Money = Money.Allocate();
        var money = (MoneyRow*)Money[user->Money];
        if (type == EventType.Pay) Total.Add(ref money->Paid, amount);
        else if (type == EventType.Refund) Total.Add(ref money->Refunded, amount);
        else Total.Add(ref money->Gifted, amount);
    }

    private void CountLarge(uint number, ref ushort counter, int index, uint count)
    {
        if (counter != ushort.MaxValue)
        {
            LargeCounts[(number, index)] = counter;
            counter = ushort.MaxValue;
        }

        LargeCounts[(number, index)] += count;
    }

    private void AddForeign(uint kind, uint row, EventRecord* record)
    {
        var currency = FoldSettings.CurrencyOf(EventRecords.Get(record, Members.Currency));
        if (!Foreign.TryGetValue((kind, row, currency), out var sums)) Foreign[(kind, row, currency)] = sums = new ForeignSums();
        switch (record->Type)
        {
            case EventType.Gift: Total.Add(ref sums.Gifts, record->Value); break;
            case EventType.Subscribe: Total.Add(ref sums.Subscribes, record->Value); break;
            case EventType.Order: Total.Add(ref sums.Orders, record->Value); break;
            case EventType.Pay: Total.Add(ref sums.Gmv, record->Value); break;
            case EventType.Refund: Total.Add(ref sums.Refunds, record->Value); break;
        }
    }

    // As many as an event can open on average, and one more for rooms, so that the queue of ended buckets shrinks.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SealBuckets()
    {
        // A bucket is out of reach when its last millisecond is later than allowed.
        var reach = Totals.ClockMs - Settings.LatenessMs;
        if (reach < RoomSeries.FirstEndMs && reach < ProductSeries.FirstEndMs && reach < VideoSeries.FirstEndMs) return;
        var now = BucketOf(Totals.ClockMs);
        for (var i = 0; i < 3 && reach >= RoomSeries.FirstEndMs; i++) RoomSeries.SealFirst(now);
        if (reach >= ProductSeries.FirstEndMs) ProductSeries.SealFirst(now);
        if (reach >= VideoSeries.FirstEndMs) VideoSeries.SealFirst(now);
    }

    /// <summary>The bucket of a moment, rounding down also before 1970.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long BucketOf(long timeMs) => timeMs >= 0 ? timeMs / SeriesStore.BucketMs : (timeMs - (SeriesStore.BucketMs - 1)) / SeriesStore.BucketMs;
}
