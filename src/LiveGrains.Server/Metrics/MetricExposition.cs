namespace LiveGrains.Server.Metrics;

/// <summary>Writes all metrics of engine and server as Prometheus text. A family without a sample is left out: a histogram without a series is not well-formed.</summary>
internal static class MetricExposition
{
    /// <summary>Writes them.</summary>
    internal static void Write(ExpositionWriter text, MetricReading reading)
    {
        foreach (var family in MetricCatalogue.All)
        {
            var samples = family.Read(reading).ToArray();
            if (samples.Length == 0) continue;
            text.Family(family.PrometheusName, family.Kind == MetricKind.Counter ? "counter" : "gauge", family.Help);
            foreach (var sample in samples) text.Sample(sample.Value, sample.Labels);
        }

        if (reading.Engine.Recommender is { } recommender)
        {
            text.Family("livegrains_recommender_list_duration_seconds", "histogram", "Time to make a recommended list, on the recommender's thread.");
            text.Histogram(recommender.Questions.BoundsSeconds, recommender.Questions.Counts, recommender.Questions.Seconds);
        }

        WriteRequests(text, reading.Requests);
    }

    private static void WriteRequests(ExpositionWriter text, RequestMetrics requests)
    {
        var answers = requests.Routes.SelectMany(route => route.Read()).ToArray();
        if (answers.Length == 0) return;
        text.Family(MetricFamily.ToPrometheus(RouteCounters.DurationName, "s", isCounter: false), "histogram", RouteCounters.DurationHelp);
        foreach (var answer in answers)
        {
            text.Histogram(RouteCounters.BoundsSeconds, answer.Counts, answer.Seconds, [.. answer.Labels.Select(l => (l.Key.Replace('.', '_'), (string)l.Value!))]);
        }
    }
}
