namespace LiveGrains.Simulator.Randomness;

/// <summary>
/// Logarithm, exponential and normal quantile out of +, −, × and ÷ only. IEEE 754 fixes the result of those to the last
/// bit, which it does not for the functions of the platform's mathematics library.
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
        var sum = 0.0;
        for (var k = 21; k >= 1; k -= 2)
            sum = sum * square + 1.0 / k;
        return 2 * s * sum + exponent * Ln2;
    }

    /// <summary>e to the power of <paramref name="value"/>, for −700 to 700; relative error below 1e-13.</summary>
    public static double Exp(double value)
    {
        var scaled = value / Ln2;
        var whole = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
        var rest = value - whole * Ln2;
        var sum = 1.0;
        for (var k = 16; k >= 1; k--)
            sum = 1 + sum * rest / k;
        return sum * BitConverter.Int64BitsToDouble((long)(whole + 1023) << 52);
    }

    /// <summary>Quantile of the standard normal distribution, for 0 &lt; p &lt; 1 (Acklam; relative error 1.2e-9).</summary>
    public static double NormalQuantile(double p)
    {
        if (p > 0.5)
            return -NormalQuantile(1 - p);
        if (p < 0.02425)
        {
            var q = Math.Sqrt(-2 * Log(p)); // The square root is exact by IEEE 754.
            return (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838e+00) * q
                - 2.549732539343734e+00) * q + 4.374664141464968e+00) * q + 2.938163982698783e+00)
                / ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996e+00) * q
                + 3.754408661907416e+00) * q + 1);
        }

        var d = p - 0.5;
        var r = d * d;
        return (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r
            + 1.383577518672690e+02) * r - 3.066479806614716e+01) * r + 2.506628277459239e+00) * d
            / (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r
            + 6.680131188771972e+01) * r - 1.328068155288572e+01) * r + 1);
    }
}
