namespace LiveGrains.Cli.Evaluate;

/// <summary>The mean of a number over users, and between which bounds it lies with 95 % (normal approximation).</summary>
internal sealed class Estimate
{
    private double _sum;
    private double _squares;
    private long _count;

    /// <summary>Adds a user.</summary>
    public void Add(double value)
    {
        _sum += value;
        _squares += value * value;
        _count++;
    }

    /// <summary>The mean; 0 without users.</summary>
    public double Mean => _count == 0 ? 0 : _sum / _count;

    /// <summary>Half the width of the 95 % interval.</summary>
    public double Margin => _count < 2 ? 0 : 1.96 * Math.Sqrt(Math.Max(0, _squares / _count - Mean * Mean) / (_count - 1));

    /// <summary>The 95 % interval.</summary>
    public double[] Interval => [Mean - Margin, Mean + Margin];
}
