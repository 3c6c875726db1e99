namespace LiveGrains.Reports;

/// <summary>Finds the steps of a broadcast in which something was far above its average.</summary>
internal static class BestMinutes
{
    /// <summary>Most steps of an answer.</summary>
    public const int Most = 12;

    /// <summary>Times its average that a metric must reach in a step.</summary>
    public const double LeastTimesAverage = 2;

    // Four memberships in a minute are no event, however rare they are else.
    private const int LeastCount = 5;
    private const int PerMetric = 2;
    private const int Apart = 5;

    // What people do by themselves in each; likes come in bursts of one thumb and are part of the interactions.
    private static readonly string[] _metrics = ["views", "interactions", "comments", "follows", "gifts.amount", "subscribes", "products.clicks", "products.pays", "gmv"];

    /// <summary>The steps in the order of time: of each metric the two highest, five steps apart, and the highest of online.</summary>
    public static BestMinute[] Find(ReportCurves curves, DateTimeOffset? startedAt)
    {
        var highlights = new SortedDictionary<int, List<Highlight>>();
        void Add(int step, string metric, double value, double average)
        {
            if (!highlights.TryGetValue(step, out var list)) highlights[step] = list = [];
            list.Add(new Highlight(metric, value, value / average));
        }

        foreach (var metric in _metrics)
        {
            var values = curves.Values[metric];
            var average = values.Length == 0 ? 0 : values.Average();
            if (average <= 0) continue;
            var taken = new List<int>();
            // Equal steps: the earlier one.
            foreach (var step in Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).ThenBy(i => i))
            {
                if (taken.Count == PerMetric || values[step] < Math.Max(LeastCount, LeastTimesAverage * average)) break;
                if (taken.Exists(t => Math.Abs(t - step) < Apart)) continue;
                taken.Add(step);
                Add(step, metric, values[step], average);
            }
        }

        var online = curves.Values["online"];
        if (online.Length > 0 && online.Max() is var peak and > 0) Add(Array.IndexOf(online, peak), "online", peak, online.Average());
        return [.. highlights.OrderByDescending(h => h.Value.Count).ThenByDescending(h => h.Value.Max(x => x.TimesAverage)).Take(Most)
            .OrderBy(h => h.Key).Select(h => new BestMinute(
                Begin(curves.At(h.Key), startedAt), [.. h.Value.OrderByDescending(x => x.TimesAverage)], Counts(curves, h.Key)))];
    }

    // The first step may begin before the broadcast.
    private static DateTimeOffset Begin(DateTimeOffset step, DateTimeOffset? startedAt) => startedAt > step ? startedAt.Value : step;

    private static SortedDictionary<string, double> Counts(ReportCurves curves, int step)
    {
        var counts = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (metric, values) in curves.Values)
        {
            if (values[step] != 0) counts[metric] = values[step];
        }

        return counts;
    }
}
