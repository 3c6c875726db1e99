using System.Diagnostics;
using System.Diagnostics.Metrics;
using LiveGrains.Engine.Recommendations;

namespace LiveGrains.Engine;

/// <summary>What the engine tells to whoever listens; costs nothing while nobody does. Counters are in <see cref="EngineStatus"/>, which the server exports.</summary>
public static class EngineTelemetry
{
    /// <summary>The name of its meter and of its activity source.</summary>
    public const string Name = "LiveGrains.Engine";

    private static readonly Meter _meter = new(Name);

    internal static readonly ActivitySource Source = new(Name);

    internal static readonly Histogram<double> ListDurations = _meter.CreateHistogram(
        "livegrains.recommender.list.duration", "s", "Time to make a recommended list, on the recommender's thread.", tags: null,
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = QuestionTimes.BoundsSeconds });
}
