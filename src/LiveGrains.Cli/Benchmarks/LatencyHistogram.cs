using System.Numerics;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>
/// Counts of durations in buckets whose width is 1/128 of their value, so that a percentile is off by at most 0.4 %. Values
/// are nanoseconds from 0 to 2^62. One writer; merge histograms of several threads afterwards.
/// </summary>
public sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubBuckets = 1 << SubBits;
    private readonly long[] _counts = new long[(63 - SubBits) * SubBuckets + SubBuckets];
    private double _sum;

    /// <summary>Number of values.</summary>
    public long Count { get; private set; }

    /// <summary>The highest value, exactly.</summary>
    public long MaxNanoseconds { get; private set; }

    /// <summary>The mean, exactly.</summary>
    public double MeanNanoseconds => Count == 0 ? 0 : _sum / Count;

    /// <summary>Adds one value; a negative one counts as 0.</summary>
    public void Record(long nanoseconds)
    {
        if (nanoseconds < 0) nanoseconds = 0;
        _counts[Index(nanoseconds)]++;
        Count++;
        _sum += nanoseconds;
        if (nanoseconds > MaxNanoseconds) MaxNanoseconds = nanoseconds;
    }

    /// <summary>Adds all values of another histogram.</summary>
    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        _sum += other._sum;
        MaxNanoseconds = Math.Max(MaxNanoseconds, other.MaxNanoseconds);
    }

    /// <summary>The value that <paramref name="percent"/> of the values do not exceed (nearest rank), in nanoseconds; 0 without values.</summary>
    public double Percentile(double percent)
    {
        if (Count == 0) return 0;
        var rank = Math.Clamp((long)Math.Ceiling(percent / 100 * Count), 1, Count);
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= rank) return Math.Min(Middle(i), MaxNanoseconds);
        }
        return MaxNanoseconds;
    }

    /// <summary>`p50 93 µs, p90 …, p99 …, p99.9 …`.</summary>
    public override string ToString() =>
        $"p50 {Words.Microseconds(Percentile(50) / 1e3)}, p90 {Words.Microseconds(Percentile(90) / 1e3)}, p99 {Words.Microseconds(Percentile(99) / 1e3)}, p99.9 {Words.Microseconds(Percentile(99.9) / 1e3)}";

    // Below 128 every value has its bucket; above, each power of two has 128.
    private static int Index(long value)
    {
        if (value < SubBuckets) return (int)value;
        var shift = 63 - BitOperations.LeadingZeroCount((ulong)value) - SubBits;
        return (shift << SubBits) + (int)(value >> shift);
    }

    private static double Middle(int index)
    {
        if (index < 2 * SubBuckets) return index;
        var shift = (index >> SubBits) - 1;
        var low = (long)((index & (SubBuckets - 1)) | SubBuckets) << shift;
        return low + ((1L << shift) - 1) / 2.0;
    }
}
