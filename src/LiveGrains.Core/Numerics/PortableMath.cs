using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

/// <summary>
/// Logarithm and exponential out of +, −, × and ÷ only. IEEE 754 fixes the result of those to the last bit, which it does not
/// for the functions of the platform's mathematics library: what goes into the state must be the same on every machine.
/// Any thread.
/// </summary>
internal static class PortableMath
{
    internal const double Ln2 = 0.6931471805599453;

    /// <summary>Natural logarithm of a positive, normal number; relative error below 1e-14.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Log(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFFL) | 0x3FF0000000000000L);
        if (mantissa > 1.4142135623730951)
        {
            mantissa /= 2;
            exponent++;
        }

        // ln m = 2 artanh((m − 1) ÷ (m + 1)); the argument is at most 0.172.
        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        // Two chains, for every other power, so that neither waits for the other.
        var fourth = square * square;
        var even = 1.0 / 17;
        even = even * fourth + 1.0 / 13;
        even = even * fourth + 1.0 / 9;
        even = even * fourth + 1.0 / 5;
        even = even * fourth + 1;
        var odd = 1.0 / 19;
        odd = odd * fourth + 1.0 / 15;
        odd = odd * fourth + 1.0 / 11;
        odd = odd * fourth + 1.0 / 7;
        odd = odd * fourth + 1.0 / 3;
        var sum = even + odd * square;
        return 2 * s * sum + exponent * Ln2;
    }

    /// <summary>e to the power of <paramref name="value"/>, for −700 to 700; relative error below 1e-13.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Exp(double value)
    {
        var scaled = value * (1 / Ln2);
        var whole = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        var rest = value - whole * Ln2;
        // Taylor's series, |rest| ≤ ½ ln 2: the first power left out is below 1e-14. Two chains again.
        var square = rest * rest;
        var even = 1.0 / 3_628_800;
        even = even * square + 1.0 / 40_320;
        even = even * square + 1.0 / 720;
        even = even * square + 1.0 / 24;
        even = even * square + 0.5;
        even = even * square + 1;
        var odd = 1.0 / 39_916_800;
        odd = odd * square + 1.0 / 362_880;
        odd = odd * square + 1.0 / 5_040;
        odd = odd * square + 1.0 / 120;
        odd = odd * square + 1.0 / 6;
        odd = odd * square + 1;
        var sum = even + odd * rest;
        return sum * BitConverter.Int64BitsToDouble((long)(whole + 1023) << 52);
    }

    /// <summary>The logistic function 1 ÷ (1 + e^−x); inputs beyond ±35 count as ±35, where it is 0 or 1 to the last bit but one.</summary>
    public static double Sigmoid(double value) => 1 / (1 + Exp(-Math.Clamp(value, -35, 35)));
}
