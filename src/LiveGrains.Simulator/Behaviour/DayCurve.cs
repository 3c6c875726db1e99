namespace LiveGrains.Simulator.Behaviour;

/// <summary>How busy the platform is by the hour in Beijing (UTC+8), as a multiple of 20:00 to 22:00.</summary>
internal static class DayCurve
{
    private const long HourMs = 3_600_000;

    private static readonly double[] _byHour =
    [
        0.55, 0.35, 0.20, 0.12, 0.08, 0.08, 0.12, 0.25, 0.40, 0.50, 0.55, 0.65,
        0.75, 0.65, 0.55, 0.55, 0.60, 0.65, 0.75, 0.88, 0.98, 1.02, 0.98, 0.80,
    ];

    /// <summary>The multiple at a time in milliseconds since 1970.</summary>
    public static double At(long unixMs)
    {
        var beijing = unixMs + 8 * HourMs;
        var hour = (int)(beijing / HourMs % 24);
        var part = beijing % HourMs / (double)HourMs;
        return _byHour[hour] + part * (_byHour[(hour + 1) % 24] - _byHour[hour]);
    }
}
