using System.Diagnostics;
using System.Globalization;
using LiveGrains.Engine;
using LiveGrains.Engine.Shards;
using LiveGrains.Postgres;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>`postgresDurable`: the load of `durable` into a PostgreSQL server of our own, against the same load into files.</summary>
internal sealed class PostgresDurableBenchmark : IBenchmark
{
    private const int Blocks = 8_000;

    public string Name => "postgresDurable";

    public string What => "in process, blocks in, log in PostgreSQL on the same machine, durable";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        if (PostgresServer.Missing is { } why) return new BenchmarkResult(0, "events/s") { Skipped = why };
        var world = context.World;
        var blocks = world.Blocks.Take(context.Quick ? Blocks / 10 : Blocks).ToList();
        using var server = PostgresServer.Start();
        // One after the other, twice, so that both meet the same machine.
        double rows = 0, files = 0, frames = 0;
        for (var turn = 0; turn < 2; turn++)
        {
            using (var shard = new DurableShard(world, context.NewDirectory())) files = Math.Max(files, Measure(shard, blocks));
            var log = new PostgresStore(server.CreateDatabase()).TakeOver(1, 7, context.CancellationToken)[0];
            using (var shard = new DurableShard(world, Shard.Open(log, world.Settings, 7, 0)))
            {
                rows = Math.Max(rows, Measure(shard, blocks));
                frames = shard.Runner.Status().LogFrames;
            }
        }

        return new BenchmarkResult(rows, "events/s")
        {
            Note = string.Create(CultureInfo.InvariantCulture, $"{rows / files:P0} of the same in files, {files:N0}; the better of two turns each; {frames:N0} frames"),
        };
    }

    private static double Measure(DurableShard shard, IReadOnlyList<(byte[] Records, int Count)> blocks)
    {
        var start = Stopwatch.GetTimestamp();
        return shard.Feed(blocks) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
