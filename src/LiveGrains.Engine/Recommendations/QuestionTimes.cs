namespace LiveGrains.Engine.Recommendations;

/// <summary>How long lists took to make, as a histogram. One thread adds; any thread reads.</summary>
internal sealed class QuestionTimes
{
    /// <summary>The buckets' upper bounds, seconds; what is above the last is in a bucket more.</summary>
    public static IReadOnlyList<double> BoundsSeconds { get; } = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1];

    private readonly long[] _counts = new long[BoundsSeconds.Count + 1];
    private double _seconds;

    /// <summary>Adds a question.</summary>
    public void Add(double seconds)
    {
        var bucket = 0;
        while (bucket < BoundsSeconds.Count && seconds > BoundsSeconds[bucket]) bucket++;
        Volatile.Write(ref _counts[bucket], _counts[bucket] + 1);
        Volatile.Write(ref _seconds, _seconds + seconds);
        if (EngineTelemetry.ListDurations.Enabled) EngineTelemetry.ListDurations.Record(seconds);
    }

    /// <summary>What was added.</summary>
    public QuestionDurations Read()
    {
        var counts = new long[_counts.Length];
        for (var i = 0; i < counts.Length; i++) counts[i] = Volatile.Read(ref _counts[i]);
        return new QuestionDurations(BoundsSeconds, counts, Volatile.Read(ref _seconds));
    }
}
