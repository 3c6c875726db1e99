namespace LiveGrains.Cli.Benchmarks;

/// <summary>The outcome of one run.</summary>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit, such as `events/s` or `ms`.</param>
public sealed record BenchmarkResult(double Value, string Unit)
{
    /// <summary>What must be reached; null: nothing is asked.</summary>
    public double? Must { get; init; }

    /// <summary>What is aimed at; null: nothing.</summary>
    public double? Goal { get; init; }

    /// <summary>True when less is better (times, bytes).</summary>
    public bool LowerIsBetter { get; init; }

    /// <summary>Why there is no number; null when there is one.</summary>
    public string? Skipped { get; init; }

    /// <summary>A remark for the reader, such as percentiles.</summary>
    public string? Note { get; init; }

    /// <summary>A run that could not be made here.</summary>
    public static BenchmarkResult Skip(string why) => new(0, "") { Skipped = why };
}
