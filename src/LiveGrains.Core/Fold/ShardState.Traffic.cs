using System.Text;

namespace LiveGrains.Core;

internal sealed unsafe partial class ShardState
{
    /// <summary>The ledger of traffic, on the first shard from the first policy on; else null.</summary>
    internal TrafficLedger? Traffic { get; private set; }

    private void ApplyPolicy(EventRecord* record)
    {
        if ((record->Owns & Owns.Traffic) == 0) return;
        var policy = TrafficPolicyJson.Read(EventRecords.Get(record, Members.Text));
        if (Traffic != null)
        {
            Traffic.Replace(policy, record->Value);
        }
        else
        {
            Traffic = new TrafficLedger(policy, record->Value, record->ClockMs);
            for (uint room = 1; room <= Rooms.Count; room++) BeginTraffic(room);
        }

        // Products that the policy names, so that one that was never shown can be.
        foreach (var boost in policy.Boosts)
        {
            if (boost.Product == null) continue;
            var key = Encoding.UTF8.GetBytes(boost.Product);
            var product = Products.Find(Hash.Of(key), key);
            if (product != 0) DescribeTraffic(InterestItem.Of(InterestKind.Product, product));
        }
    }

    // What a room of before the first policy brings along.
    private void BeginTraffic(uint room)
    {
        var row = RoomAt(room);
        if ((row->Flags & RoomFlags.Live) == 0) return;
        var item = InterestItem.Of(InterestKind.Room, room);
        DescribeTraffic(item);
        // Who is on air already had their beginning.
        Traffic!.HadBefore(item, Math.Max(1, row->Counts[RoomMetric.Impressions]));
        Traffic.GoOnAir(item, row->StartedClockMs);
    }

    private void StartTraffic(RoomRow* room, uint number, EventRecord* record)
    {
        var item = InterestItem.Of(InterestKind.Room, number);
        // A room that says who its host is goes on air with that host.
        if ((record->Members & (Members.Host | Members.Category)) != 0) room->Catalog = Describe(room->Catalog, record);
        DescribeTraffic(item);
        Traffic!.GoOnAir(item, record->ClockMs);
    }

    private void DescribeTraffic(uint item)
    {
        var row = InterestItem.Row(item);
        var isRoom = InterestItem.Kind(item) == InterestKind.Room;
        var catalog = CatalogOf(item);
        Traffic!.Describe(item, Text((isRoom ? Rooms : Products).Key(row)), Text(CatalogBlob.Get(catalog, Members.Host)), Text(CatalogBlob.Get(catalog, Members.Category)));
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private void CountTraffic(EventRecord* record, in Subject subject)
    {
        if ((record->Owns & Owns.Traffic) == 0) return;
        if (subject.Product != 0) Traffic!.Delivered(InterestItem.Of(InterestKind.Product, subject.Product), record->Count, record->ClockMs, record->UserHash);
        else if (subject.Video == 0 && subject.Room != 0) Traffic!.Delivered(InterestItem.Of(InterestKind.Room, subject.Room), record->Count, record->ClockMs, record->UserHash);
    }

    // An impression of another shard's room: only the ledger hears of it, so that its user needs no row here.
    private Verdict CountForeignTraffic(EventRecord* record, uint source)
    {
        if ((record->Members & Members.Sequence) == 0)
        {
            Dedupe.Add(record->IdHash, record->IdHash2);
        }
        else
        {
            if (source == 0 && Sources.Count >= MaxSources) return Verdict.Duplicate;
            AdvanceSource(record, source);
        }

        // Judged by its own shards; this one neither takes nor refuses it.
        if (Traffic == null) return Verdict.Duplicate;
        if ((record->Members & Members.Product) != 0)
        {
            var product = Products.Find(record->ItemHash, EventRecords.Get(record, Members.Product));
            if (product != 0) Traffic.Delivered(InterestItem.Of(InterestKind.Product, product), record->Count, record->ClockMs, record->UserHash);
        }
        else if ((record->Members & (Members.Room | Members.Video)) == Members.Room)
        {
            var room = Rooms.Find(record->RoomHash, EventRecords.Get(record, Members.Room));
            Traffic.Delivered(InterestItem.Of(InterestKind.Room, room), record->Count, record->ClockMs, record->UserHash);
        }

        return Verdict.Duplicate;
    }
}
