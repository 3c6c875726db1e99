namespace LiveGrains.Reports;

/// <summary>
/// The change of a rate between two windows with an interval that holds for bursts. What viewers do comes in bursts, so that counts
/// vary far more than a Poisson count; the interval takes the spread from the minutes themselves. Each window is cut into blocks of a
/// minute with a count n and an exposure T; the rate is ∑n ÷ ∑T, the variance of its logarithm k/(k−1) ∑(n − rate·T)² ÷ (∑n)² over the k blocks
/// (the ratio estimator of Cochran, "Sampling Techniques", 1977, 6.3; delta method), and never below that of a Poisson count. The interval of
/// the logarithm of rate after ÷ rate before has Student's t with the degrees of freedom of Welch and Satterthwaite.
/// </summary>
internal static class RateChange
{
    /// <summary>Fewest blocks of a window for an interval.</summary>
    public const int LeastBlocks = 3;

    // The 97.5 % quantile of Student's t with 1 to 30 degrees of freedom.
    private static readonly double[] _quantiles =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];

    /// <summary>A window: what happened and for how long it could, block by block.</summary>
    internal readonly record struct Window(IReadOnlyList<double> Counts, IReadOnlyList<double> Exposures)
    {
        public double Count => Counts.Sum();

        public double Exposure => Exposures.Sum();

        public double? Rate => Exposure > 0 ? Count / Exposure : null;
    }

    /// <summary>(rate after − rate before) ÷ rate before, and its 95 % interval; null what cannot be said.</summary>
    /// <param name="before">The window before.</param>
    /// <param name="after">The window after.</param>
    /// <param name="isCount">True: the sums are counts of events, which vary at least as much as a Poisson count.</param>
    public static (double? Change, double? Low, double? High) Of(in Window before, in Window after, bool isCount)
    {
        if (before.Rate is not > 0 || after.Rate is not { } rateAfter) return default;
        var ratio = rateAfter / before.Rate.Value;
        if (ratio == 0 || before.Counts.Count < LeastBlocks || after.Counts.Count < LeastBlocks) return (ratio - 1, null, null);
        var (varianceBefore, varianceAfter) = (LogVariance(before, isCount), LogVariance(after, isCount));
        var variance = varianceBefore + varianceAfter;
        if (variance == 0) return (ratio - 1, null, null);
        var freedom = variance * variance
            / (varianceBefore * varianceBefore / (before.Counts.Count - 1) + varianceAfter * varianceAfter / (after.Counts.Count - 1));
        var half = Quantile(freedom) * Math.Sqrt(variance);
        return (ratio - 1, ratio * Math.Exp(-half) - 1, ratio * Math.Exp(half) - 1);
    }

    private static double LogVariance(in Window window, bool isCount)
    {
        var rate = window.Rate!.Value;
        var squares = 0.0;
        for (var i = 0; i < window.Counts.Count; i++)
        {
            var residual = window.Counts[i] - rate * window.Exposures[i];
            squares += residual * residual;
        }

        double k = window.Counts.Count;
        var variance = k / (k - 1) * squares / (window.Count * window.Count);
        return isCount ? Math.Max(variance, 1 / window.Count) : variance;
    }

    private static double Quantile(double freedom)
    {
        var whole = (int)Math.Floor(freedom);
        if (whole < 1) return _quantiles[0];
        // Beyond the table the first term of the expansion around the normal quantile is exact to three figures.
        if (whole >= _quantiles.Length) return 1.960 + 2.4 / freedom;
        return _quantiles[whole - 1] + (freedom - whole) * (_quantiles[whole] - _quantiles[whole - 1]);
    }
}
