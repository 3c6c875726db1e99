using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Shards;
using LiveGrains.Model;

namespace LiveGrains.Engine.Tests;

/// <summary>Makes stamped records from JSON lines, as the engine does between a request and a shard.</summary>
internal static class TestBlocks
{
    /// <summary>Small settings that are the same in every run.</summary>
    public static FoldSettings Settings(EngineOptions? options = null)
    {
        var settings = EngineOpening.Settings(options ?? new EngineOptions { Clock = ClockMode.Event, DedupeIds = 1024 });
        settings.HashKey0 = 0x243F6A8885A308D3;
        settings.HashKey1 = 0x13198A2E03707344;
        return settings;
    }

    /// <summary>One block of lines; with a clock they are stamped.</summary>
    public static IngestBlock Block(IEnumerable<byte[]> lines, EngineClock? clock = null)
    {
        var settings = Settings();
        var block = new IngestBlock();
        var body = lines.SelectMany(line => line.Append((byte)'\n')).ToArray();
        new BodyReader(new RequestLimits(), new KeyHash(settings.HashKey0, settings.HashKey1)).Read(body, EventFormat.NdJson, null, long.MaxValue, block);
        clock?.Stamp(block.Records);
        return block;
    }

    /// <summary>A clock that the events move.</summary>
    public static EngineClock EventClock() => new(ClockMode.Event, TimeProvider.System, long.MinValue);

    /// <summary>Blocks of a seed's stream.</summary>
    public static List<IngestBlock> Stream(ulong seed, int blocks, int eventsPerBlock, GeneratorOptions? options = null)
    {
        var generator = new EventGenerator(seed, options);
        var clock = EventClock();
        return [.. Enumerable.Range(0, blocks).Select(_ => Block(generator.Lines(eventsPerBlock), clock))];
    }

    /// <summary>Makes a block durable and folds it.</summary>
    public static void Take(Shard shard, IngestBlock block)
    {
        shard.Commit([block], 0);
        shard.Fold(block);
    }
}
