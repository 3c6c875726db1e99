namespace LiveGrains.Cli.Bench;

/// <summary>The JSON document of `bench --format json`.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Quick">With a tenth of the work.</param>
/// <param name="Results">What.</param>
public sealed record BenchReport(MachineInfo Machine, bool Quick, IReadOnlyList<BenchRow> Results);
