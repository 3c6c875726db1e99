using System.Runtime.InteropServices;

namespace LiveGrains.Core;

internal sealed unsafe partial class ShardState
{
    /// <summary>Writes the state without its settings. Equal states write equal bytes.</summary>
    public void Save(IStateSink sink)
    {
        sink.Put(Totals);
        Keys.Save(sink);
        Blobs.Save(sink);
        Rooms.Save(sink);
        Users.Save(sink);
        UserDetails.Save(sink);
        Products.Save(sink);
        Videos.Save(sink);
        Sources.Save(sink);
        ChannelNames.Save(sink);
        Pairs.Save(sink);
        Broadcasts.Save(sink);
        Visits.Save(sink);
        VisitOwners.Save(sink);
        Money.Save(sink);
        Histories.Save(sink);
        RoomItems.Save(sink);
        Channels.Save(sink);
        Comments.Save(sink);
        RoomSeries.Save(sink);
        ProductSeries.Save(sink);
        VideoSeries.Save(sink);
        Dedupe.Save(sink);
        Wheel.Save(sink);
        sink.Put(Foreign.Count);
        foreach (var (key, sums) in Foreign)
        {
            sink.Put(key.Kind);
            sink.Put(key.Row);
            sink.Put(key.Currency);
            sink.Write(MemoryMarshal.AsBytes<long>([sums.Gifts, sums.Subscribes, sums.Orders, sums.Gmv, sums.Refunds]));
        }

        sink.Put(Sketches.Count);
        foreach (var (key, sketches) in Sketches)
        {
            sink.Put(key.Kind);
            sink.Put(key.Row);
            sink.Put(sketches.Length);
            foreach (var sketch in sketches) sink.Write(sketch.Ranks);
        }

        // The complement of the count says that a ledger of traffic follows, so that without one nothing is different.
        sink.Put(Traffic == null ? LargeCounts.Count : ~LargeCounts.Count);
        foreach (var (key, count) in LargeCounts)
        {
            sink.Put(key.User);
            sink.Put(key.Type);
            sink.Put(count);
        }

        Traffic?.Save(sink);
    }

    /// <summary>Reads into an empty state what <see cref="Save"/> wrote with the same settings.</summary>
    public void Load(IStateSource source)
    {
        Totals = source.Take<Totals>();
        Keys.Load(source);
        Blobs.Load(source);
        Rooms.Load(source);
        Users.Load(source);
        UserDetails.Load(source);
        Products.Load(source);
        Videos.Load(source);
        Sources.Load(source);
        ChannelNames.Load(source);
        Pairs.Load(source);
        Broadcasts.Load(source);
        Visits.Load(source);
        VisitOwners.Load(source);
        Money.Load(source);
        Histories.Load(source);
        RoomItems.Load(source);
        Channels.Load(source);
        Comments.Load(source);
        RoomSeries.Load(source);
        ProductSeries.Load(source);
        VideoSeries.Load(source);
        Dedupe.Load(source);
        Wheel.Load(source);
        Span<long> sums = stackalloc long[5];
        for (var left = source.Take<int>(); left > 0; left--)
        {
            var key = (source.Take<uint>(), source.Take<uint>(), source.Take<uint>());
            source.Read(MemoryMarshal.AsBytes(sums));
            Foreign[key] = new ForeignSums { Gifts = sums[0], Subscribes = sums[1], Orders = sums[2], Gmv = sums[3], Refunds = sums[4] };
        }

        for (var left = source.Take<int>(); left > 0; left--)
        {
            var key = (source.Take<uint>(), source.Take<uint>());
            var sketches = new HyperLogLog[source.Take<int>()];
            for (var i = 0; i < sketches.Length; i++)
            {
                sketches[i] = new HyperLogLog();
                source.Read(sketches[i].Ranks);
            }

            Sketches[key] = sketches;
        }

        var largeCounts = source.Take<int>();
        for (var left = largeCounts < 0 ? ~largeCounts : largeCounts; left > 0; left--)
        {
            var key = (source.Take<uint>(), source.Take<int>());
            LargeCounts[key] = source.Take<long>();
        }

        if (largeCounts < 0) Traffic = TrafficLedger.Load(source);
    }

    /// <summary>A 64-bit digest of the whole state: equal for equal states.</summary>
    public ulong Digest()
    {
        var sink = new DigestSink();
        Save(sink);
        return sink.Value;
    }

    private sealed class DigestSink : IStateSink
    {
        private static readonly KeyHash Chain = new(0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179);

        public ulong Value { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            if (!bytes.IsEmpty) Value = KeyHash.Mix(Value ^ Chain.Of(bytes)) + (ulong)bytes.Length;
        }
    }
}
