using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace LiveGrains.Server.Metrics;

/// <summary>The catalogue as instruments of .NET, for whoever listens: the OTLP export, `dotnet-counters`. Costs nothing while nobody does.</summary>
internal sealed class ServerMeter : IDisposable
{
    // All instruments of one collection are read from one look at the engine.
    private static readonly TimeSpan _sameLook = TimeSpan.FromMilliseconds(200);

    private readonly Meter _meter = new(LiveGrainsServer.TelemetryName);
    private readonly Lock _lock = new();
    private MetricReading? _reading;
    private long _readAt;

    /// <summary>Makes the meter; its instruments come with <see cref="Observe"/>.</summary>
    internal ServerMeter() => Durations = _meter.CreateHistogram(
        RouteCounters.DurationName, "s", RouteCounters.DurationHelp, tags: null, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = RouteCounters.BoundsSeconds });

    /// <summary>Durations of requests.</summary>
    internal Histogram<double> Durations { get; }

    /// <summary>Adds the instruments of the catalogue.</summary>
    internal void Observe(ILiveGrains engine, RequestMetrics requests)
    {
        foreach (var family in MetricCatalogue.All)
        {
            IEnumerable<Measurement<double>> Values() => family.Read(Look(engine, requests))
                .Select(sample => new Measurement<double>(sample.Value, sample.Labels.Select(label => new KeyValuePair<string, object?>(label.Name, label.Value))));
            var unit = family.Unit.Length == 0 ? null : family.Unit;
            if (family.Kind == MetricKind.Counter) _meter.CreateObservableCounter(family.Name, Values, unit, family.Help);
            else _meter.CreateObservableGauge(family.Name, Values, unit, family.Help);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private MetricReading Look(ILiveGrains engine, RequestMetrics requests)
    {
        lock (_lock)
        {
            if (_reading is null || Stopwatch.GetElapsedTime(_readAt) > _sameLook)
            {
                _reading = new MetricReading(engine.GetStatus(), requests);
                _readAt = Stopwatch.GetTimestamp();
            }

            return _reading;
        }
    }
}
