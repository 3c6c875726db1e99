using LiveGrains.Engine;
using LiveGrains.Server;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LiveGrains.Cli.Serve;

/// <summary>
/// Metrics and traces over OTLP, when the standard variables name an endpoint; nothing runs and nothing is counted for it otherwise. All that
/// OpenTelemetry's SDK reads from the environment holds: protocol, headers, timeouts, intervals, samplers, service name, attributes. A
/// collector that is away costs nothing but what is not told.
/// </summary>
internal sealed class Telemetry : IDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    private readonly MeterProvider? _metrics;
    private readonly TracerProvider? _traces;

    private Telemetry(bool metrics, bool traces)
    {
        if (metrics)
        {
            _metrics = Sdk.CreateMeterProviderBuilder().ConfigureResource(Describe)
                .AddMeter(LiveGrainsServer.TelemetryName, EngineTelemetry.Name, "System.Runtime").AddOtlpExporter().Build();
        }

        if (traces)
        {
            _traces = Sdk.CreateTracerProviderBuilder().ConfigureResource(Describe)
                .AddSource(LiveGrainsServer.TelemetryName, EngineTelemetry.Name).AddOtlpExporter().Build();
        }
    }

    /// <summary>Starts what the variables ask for; null: nothing. Throws <see cref="ErrorCode.WrongUsage"/> for an endpoint or a protocol that is none.</summary>
    public static Telemetry? Start(Func<string, string?> variable)
    {
        if (string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase)) return null;
        var metrics = IsAskedFor("METRICS", variable);
        var traces = IsAskedFor("TRACES", variable);
        return metrics || traces ? new Telemetry(metrics, traces) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    // The environment comes last: what it says of service and attributes holds.
    private static void Describe(ResourceBuilder resource) => resource
        .AddService("livegrains", serviceVersion: typeof(Telemetry).Assembly.GetName().Version?.ToString(3)).AddTelemetrySdk().AddEnvironmentVariableDetector();

    private static bool IsAskedFor(string signal, Func<string, string?> variable)
    {
        if (string.Equals(variable($"OTEL_{signal}_EXPORTER"), "none", StringComparison.OrdinalIgnoreCase)) return false;
        var own = $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT";
        var name = string.IsNullOrEmpty(variable(own)) ? Endpoint : own;
        if (variable(name) is not { Length: > 0 } endpoint) return false;
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new LiveGrainsException(ErrorCode.WrongUsage, $"{name} must be an http or https address such as http://127.0.0.1:4318");
        foreach (var protocol in new[] { Protocol, $"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL" })
        {
            if (variable(protocol) is { Length: > 0 } value and not ("grpc" or "http/protobuf"))
                throw new LiveGrainsException(ErrorCode.WrongUsage, $"{protocol} must be grpc or http/protobuf, not '{value}'");
        }

        return true;
    }
}
