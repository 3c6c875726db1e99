using System.Numerics;

namespace LiveGrains.Core;

/// <summary>
/// Hotness: points for what viewers do, halved every five minutes of the clock. Kept in fixed point and decayed in whole
/// steps of 10 s, so that the same log gives the same score on every machine.
/// </summary>
internal struct HeatScore
{
    // 2^32 · 2^(−10 s ÷ 300 s)
    private const ulong StepFactor = 4196870107;
    private const int FractionBits = 16;
    private static readonly ulong[] Powers = BuildPowers();

    private ulong _points;
    private long _bucket;

    /// <summary>Adds points at a bucket of the clock, which never goes back. Negative points do not take it below 0.</summary>
    public void Add(long clockBucket, long points)
    {
        _points = At(clockBucket);
        _bucket = clockBucket;
        if (points >= 0) _points += (ulong)points << FractionBits;
        else _points -= Math.Min(_points, (ulong)-points << FractionBits);
    }

    /// <summary>The score at a bucket of the clock.</summary>
    public readonly double Value(long clockBucket) => At(clockBucket) / (double)(1 << FractionBits);

    /// <summary>What an event is worth. Bursts and money count by their logarithm: a thousand likes are not a thousand viewers.</summary>
    public static long PointsOf(EventType type, uint count, long amount)
    {
        var size = BitOperations.Log2(count) + 1;
        return type switch
        {
            EventType.Like => size,
            EventType.Comment => 3 * size,
            EventType.Share or EventType.Follow => 8,
            EventType.Subscribe => 30 + Money(amount),
            EventType.Gift => 10 + Money(amount),
            EventType.Click => 2,
            EventType.Cart => 6,
            EventType.Order => 15,
            EventType.Pay => 20 + Money(amount),
            EventType.Dislike => -3,
            EventType.Report => -10,
            _ => 0,
        };
    }

    /// <summary>What a view is worth.</summary>
    public const long PointsOfView = 4;

    private static long Money(long amount) => 6 * BitOperations.Log2((ulong)(amount / 100 + 1));

    private readonly ulong At(long clockBucket)
    {
        var steps = clockBucket - _bucket;
        if (steps <= 0 || _points == 0) return _points;
        return steps >= Powers.Length ? 0 : Math.BigMul(_points, Powers[steps], out var low) << 32 | low >> 32;
    }

    private static ulong[] BuildPowers()
    {
        var powers = new ulong[1024];
        powers[0] = 1UL << 32;
        for (var i = 1; i < powers.Length; i++) powers[i] = (powers[i - 1] * StepFactor) >> 32;
        return powers;
    }
}
