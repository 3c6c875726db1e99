namespace LiveGrains.Server.Metrics;

/// <summary>What a metric is.</summary>
internal enum MetricKind
{
    /// <summary>Only grows.</summary>
    Counter,
    /// <summary>Goes up and down.</summary>
    Gauge,
}

/// <summary>
/// One metric, told once for both exports: OTLP has it under its name and unit, `/metrics` under the name that OpenTelemetry's rules for
/// Prometheus make of these (dots to underscores, the unit, `_total` for counters).
/// </summary>
/// <param name="Name">By OpenTelemetry's conventions: `livegrains.log.sync`.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Unit">UCUM: `s`, `By`, `{event}`; empty: none.</param>
/// <param name="Help">One sentence.</param>
/// <param name="Read">Its values now.</param>
internal sealed record MetricFamily(string Name, MetricKind Kind, string Unit, string Help, Func<MetricReading, IEnumerable<MetricSample>> Read)
{
    /// <summary>The name in `/metrics`.</summary>
    internal string PrometheusName { get; } = ToPrometheus(Name, Unit, Kind == MetricKind.Counter);

    /// <summary>The name that the rules make.</summary>
    internal static string ToPrometheus(string name, string unit, bool isCounter)
    {
        var suffix = unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return name.Replace('.', '_') + suffix + (isCounter ? "_total" : "");
    }
}

/// <summary>What metrics are read from.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="Requests">The server.</param>
internal sealed record MetricReading(EngineStatus Engine, RequestMetrics Requests);

/// <summary>One value with its labels.</summary>
internal readonly record struct MetricSample(double Value, params (string Name, string Value)[] Labels);
