namespace LiveGrains.Server.Metrics;

/// <summary>What was answered on one route. Any thread; counting allocates nothing.</summary>
internal sealed class RouteCounters(string route)
{
    private const int FirstStatus = 100;
    private const int LastStatus = 599;

    /// <summary>Upper bounds of the histogram: those of OpenTelemetry's http.server.request.duration, and finer ones below, where this server lives.</summary>
    internal static readonly double[] BoundsSeconds =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private static readonly long[] _boundsTicks = [.. BoundsSeconds.Select(seconds => (long)(seconds * TimeSpan.TicksPerSecond))];

    private readonly long[] _byStatus = new long[LastStatus - FirstStatus + 1];
    private readonly long[] _byDuration = new long[BoundsSeconds.Length + 1];
    private long _durationTicks;

    /// <summary>The route's template, or `other`.</summary>
    internal string Route { get; } = route;

    /// <summary>Counts one answer.</summary>
    internal void Count(int status, TimeSpan duration)
    {
        Interlocked.Increment(ref _byStatus[Math.Clamp(status, FirstStatus, LastStatus) - FirstStatus]);
        var bucket = 0;
        while (bucket < _boundsTicks.Length && duration.Ticks > _boundsTicks[bucket]) bucket++;
        Interlocked.Increment(ref _byDuration[bucket]);
        Interlocked.Add(ref _durationTicks, duration.Ticks);
    }

    /// <summary>Answers by status, those that occurred.</summary>
    internal IEnumerable<(int Status, long Count)> ByStatus()
    {
        for (var i = 0; i < _byStatus.Length; i++)
        {
            var count = Interlocked.Read(ref _byStatus[i]);
            if (count > 0) yield return (i + FirstStatus, count);
        }
    }

    /// <summary>Answers by duration: one count a bound and one above all, each without those below.</summary>
    internal long[] ByDuration() => [.. Enumerable.Range(0, _byDuration.Length).Select(i => Interlocked.Read(ref _byDuration[i]))];

    /// <summary>Sum of all durations.</summary>
    internal double DurationSeconds => TimeSpan.FromTicks(Interlocked.Read(ref _durationTicks)).TotalSeconds;
}
