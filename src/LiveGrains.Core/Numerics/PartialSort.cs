using System.Numerics;

namespace LiveGrains.Core;

/// <summary>
/// The smallest of many numbers in order, without ordering the rest: one pass counts them in bins between the smallest and
/// the largest, one brings those of the first bins to the front, and only these are sorted. Any thread.
/// </summary>
internal static class PartialSort
{
    private const int BinBits = 9;
    private const int Bins = 1 << BinBits;

    // Fewer are simply sorted.
    private const int FewestToCount = 64;

    /// <summary>
    /// Brings the smallest numbers to the front, in order: at least <paramref name="wanted"/>, or all when there are not so many.
    /// Says how many; behind them the others are in no order.
    /// </summary>
    public static int SortSmallest(Span<ulong> numbers, int wanted)
    {
        var count = numbers.Length <= FewestToCount && wanted > 0 ? numbers.Length : BringSmallest(numbers, wanted);
        numbers[..count].Sort();
        return count;
    }

    /// <summary>The same, but the smallest are in no order either.</summary>
    public static int BringSmallest(Span<ulong> numbers, int wanted)
    {
        if (wanted <= 0) return 0;
        if (wanted >= numbers.Length) return numbers.Length;
        ulong low = ulong.MaxValue, high = 0;
        foreach (var number in numbers)
        {
            low = Math.Min(low, number);
            high = Math.Max(high, number);
        }

        var shift = Math.Max(0, 64 - BitOperations.LeadingZeroCount(high - low) - BinBits);
        Span<int> bins = stackalloc int[Bins];
        bins.Clear();
        foreach (var number in numbers) bins[(int)((number - low) >> shift)]++;
        var below = 0;
        var bin = 0;
        while (below < wanted) below += bins[bin++];
        var front = 0;
        for (var i = 0; front < below; i++)
        {
            var number = numbers[i];
            if ((int)((number - low) >> shift) >= bin) continue;
            numbers[i] = numbers[front];
            numbers[front++] = number;
        }

        return below;
    }
}
