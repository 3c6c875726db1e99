using System.Diagnostics;
using System.Globalization;
using LiveGrains.Core;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>Folds the whole simulated world in memory, from empty tables, on one thread.</summary>
internal static class Folding
{
    /// <summary>Seconds, and bytes that the thread allocated on the managed heap.</summary>
    public static (double Seconds, long Garbage) Run(ShardState state, List<(byte[] Records, int Count)> blocks, CancellationToken cancellationToken)
    {
        var verdicts = new byte[1 << 14];
        var garbage = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        foreach (var (records, _) in blocks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            state.Fold(records, verdicts);
        }

        return (Stopwatch.GetElapsedTime(start).TotalSeconds, GC.GetAllocatedBytesForCurrentThread() - garbage);
    }
}

/// <summary>`fold`.</summary>
internal sealed class FoldBenchmark : IBenchmark
{
    public string Name => "fold";

    public string What => "fold in memory, blocks ready, one thread, tables from empty (their pages are cleared ahead on another, as in a shard)";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        using var state = new ShardState(context.World.Settings, action => Task.Run(action));
        var (seconds, _) = Folding.Run(state, context.World.Blocks, context.CancellationToken);
        return new BenchmarkResult(context.World.Events / seconds, "events/s")
        {
            Must = 2e6,
            Goal = 3.5e6,
            Note = string.Create(CultureInfo.InvariantCulture, $"{context.World.Events:N0} events, {state.Pairs.Count:N0} audience pairs, {state.Visits.Count:N0} visits, tables {state.MemoryBytes / 1e6:N0} MB"),
        };
    }
}

/// <summary>`garbagePerEvent`.</summary>
internal sealed class GarbageBenchmark : IBenchmark
{
    public string Name => "garbagePerEvent";

    public string What => "managed bytes allocated on the fold path, the first fifth of the events left out";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        using var state = new ShardState(context.World.Settings);
        var warm = context.World.Blocks.Count / 5;
        Folding.Run(state, context.World.Blocks[..warm], context.CancellationToken);
        var rest = context.World.Blocks[warm..];
        var (_, garbage) = Folding.Run(state, rest, context.CancellationToken);
        return new BenchmarkResult((double)garbage / rest.Sum(b => (long)b.Count), "bytes")
        {
            Must = 0,
            Goal = 0,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture, $"{garbage:N0} bytes in all"),
        };
    }
}

/// <summary>`bytesPerUser`.</summary>
internal sealed class BytesPerUserBenchmark : IBenchmark
{
    public string Name => "bytesPerUser";

    public string What => "memory of a user: row, index, key, money, history; dedupe window apart";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        using var state = new ShardState(context.World.Settings);
        Folding.Run(state, context.World.Blocks, context.CancellationToken);
        double users = state.Users.Count;
        var own = (state.Users.Bytes + state.UserDetails.Bytes + state.Keys.Bytes + state.Money.Bytes + state.Histories.Bytes) / users;
        var audience = (state.Pairs.Bytes + state.Visits.Bytes + state.VisitOwners.Bytes) / users;
        var rest = (state.MemoryBytes - state.Dedupe.Bytes - state.UserBytes) / users;
        return new BenchmarkResult(own, "bytes")
        {
            Must = 400,
            Goal = 200,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"{users:N0} users; for exact distinct users and presence {audience:N0} more a user: {state.Pairs.Count / users:N1} pairs with an item ({state.Pairs.Bytes / users:N0}) and {state.Visits.Count / users:N1} visits ({(state.Visits.Bytes + state.VisitOwners.Bytes) / users:N0}); rooms, products, series and all else {rest:N0}"),
        };
    }
}

/// <summary>`hotRoom`.</summary>
internal sealed class HotRoomBenchmark : IBenchmark
{
    public string Name => "hotRoom";

    public string What => "fold with 90 % of the events in one room, as a share of the same world's fold as it is";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var hot = context.World.WithHotRoom(out var moved);
        double uniformSeconds, hotSeconds;
        using (var state = new ShardState(context.World.Settings)) (uniformSeconds, _) = Folding.Run(state, context.World.Blocks, context.CancellationToken);
        using (var state = new ShardState(context.World.Settings)) (hotSeconds, _) = Folding.Run(state, hot, context.CancellationToken);
        return new BenchmarkResult(100 * uniformSeconds / hotSeconds, "%")
        {
            Must = 60,
            Goal = 100,
            Note = string.Create(CultureInfo.InvariantCulture, $"{moved:N0} events in the hot room, {context.World.Events / hotSeconds:N0} events/s"),
        };
    }
}
