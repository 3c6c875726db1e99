using System.Numerics;

namespace LiveGrains.Core;

/// <summary>
/// HyperLogLog with 64-bit hashes and 2^14 registers (Flajolet et al. 2007; 64-bit hashing as in HyperLogLog++, Heule et al.
/// 2013), estimated with Ertl's improved raw estimator (arXiv:1702.01284), which is unbiased over the whole range and so
/// needs neither HyperLogLog++'s tables of corrections nor its switch to linear counting. Standard error 0.81 %. 16 KiB.
/// </summary>
internal sealed class HyperLogLog
{
    /// <summary>Leading bits of the hash that choose a register.</summary>
    public const int Precision = 14;
    private const int Registers = 1 << Precision;
    private const int MaxRank = 64 - Precision + 1;
    private readonly byte[] _ranks = new byte[Registers];

    /// <summary>The registers, for saving.</summary>
    public Span<byte> Ranks => _ranks;

    /// <summary>Adds an element by its hash.</summary>
    public void Add(ulong hash)
    {
        var register = (int)(hash >> (64 - Precision));
        var rank = (byte)(BitOperations.LeadingZeroCount((hash << Precision) | (1UL << (Precision - 1))) + 1);
        if (rank > _ranks[register]) _ranks[register] = rank;
    }

    /// <summary>The estimated number of distinct elements.</summary>
    public long Estimate()
    {
        Span<int> histogram = stackalloc int[MaxRank + 1];
        foreach (var rank in _ranks) histogram[rank]++;
        double m = Registers;
        var z = m * Tau(1 - histogram[MaxRank] / m);
        for (var k = MaxRank - 1; k >= 1; k--) z = 0.5 * (z + histogram[k]);
        z += m * Sigma(histogram[0] / m);
        return (long)Math.Round(m / (2 * Math.Log(2)) * m / z);
    }

    private static double Sigma(double x)
    {
        if (x == 1) return double.PositiveInfinity;
        var y = 1.0;
        var z = x;
        double before;
        do
        {
            x *= x;
            before = z;
            z += x * y;
            y += y;
        }
        while (z != before);
        return z;
    }

    private static double Tau(double x)
    {
        if (x is 0 or 1) return 0;
        var y = 1.0;
        var z = 1 - x;
        double before;
        do
        {
            x = Math.Sqrt(x);
            before = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        }
        while (z != before);
        return z / 3;
    }
}
