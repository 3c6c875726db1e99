namespace LiveGrains.Core;

/// <summary>
/// Logarithm and exponential out of +, −, × and ÷ only. IEEE 754 fixes the result of those to the last bit, which it does not
/// for the functions of the platform's mathematics library: what goes into the state must be the same on every machine.
/// Any thread.
/// </summary>
internal static class PortableMath
{
    private const double Ln2 = 0.6931471805599453;

    /// <summary>Natural logarithm of a positive, normal number; relative error below 1e-14.</summary>
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
        var sum = 1.0 / 19;
        sum = sum * square + 1.0 / 17;
        sum = sum * square + 1.0 / 15;
        sum = sum * square + 1.0 / 13;
        sum = sum * square + 1.0 / 11;
        sum = sum * square + 1.0 / 9;
        sum = sum * square + 1.0 / 7;
        sum = sum * square + 1.0 / 5;
        sum = sum * square + 1.0 / 3;
        sum = sum * square + 1;
        return 2 * s * sum + exponent * Ln2;
    }

    /// <summary>e to the power of <paramref name="value"/>, for −700 to 700; relative error below 1e-13.</summary>
    public static double Exp(double value)
    {
        var scaled = value * (1 / Ln2);
        var whole = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        var rest = value - whole * Ln2;
        var sum = 1 + rest * (1.0 / 13);
        sum = 1 + sum * rest * (1.0 / 12);
        sum = 1 + sum * rest * (1.0 / 11);
        sum = 1 + sum * rest * (1.0 / 10);
        sum = 1 + sum * rest * (1.0 / 9);
        sum = 1 + sum * rest * (1.0 / 8);
        sum = 1 + sum * rest * (1.0 / 7);
        sum = 1 + sum * rest * (1.0 / 6);
        sum = 1 + sum * rest * (1.0 / 5);
        sum = 1 + sum * rest * (1.0 / 4);
        sum = 1 + sum * rest * (1.0 / 3);
        sum = 1 + sum * rest * (1.0 / 2);
        sum = 1 + sum * rest;
        return sum * BitConverter.Int64BitsToDouble((long)(whole + 1023) << 52);
    }

    /// <summary>The logistic function 1 ÷ (1 + e^−x); inputs beyond ±35 count as ±35, where it is 0 or 1 to the last bit but one.</summary>
    public static double Sigmoid(double value) => 1 / (1 + Exp(-Math.Clamp(value, -35, 35)));
}
