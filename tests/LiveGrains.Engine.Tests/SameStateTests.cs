using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Log;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Snapshots;
using LiveGrains.Model;

namespace LiveGrains.Engine.Tests;

/// <summary>The same records give the same bytes of state, however they were cut, asked about in between, saved and loaded.</summary>
public sealed class SameStateTests
{
    private const int Events = 1200;

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Any_split_with_questions_saves_and_loads_in_between_gives_the_same_digest(int seed)
    {
        var settings = SettingsOf(seed);
        var records = Records(seed);
        var end = ClockOf(records[^1]) + seed % 3 * 100_000;
        var expected = FoldAtOnce(settings, records, end);
        Assert.Equal(expected, FoldAtOnce(settings, records, end));
        for (var run = 0; run < 2; run++)
        {
            var random = new SplitMix64((ulong)(seed * 100 + run));
            var state = new ShardState(settings);
            try
            {
                for (var next = 0; next < records.Count;)
                {
                    var count = random.Chance(0.2) ? 1 : (int)Math.Min(random.Between(1, 90), records.Count - next);
                    Fold(state, records.Skip(next).Take(count));
                    next += count;
                    // Questions move the clock on, but never beyond that of an event that is to come.
                    var latest = next < records.Count ? ClockOf(records[next]) : end;
                    for (var asked = random.Below(4); asked > 0; asked--) state.AdvanceTo(random.Between(state.ClockMs, latest));
                    if (random.Chance(0.1)) SaveAndLoad(ref state);
                }

                state.AdvanceTo(end);
                Assert.Equal(expected, state.Digest());
                SaveAndLoad(ref state);
                Assert.Equal(expected, state.Digest());
            }
            finally
            {
                state.Dispose();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_shard_that_is_closed_killed_and_reopened_with_snapshots_gives_the_same_digest(int seed)
    {
        var settings = SettingsOf(seed);
        var records = Records(seed);
        var expected = FoldAtOnce(settings, records, long.MinValue);
        var random = new SplitMix64((ulong)seed * 31);
        var storage = new MemoryStorage();
        var shard = Shard.Open(storage, settings, 5, 64 << 10);
        for (var next = 0; next < records.Count;)
        {
            var block = BlockOf(records.Skip(next).Take((int)random.Between(1, 60)));
            next += block.Count;
            TestBlocks.Take(shard, block);
            if (random.Chance(0.1)) shard.Seal();
            if (random.Chance(0.1))
            {
                SnapshotBuilder.Build(new FileShardLog(storage), shard.Point.Position, 0, 1);
                new FileShardLog(storage).Retain(0);
            }

            if (!random.Chance(0.1)) continue;
            if (random.Chance(0.5)) shard.WriteSnapshot(0, 1);
            shard.Dispose();
            shard = Shard.Open(storage, settings, 6, 64 << 10);
        }

        Assert.Equal(expected, shard.State.Digest());
        shard.Dispose();
    }

    [Fact]
    public void Settings_that_change_in_the_log_give_the_same_digest_on_every_replay()
    {
        var storage = new MemoryStorage();
        var digests = new List<ulong>();
        var blocks = TestBlocks.Stream(77, 60, 10);
        for (var part = 0; part < 6; part++)
        {
            var settings = TestBlocks.Settings(new EngineOptions
            {
                Clock = ClockMode.Event,
                DedupeIds = 1024 << (part % 2),
                DedupeWindow = TimeSpan.FromSeconds(100 + 1000 * (part % 3)),
                PresenceTimeout = TimeSpan.FromSeconds(part % 2 == 0 ? 90 : 20),
                MaxUsers = part % 2 == 0 ? 6 : 1000,
                ExactAudience = part % 3 == 0 ? 3 : 1000,
            });
            using var shard = Shard.Open(storage, settings, 5, 64 << 10);
            if (part > 0) Assert.Equal(digests[^1], DigestOfReplay(storage));
            foreach (var block in blocks.Skip(part * 10).Take(10)) TestBlocks.Take(shard, block);
            digests.Add(shard.State.Digest());
        }

        Assert.Equal(digests[^1], DigestOfReplay(storage));
    }

    private static ulong DigestOfReplay(MemoryStorage storage)
    {
        ShardState? state = null;
        using var reader = new Log.LogReader(storage, default);
        long frames = 0, events = 0;
        Shard.Replay(reader, ref state, long.MaxValue, ref frames, ref events);
        using (state) return state!.Digest();
    }

    private static FoldSettings SettingsOf(int seed) => TestBlocks.Settings(new EngineOptions
    {
        Clock = ClockMode.Event,
        DedupeIds = 1024,
        DedupeWindow = TimeSpan.FromSeconds(seed % 2 == 0 ? 3600 : 40),
        PresenceTimeout = TimeSpan.FromSeconds(seed % 3 == 0 ? 5 : 90),
        // Some audiences are estimated, some users refused.
        ExactAudience = seed % 4 == 0 ? 5 : 1_000_000,
        MaxUsers = seed % 5 == 0 ? 8 : 1_000_000,
    });

    private static List<byte[]> Records(int seed)
    {
        var generator = new EventGenerator((ulong)seed, new GeneratorOptions { Channels = seed % 4 == 0 ? 40 : 6, BothItems = seed % 3 == 0, GapShare = 0.01 });
        var block = TestBlocks.Block(generator.Lines(Events), TestBlocks.EventClock());
        return Split(block);
    }

    private static List<byte[]> Split(IngestBlock block)
    {
        var records = new List<byte[]>();
        for (var rest = block.Records; !rest.IsEmpty;)
        {
            var length = BitConverter.ToUInt16(rest) * 8;
            records.Add(rest[..length].ToArray());
            rest = rest[length..];
        }

        return records;
    }

    private static long ClockOf(byte[] record) => System.Runtime.InteropServices.MemoryMarshal.Read<EventRecord>(record).ClockMs;

    private static IngestBlock BlockOf(IEnumerable<byte[]> records)
    {
        var block = new IngestBlock();
        foreach (var record in records)
        {
            record.CopyTo(block.Reserve(record.Length));
            block.Append(record.Length, block.Count);
        }

        return block;
    }

    private static void Fold(ShardState state, IEnumerable<byte[]> records)
    {
        var block = BlockOf(records);
        Assert.Equal(block.Count, state.Fold(block.Records, block.Verdicts));
    }

    private static ulong FoldAtOnce(FoldSettings settings, List<byte[]> records, long end)
    {
        using var state = new ShardState(settings);
        Fold(state, records);
        state.AdvanceTo(end);
        return state.Digest();
    }

    private static void SaveAndLoad(ref ShardState state)
    {
        var memory = new StateMemory();
        state.Save(memory);
        var loaded = new ShardState(state.Settings);
        loaded.Load(memory);
        Assert.True(memory.IsAtEnd);
        state.Dispose();
        state = loaded;
    }

    private sealed class StateMemory : IStateSink, IStateSource
    {
        private readonly MemoryStream _bytes = new();
        private int _at;

        public bool IsAtEnd => _at == _bytes.Length;

        public void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);

        public void Read(Span<byte> bytes)
        {
            _bytes.GetBuffer().AsSpan(_at, bytes.Length).CopyTo(bytes);
            _at += bytes.Length;
        }
    }
}
