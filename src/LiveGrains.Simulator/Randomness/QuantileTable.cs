using System.Runtime.CompilerServices;

namespace LiveGrains.Simulator.Randomness;

/// <summary>
/// A distribution as 4,096 quantiles with straight lines between them: one draw is one random number and one look-up.
/// The tail ends at the 99.99 % quantile.
/// </summary>
internal sealed class QuantileTable
{
    private const int Size = 4096;
    private readonly double[] _values = new double[Size + 1];

    private QuantileTable(Func<double, double> quantile)
    {
        for (var i = 0; i <= Size; i++)
            _values[i] = quantile((i + 0.5) / (Size + 1));
    }

    /// <summary>The log-normal distribution of the given median; its mean is median × e^(sigma² ÷ 2).</summary>
    public static QuantileTable LogNormal(double median, double sigma) =>
        new(p => median * PortableMath.Exp(sigma * PortableMath.NormalQuantile(p)));

    /// <summary>The exponential distribution of mean 1.</summary>
    public static QuantileTable Exponential() => new(p => -PortableMath.Log(1 - p));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Draw(Xoshiro256 random) => At(random.Unit());

    /// <summary>The quantile at <paramref name="unit"/>, 0 ≤ unit &lt; 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double At(double unit)
    {
        var position = unit * Size;
        var index = (int)position;
        var low = _values[index];
        return low + (position - index) * (_values[index + 1] - low);
    }
}
