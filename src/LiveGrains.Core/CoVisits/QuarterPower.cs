using System.Runtime.Intrinsics;

namespace LiveGrains.Core;

/// <summary>Powers by quarters, from square roots, which IEEE 754 rounds the same everywhere; `Math.Pow` may differ between machines.</summary>
internal static class QuarterPower
{
    /// <summary>x^(−quarters/4), x &gt; 0.</summary>
    public static float Inverse(float x, int quarters) => 1 / Of(x, quarters);

    /// <summary>The same of eight numbers, with the same bits.</summary>
    public static Vector256<float> Inverse(Vector256<float> x, int quarters)
    {
        var result = Vector256<float>.One;
        if ((quarters & 1) != 0) result = Vector256.Sqrt(Vector256.Sqrt(x));
        if ((quarters & 2) != 0) result *= Vector256.Sqrt(x);
        for (var whole = quarters >> 2; whole > 0; whole--) result *= x;
        return Vector256<float>.One / result;
    }

    /// <summary>x^(quarters/4), x ≥ 0, quarters ≥ 0.</summary>
    public static float Of(float x, int quarters)
    {
        float result = 1;
        if ((quarters & 1) != 0) result = MathF.Sqrt(MathF.Sqrt(x));
        if ((quarters & 2) != 0) result *= MathF.Sqrt(x);
        for (var whole = quarters >> 2; whole > 0; whole--) result *= x;
        return result;
    }
}
