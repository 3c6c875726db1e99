using System.Text.Json.Serialization;

namespace LiveGrains.Cli.Bench;

/// <summary>The result of one benchmark over its runs.</summary>
public sealed record BenchRow
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }
    /// <summary>What is measured.</summary>
    public required string What { get; init; }
    /// <summary>The median of the runs; null when skipped or failed.</summary>
    public double? Value { get; init; }
    /// <summary>The unit.</summary>
    public required string Unit { get; init; }
    /// <summary>What must be reached.</summary>
    public double? Must { get; init; }
    /// <summary>What is aimed at.</summary>
    public double? Goal { get; init; }
    /// <summary>True when less is better.</summary>
    public bool LowerIsBetter { get; init; }
    /// <summary>All runs in their order.</summary>
    public required IReadOnlyList<double> Runs { get; init; }
    /// <summary>A remark of the median run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Note { get; init; }
    /// <summary>Why there is no number.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Skipped { get; init; }
    /// <summary>What went wrong.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    /// <summary>True when the value is as good as <paramref name="bar"/>; null when there is no value or no bar.</summary>
    public bool? Reaches(double? bar) => Value is { } value && bar is { } asked ? LowerIsBetter ? value <= asked : value >= asked : null;
}
