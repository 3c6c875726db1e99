using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator.Behaviour;

/// <summary>Brings users to the platform: a Poisson process that follows the day, with a rush in the first seconds.</summary>
internal sealed class Arrivals(Platform platform)
{
    /// <summary>Times an average user comes in an hour of prime time.</summary>
    private const double ComingsPerHour = 1.10;

    /// <summary>The rush makes up for the visits that would have begun before the start.</summary>
    private const double RushMs = 8_000;
    private const double RushSeconds = 70;

    private double _nextMs;

    /// <summary>Says who comes and returns when the next one does.</summary>
    public long Step(long nowMs, out int user)
    {
        user = platform.Users.DrawActive(platform.Random);
        var perMs = platform.Options.Users * platform.Options.Activity * ComingsPerHour / 3_600_000
            * DayCurve.At(platform.StartMs + nowMs);
        if (nowMs < RushMs)
            perMs *= 1 + RushSeconds * 1000 / RushMs;

        // The sum stays fractional, so that rates above one a millisecond keep their mean.
        _nextMs = Math.Max(_nextMs, 0) + platform.Gaps.Draw(platform.Random) / perMs;
        return Math.Max(nowMs, (long)_nextMs);
    }
}
