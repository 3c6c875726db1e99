using System.Diagnostics.Metrics;
using System.Globalization;

namespace LiveGrains.Server.Metrics;

/// <summary>
/// What was answered on one route, by OpenTelemetry's conventions for HTTP servers. Any thread; counting allocates nothing but with the
/// first answer of a method and a status.
/// </summary>
internal sealed class RouteCounters(string route, Histogram<double> durations)
{
    /// <summary>The name of the histogram.</summary>
    internal const string DurationName = "http.server.request.duration";

    /// <summary>What it is.</summary>
    internal const string DurationHelp = "Time from the headers of a request to its answer; of a stream to its end.";

    private const int FirstStatus = 100;
    private const int LastStatus = 599;

    // The conventions bound the methods: what is not known is _OTHER.
    private static readonly string[] _methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "_OTHER"];

    /// <summary>Upper bounds of the histogram: those of the conventions, and finer ones below, where this server lives.</summary>
    internal static readonly double[] BoundsSeconds =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private static readonly long[] _boundsTicks = [.. BoundsSeconds.Select(seconds => (long)(seconds * TimeSpan.TicksPerSecond))];

    private readonly Answers?[] _answers = new Answers?[_methods.Length * (LastStatus - FirstStatus + 1)];

    /// <summary>The route's template, or `other`.</summary>
    internal string Route { get; } = route;

    /// <summary>Counts one answer.</summary>
    internal void Count(string method, int status, TimeSpan duration)
    {
        var known = Array.IndexOf(_methods, method);
        var place = (known < 0 ? _methods.Length - 1 : known) * (LastStatus - FirstStatus + 1) + Math.Clamp(status, FirstStatus, LastStatus) - FirstStatus;
        var answers = Volatile.Read(ref _answers[place]) ?? Add(place);
        var bucket = 0;
        while (bucket < _boundsTicks.Length && duration.Ticks > _boundsTicks[bucket]) bucket++;
        Interlocked.Increment(ref answers.ByDuration[bucket]);
        Interlocked.Add(ref answers.DurationTicks, duration.Ticks);
        if (durations.Enabled) durations.Record(duration.TotalSeconds, answers.Labels);
    }

    /// <summary>Answers by method and status, those that occurred.</summary>
    internal IEnumerable<(KeyValuePair<string, object?>[] Labels, long[] Counts, double Seconds)> Read()
    {
        for (var i = 0; i < _answers.Length; i++)
        {
            if (Volatile.Read(ref _answers[i]) is not { } answers) continue;
            var counts = new long[answers.ByDuration.Length];
            for (var b = 0; b < counts.Length; b++) counts[b] = Interlocked.Read(ref answers.ByDuration[b]);
            yield return (answers.Labels, counts, TimeSpan.FromTicks(Interlocked.Read(ref answers.DurationTicks)).TotalSeconds);
        }
    }

    private Answers Add(int place)
    {
        var status = place % (LastStatus - FirstStatus + 1) + FirstStatus;
        var added = new Answers(
        [
            new("http.request.method", _methods[place / (LastStatus - FirstStatus + 1)]), new("http.response.status_code", status.ToString(CultureInfo.InvariantCulture)), new("http.route", Route),
        ]);
        return Interlocked.CompareExchange(ref _answers[place], added, null) ?? added;
    }

    private sealed class Answers(KeyValuePair<string, object?>[] labels)
    {
        public readonly KeyValuePair<string, object?>[] Labels = labels;
        public readonly long[] ByDuration = new long[BoundsSeconds.Length + 1];
        public long DurationTicks;
    }
}
