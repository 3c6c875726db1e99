namespace LiveGrains.Core;

/// <summary>Logarithms from additions, multiplications and divisions only, so that every machine gets the same bits.</summary>
internal static class DeterministicLog
{
    /// <summary>log₂ x for a normal x &gt; 0; the absolute error is below 10⁻⁵.</summary>
    public static float Log2(float x)
    {
        var bits = BitConverter.SingleToUInt32Bits(x);
        var exponent = (int)(bits >> 23) - 127;
        double mantissa = BitConverter.UInt32BitsToSingle(bits & 0x7F_FFFF | 127u << 23);
        // ln m = 2 artanh((m − 1) ÷ (m + 1)), of which 1 ≤ m < 2 makes a fast series.
        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        return (float)(exponent + 2.8853900817779268 * s * (1 + square * (1.0 / 3 + square * (1.0 / 5 + square * (1.0 / 7 + square / 9)))));
    }
}
