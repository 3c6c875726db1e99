using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

/// <summary>Sums that stop instead of wrapping: 9,224 payments of the largest amount would make a 64-bit sum negative.</summary>
internal static class Total
{
    /// <summary>
    /// The highest total, 10^18: so far below 2^63 that two totals, or a total and any amount, can be added or subtracted, and
    /// that the answers' sums over buckets and shards can stop at it as well.
    /// </summary>
    public const long Most = 1_000_000_000_000_000_000;

    /// <summary>The sum of two numbers from 0 to <see cref="Most"/>, at most <see cref="Most"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Of(long total, long amount) => Math.Min(total + amount, Most);

    /// <summary>Adds to a total.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref long total, long amount) => total = Of(total, amount);
}
