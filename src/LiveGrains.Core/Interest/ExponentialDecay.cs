using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

/// <summary>2^(−elapsed ÷ half-life), from additions and multiplications only, so that every machine gets the same bits.</summary>
internal static class ExponentialDecay
{
    /// <summary>A half-life that never comes: nothing decays.</summary>
    public const float Never = float.PositiveInfinity;

    private const float MostHalfLives = 120;

    /// <summary>
    /// What is left of 1 after a time; 1 when none went by, 0 after 120 half-lives. The relative error is below 10⁻⁶.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Factor(uint elapsedSeconds, float halfLifeSeconds) => elapsedSeconds == 0 || halfLifeSeconds == Never ? 1 : Power(elapsedSeconds / halfLifeSeconds);

    /// <summary>What is left after a number of half-lives, 0 or more.</summary>
    public static float Power(float halfLives)
    {
        if (halfLives >= MostHalfLives) return 0;
        var whole = (int)halfLives;
        var x = (halfLives - whole) * 0.6931471805599453;
        // e^−x for 0 ≤ x < ln 2: the series ends where its next term is below 10⁻⁶.
        var fraction = 1 - x * (1 - x / 2 * (1 - x / 3 * (1 - x / 4 * (1 - x / 5 * (1 - x / 6 * (1 - x / 7))))));
        return (float)fraction * BitConverter.UInt32BitsToSingle((uint)(127 - whole) << 23);
    }

    /// <summary>Seconds from one moment to a later one; 0 when it is not later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Elapsed(uint fromSeconds, uint toSeconds) => toSeconds > fromSeconds ? toSeconds - fromSeconds : 0;
}
