using System.Buffers;
using LiveGrains.Core;
using LiveGrains.Engine;
using LiveGrains.Engine.Ingest;
using LiveGrains.Simulator;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// Two hours of a platform of 1 M users, 10 k rooms and 100 k products (with `--quick` a tenth of each), as blocks of records of
/// about a thousand events: what a shard takes from its queue. Read from the simulator's NDJSON by the engine's own reader,
/// stamped with the event clock. About 20 M events and 2.5 GB.
/// </summary>
internal sealed class SimulatedWorld
{
    private const int LinesPerBlock = 1_000;

    /// <summary>Makes the world.</summary>
    public SimulatedWorld(bool quick, CancellationToken cancellationToken)
    {
        Settings = EngineOpening.Settings(new EngineOptions { Clock = ClockMode.Event }) with { HashKey0 = 0x243F6A8885A308D3, HashKey1 = 0x13198A2E03707344 };
        var reader = new BodyReader(new RequestLimits(), new KeyHash(Settings.HashKey0, Settings.HashKey1));
        var clock = new EngineClock(ClockMode.Event, TimeProvider.System, long.MinValue);
        var simulator = Simulator(quick);
        var lines = new ArrayBufferWriter<byte>(1 << 20);
        var block = new IngestBlock();
        while (simulator.WriteNext(lines, LinesPerBlock) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            reader.Read(lines.WrittenSpan, EventFormat.NdJson, null, long.MaxValue, block);
            if (block.Rejected > 0) throw new InvalidOperationException($"The simulator made an event that is refused: {block.Errors[0].Message}");
            clock.Stamp(block.Records);
            Blocks.Add((block.Records.ToArray(), block.Count));
            Events += block.Count;
            block.Reset();
            lines.ResetWrittenCount();
        }
    }

    /// <summary>Settings with the hash keys of the records.</summary>
    public FoldSettings Settings { get; }

    /// <summary>The blocks in order.</summary>
    public List<(byte[] Records, int Count)> Blocks { get; } = [];

    /// <summary>Events in all blocks.</summary>
    public long Events { get; }

    /// <summary>The simulator of this world.</summary>
    public static PlatformSimulator Simulator(bool quick) => new(new SimulatorOptions
    {
        Seed = 1,
        Rooms = quick ? 1_000 : 10_000,
        Users = quick ? 100_000 : 1_000_000,
        Products = quick ? 10_000 : 100_000,
        Minutes = 120,
        Source = "bench",
    });

    /// <summary>The same blocks with nine of ten events that name a room moved to one room.</summary>
    public unsafe List<(byte[] Records, int Count)> WithHotRoom(out int moved)
    {
        var hash = new KeyHash(Settings.HashKey0, Settings.HashKey1);
        var hot = "hot-room"u8.ToArray();
        var hotHash = hash.Of(hot);
        var result = new List<(byte[], int)>();
        var buffer = new byte[1 << 20];
        long named = 0;
        moved = 0;
        foreach (var (records, count) in Blocks)
        {
            var used = 0;
            fixed (byte* start = records)
            fixed (byte* target = buffer)
            {
                for (var p = start; p < start + records.Length;)
                {
                    var record = (EventRecord*)p;
                    p += record->Length;
                    var move = (record->Members & Members.Room) != 0 && !record->Type.IsCatalog() && named++ % 10 != 0;
                    used += move ? Move(record, target + used, hot, hotHash) : Copy(record, target + used);
                    if (move) moved++;
                }
            }

            result.Add((buffer.AsSpan(0, used).ToArray(), count));
        }

        return result;
    }

    private static unsafe int Copy(EventRecord* record, byte* target)
    {
        Buffer.MemoryCopy(record, target, record->Length, record->Length);
        return record->Length;
    }

    private static unsafe int Move(EventRecord* record, byte* target, byte[] room, ulong roomHash)
    {
        var source = (byte*)record;
        var head = EventRecord.Bytes;
        var user = (record->Members & Members.User) != 0 ? 1 + source[head] : 0;
        var oldRoom = 1 + source[head + user];
        var rest = record->Length - head - user - oldRoom;
        var length = (head + user + 1 + room.Length + rest + 7) & ~7;
        new Span<byte>(target, length).Clear();
        Buffer.MemoryCopy(source, target, head + user, head + user);
        target[head + user] = (byte)room.Length;
        room.CopyTo(new Span<byte>(target + head + user + 1, room.Length));
        Buffer.MemoryCopy(source + head + user + oldRoom, target + head + user + 1 + room.Length, rest, rest);
        var moved = (EventRecord*)target;
        moved->Units = (ushort)(length / 8);
        moved->RoomHash = roomHash;
        return length;
    }
}
