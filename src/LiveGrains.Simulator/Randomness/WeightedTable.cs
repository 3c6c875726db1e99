using System.Runtime.CompilerServices;

namespace LiveGrains.Simulator.Randomness;

/// <summary>A choice among few things by weight, as a table of 4,096 equally likely entries. No positive weight is lost.</summary>
internal sealed class WeightedTable
{
    private const int Bits = 12;
    private readonly byte[] _entries = new byte[1 << Bits];

    public WeightedTable(params ReadOnlySpan<double> weights)
    {
        var total = 0.0;
        foreach (var weight in weights)
            total += weight;
        var sum = 0.0;
        var filled = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            sum += weights[i];
            var end = i == weights.Length - 1 ? _entries.Length : (int)(sum / total * _entries.Length + 0.5);
            if (weights[i] > 0 && end <= filled)
                end = filled + 1;
            for (; filled < end && filled < _entries.Length; filled++)
                _entries[filled] = (byte)i;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Draw(Xoshiro256 random) => _entries[random.Next() >> (64 - Bits)];

    /// <summary>The choice that the low bits of a hash make.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int At(ulong hash) => _entries[hash & ((1 << Bits) - 1)];
}
