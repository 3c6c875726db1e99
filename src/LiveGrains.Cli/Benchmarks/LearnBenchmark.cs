using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using LiveGrains.Core;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// `learnPerEvent`: what histories and co-visits add to the fold of an event, when users have come to ten items on average.
/// A quarter of the events bring a user to another item, drawn by Zipf's law; the rest come back to one of the last two.
/// </summary>
internal sealed class LearnBenchmark : IBenchmark
{
    private const int Items = 100_000;
    private const int Ahead = 4;
    private const int FillPerUser = 20;
    private const int MeasuredPerUser = 5;

    public string Name => "learnPerEvent";

    public string What => "histories and co-visits an event, a quarter of them learning; 1 M users, 100,000 items";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var users = context.Quick ? 100_000 : 1_000_000;
        var fill = users * FillPerUser;
        var events = fill + users * MeasuredPerUser;
        var stream = Stream(users, fill, events);
        using var arena = new NativeArena();
        var model = new InterestModel(arena, InterestOptions.Sequences);
        var histories = new uint[users];
        // What is measured is a platform in its run.
        Fold(model, histories, stream.AsSpan(0, fill), 0, context.CancellationToken);
        var garbage = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        var learned = Fold(model, histories, stream.AsSpan(fill), fill, context.CancellationToken);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        garbage = GC.GetAllocatedBytesForCurrentThread() - garbage;
        return new BenchmarkResult(seconds / (events - fill) * 1e9, "ns")
        {
            Must = 1000,
            Goal = 300,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"{(double)learned / (events - fill):P0} learn; histories {model.Histories.Bytes / (double)users:N0} bytes a user, co-visits {model.CoVisits.Bytes / (double)Items:N0} an item; {garbage:N0} bytes of garbage; {model.CoVisits.Replaced + model.CoVisits.Refused:N0} pairs met a full table"),
        };
    }

    // As in the fold: what an event touches is asked for some events before it comes.
    private static long Fold(InterestModel model, uint[] histories, ReadOnlySpan<(uint User, uint Item)> events, int first, CancellationToken cancellationToken)
    {
        long learned = 0;
        for (var i = 0; i < events.Length; i++)
        {
            if ((i & 0xFFFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            // In the fold the user's row is there by now: its number of the history is part of it.
            if (i + 4 * Ahead < events.Length) Prefetch(ref histories[events[i + 4 * Ahead].User]);
            if (i + 3 * Ahead < events.Length) model.PrefetchHistory(histories[events[i + 3 * Ahead].User]);
            if (i + 2 * Ahead < events.Length) model.PrefetchItems(histories[events[i + 2 * Ahead].User], events[i + 2 * Ahead].Item);
            if (i + Ahead < events.Length) model.PrefetchPairs(histories[events[i + Ahead].User], events[i + Ahead].Item);
            var (user, item) = events[i];
            if (model.Touch(ref histories[user], item, (uint)(1_700_000_000 + (first + i) / 5000), 1).WasNew) learned++;
        }
        return learned;
    }

    private static unsafe void Prefetch(ref uint number)
    {
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref number));
    }

    private static (uint User, uint Item)[] Stream(int users, int fill, int events)
    {
        var random = new Random(42);
        var cumulative = new double[Items];
        double sum = 0;
        for (var i = 0; i < Items; i++) cumulative[i] = sum += 1.0 / (i + 1);
        var last = new uint[users];
        var before = new uint[users];
        var stream = new (uint, uint)[events];
        for (var i = 0; i < events; i++)
        {
            var user = random.Next(users);
            uint item;
            if (last[user] == 0 || random.Next(100) < (i < fill ? 50 : 25))
            {
                var place = Array.BinarySearch(cumulative, random.NextDouble() * sum);
                var rank = place < 0 ? Math.Min(~place, Items - 1) : place;
                item = InterestItem.Of(rank % 4 == 0 ? InterestKind.Room : InterestKind.Product, (uint)(rank + 1));
                before[user] = last[user];
                last[user] = item;
            }
            else
            {
                item = before[user] != 0 && random.Next(4) == 0 ? before[user] : last[user];
            }
            stream[i] = ((uint)user, item);
        }
        return stream;
    }
}
