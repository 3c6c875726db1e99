using System.Globalization;

namespace LiveGrains.Server.Metrics;

/// <summary>The server's counters.</summary>
internal static class HttpMetrics
{
    /// <summary>Writes all families.</summary>
    internal static void Write(ExpositionWriter text, RequestMetrics requests)
    {
        text.Family("livegrains_http_requests_total", "counter", "Requests answered, by route and status.");
        foreach (var route in requests.Routes)
        {
            foreach (var (status, count) in route.ByStatus())
                text.Sample(count, ("route", route.Route), ("status", status.ToString(CultureInfo.InvariantCulture)));
        }

        text.Family("livegrains_http_request_duration_seconds", "histogram", "Time from the headers of a request to its answer, by route.");
        foreach (var route in requests.Routes) WriteHistogram(text, route);

        text.Family("livegrains_http_active_requests", "gauge", "Requests being answered now.").Sample(requests.Active);
        text.Family("livegrains_http_body_bytes", "gauge", "Memory of bodies being read now.").Sample(requests.BodyBytes());
        text.Family("livegrains_push_subscribers", "gauge", "Connections that are subscribed to live changes now.").Sample(requests.Subscribers());
        text.Family("livegrains_push_topics", "gauge", "Rooms and other things that are watched now.").Sample(requests.WatchedTopics());
        text.Family("livegrains_http_problems_total", "counter", "Requests answered with problem details, by code.");
        foreach (var code in Enum.GetValues<ErrorCode>())
        {
            var count = requests.RefusedWith(code);
            if (count > 0) text.Sample(count, ("code", code.Describe().Code));
        }
    }

    private static void WriteHistogram(ExpositionWriter text, RouteCounters route)
    {
        var counts = route.ByDuration();
        if (Array.TrueForAll(counts, count => count == 0)) return;
        text.Histogram(RouteCounters.BoundsSeconds, counts, route.DurationSeconds, ("route", route.Route));
    }
}
