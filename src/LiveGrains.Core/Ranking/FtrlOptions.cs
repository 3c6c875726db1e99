namespace LiveGrains.Core;

/// <summary>Settings of <see cref="FtrlProximal"/>, the same for all its objectives.</summary>
internal sealed record FtrlOptions
{
    /// <summary>Learning rate α, above 0. Default 0.05: with terms of about 0 to 1 half of what there is to learn is there after some thousand examples.</summary>
    public double Alpha { get; init; } = 0.05;

    /// <summary>Smooths the first steps: β ≥ 0. Default 1, as in the paper.</summary>
    public double Beta { get; init; } = 1;

    /// <summary>L1 penalty λ₁ ≥ 0: weights that do not earn it are exactly 0. Default 0.</summary>
    public double L1 { get; init; }

    /// <summary>L2 penalty λ₂ ≥ 0. Default 0.</summary>
    public double L2 { get; init; }

    /// <summary>
    /// How firmly the prior weights hold, as a sum of squared gradients already seen, ≥ 0. Default 10: about 40 examples of a
    /// coin toss on a term of 1, whose squared gradient is ¼ each, weigh as much as the prior does.
    /// </summary>
    public double PriorStrength { get; init; } = 10;

    /// <summary>
    /// Share of the negative examples that are learned from, above 0 and at most 1. Default 1. With less each of them weighs
    /// 1 ÷ share, so that predictions stay calibrated to all examples (section 6.1 of the paper).
    /// </summary>
    public double NegativeShare { get; init; } = 1;

    /// <summary>Examples after which an observation counts 1 ÷ e in the calibration, ≥ 1. Default 20,000.</summary>
    public double CalibrationMemory { get; init; } = 20_000;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Positive(Alpha), nameof(Alpha));
        ArgumentOutOfRangeException.ThrowIfNegative(Positive(Beta), nameof(Beta));
        ArgumentOutOfRangeException.ThrowIfNegative(Positive(L1), nameof(L1));
        ArgumentOutOfRangeException.ThrowIfNegative(Positive(L2), nameof(L2));
        ArgumentOutOfRangeException.ThrowIfNegative(Positive(PriorStrength), nameof(PriorStrength));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Positive(NegativeShare), nameof(NegativeShare));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(NegativeShare, 1, nameof(NegativeShare));
        ArgumentOutOfRangeException.ThrowIfLessThan(Positive(CalibrationMemory), 1, nameof(CalibrationMemory));
    }

    // NaN and infinity are as wrong as a negative number.
    private static double Positive(double value) => double.IsFinite(value) ? value : -1;
}
