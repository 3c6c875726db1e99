namespace LiveGrains.Core;

/// <summary>How a linear program is solved.</summary>
internal sealed record LinearOptions
{
    /// <summary>How far a scaled bound may be missed, of the largest scaled bound's size where that is above 1. Default 1e-9.</summary>
    public double PrimalTolerance { get; init; } = 1e-9;

    /// <summary>How far a scaled reduced value may have the wrong sign. Default 1e-9.</summary>
    public double DualTolerance { get; init; } = 1e-9;

    /// <summary>Steps after which solving gives up as <see cref="LinearStatus.Unsolved"/>. Default 2,000,000.</summary>
    public int MaxSteps { get; init; } = 2_000_000;
}
