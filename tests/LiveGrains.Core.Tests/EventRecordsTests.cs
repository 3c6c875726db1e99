using System.Runtime.InteropServices;

namespace LiveGrains.Core.Tests;

public sealed class EventRecordsTests
{
    [Fact]
    public void Garbage_is_judged_without_reading_beyond_it()
    {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(400)];
            random.NextBytes(bytes);
            // Make lengths and types plausible, so that the members are looked at.
            if (bytes.Length > 8 && random.Next(2) == 0)
            {
                BitConverter.TryWriteBytes(bytes, (ushort)random.Next(9, 60));
                bytes[2] = (byte)random.Next(1, 26);
                BitConverter.TryWriteBytes(bytes.AsSpan(4), random.Next(1 << 18) & random.Next(1 << 18));
            }

            EventRecords.AreWellFormed(bytes, out var count);
            Assert.InRange(count, 0, bytes.Length / EventRecord.Bytes);
        }
    }

    [Fact]
    public void Good_records_are_well_formed_and_cut_or_overlong_ones_are_not()
    {
        var record = Record();
        Assert.True(EventRecords.AreWellFormed([], out var count));
        Assert.Equal(0, count);
        Assert.True(EventRecords.AreWellFormed([.. record, .. record], out count));
        Assert.Equal(2, count);
        for (var length = 1; length < record.Length; length++) Assert.False(EventRecords.AreWellFormed(record.AsSpan(0, length), out _));
        foreach (var (at, value) in new[] { (0, 8), (0, 0), (0, 200), (2, 0), (2, 26), (72, 200), (75, 100) })
        {
            var broken = (byte[])record.Clone();
            broken[at] = (byte)value;
            Assert.False(EventRecords.AreWellFormed(broken, out _));
        }
    }

    [Fact]
    public unsafe void Members_are_found_in_their_order()
    {
        var record = Record();
        fixed (byte* p = record)
        {
            Assert.Equal("u1", System.Text.Encoding.ASCII.GetString(EventRecords.Get((EventRecord*)p, Members.User)));
            Assert.Equal("id", System.Text.Encoding.ASCII.GetString(EventRecords.Get((EventRecord*)p, Members.Id)));
            Assert.True(EventRecords.Get((EventRecord*)p, Members.Room).IsEmpty);
        }
    }

    private static byte[] Record()
    {
        var bytes = new byte[80];
        var head = new EventRecord { Units = 10, Type = EventType.Enter, Members = Members.User | Members.Id };
        MemoryMarshal.Write(bytes, head);
        new byte[] { 2, (byte)'u', (byte)'1', 2, 0, (byte)'i', (byte)'d' }.CopyTo(bytes, EventRecord.Bytes);
        return bytes;
    }
}
