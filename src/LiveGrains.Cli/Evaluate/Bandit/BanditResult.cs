using System.Globalization;
using Spectre.Console;

namespace LiveGrains.Cli.Evaluate.Bandit;

/// <summary>A mean reward with its 95 % interval.</summary>
/// <param name="Value">The mean.</param>
/// <param name="Low">Where the interval begins.</param>
/// <param name="High">Where it ends.</param>
/// <param name="Rows">Impressions.</param>
internal sealed record BanditValue(double Value, double Low, double High, int Rows);

/// <summary>An estimate beside the truth.</summary>
internal sealed record BanditEstimate
{
    /// <summary>Compares.</summary>
    public BanditEstimate(OffPolicyEstimate estimate, double truth)
    {
        (Name, Value, Low, High) = estimate;
        RelativeError = truth == 0 ? null : Math.Abs(estimate.Value - truth) / Math.Abs(truth);
        CoversTruth = estimate.Low <= truth && truth <= estimate.High;
    }

    /// <summary>ips, snips, dm, dr, switchDr.</summary>
    public string Name { get; }
    /// <summary>The estimate.</summary>
    public double Value { get; }
    /// <summary>Where its 95 % interval begins.</summary>
    public double Low { get; }
    /// <summary>Where it ends.</summary>
    public double High { get; }
    /// <summary>|estimate − truth| ÷ |truth|; null when the truth is 0.</summary>
    public double? RelativeError { get; }
    /// <summary>The policy's own mean reward lies in the interval.</summary>
    public bool CoversTruth { get; }
}

/// <summary>The JSON document of `evaluate bandit --format json`.</summary>
internal sealed record BanditResult : IEvaluationResult
{
    /// <summary>The log that the estimates come from.</summary>
    public required string Log { get; init; }
    /// <summary>The log of the policy that is evaluated: its choices, and for the truth its rewards.</summary>
    public required string Evaluate { get; init; }
    /// <summary>Impressions of <see cref="Log"/>.</summary>
    public required int Rows { get; init; }
    /// <summary>Items that could be chosen.</summary>
    public required int Items { get; init; }
    /// <summary>Mean reward of the policy that wrote the log.</summary>
    public required BanditValue LogValue { get; init; }
    /// <summary>Mean reward of the evaluated policy in its own log, which no estimate sees.</summary>
    public required BanditValue Truth { get; init; }
    /// <summary>One for each estimator.</summary>
    public required IReadOnlyList<BanditEstimate> Estimates { get; init; }
    /// <summary>(Σ w)² ÷ Σ w².</summary>
    public required double EffectiveSampleSize { get; init; }
    /// <summary>Mean weight: 1 when propensities and policy fit together.</summary>
    public required double MeanWeight { get; init; }
    /// <summary>The largest weight.</summary>
    public required double LargestWeight { get; init; }
    /// <summary>Weights above this do not count in switchDr.</summary>
    public required double SwitchThreshold { get; init; }
    /// <summary>Share of the evaluated policy that the log never shows.</summary>
    public required double Unsupported { get; init; }

    /// <summary>For a terminal.</summary>
    public void WriteText(IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("[bold]Estimator[/]").NoWrap());
        foreach (var column in _columns) table.AddColumn(new TableColumn($"[grey]{column}[/]").RightAligned().NoWrap());
        foreach (var row in Cells()) table.AddRow([.. row.Select(Markup.Escape)]);
        console.Write(table);
        foreach (var remark in Remarks()) console.MarkupLine($"[grey]{Markup.Escape(remark)}[/]");
    }

    /// <summary>For a README.</summary>
    public void WriteMarkdown(TextWriter writer)
    {
        writer.WriteLine($"| estimator | {string.Join(" | ", _columns)} |");
        writer.WriteLine($"|---|{string.Concat(_columns.Select(_ => "---:|"))}");
        foreach (var row in Cells()) writer.WriteLine($"| {string.Join(" | ", row)} |");
        writer.WriteLine();
        writer.WriteLine(string.Join("; ", Remarks()) + ".");
    }

    private static readonly string[] _columns = ["value", "95 %", "relative error", "covers"];

    private IEnumerable<string[]> Cells() =>
        Estimates.Select(e => new[] { Title(e.Name), Number(e.Value), $"{Number(e.Low)}–{Number(e.High)}", Words.Percent(e.RelativeError), e.CoversTruth ? "yes" : "no" })
            .Append(["its own log", Number(Truth.Value), $"{Number(Truth.Low)}–{Number(Truth.High)}", "", ""])
            .Append(["the log's policy", Number(LogValue.Value), $"{Number(LogValue.Low)}–{Number(LogValue.High)}", "", ""]);

    private IEnumerable<string> Remarks()
    {
        yield return $"{Words.Count(Rows, "impression")} of {Log}, {Words.Count(Items, "item")}; the policy is how often {Evaluate} shows each item at each position";
        yield return string.Create(CultureInfo.InvariantCulture, $"effective sample size {EffectiveSampleSize:0}, mean weight {MeanWeight:0.000}, largest {LargestWeight:0.0}, switch above {SwitchThreshold:0.0}; {Words.Percent(Unsupported)} of the policy never shown in the log");
    }

    private static string Title(string name) => name switch
    {
        "ips" => "IPS",
        "snips" => "self-normalised IPS",
        "dm" => "direct method",
        "dr" => "doubly robust",
        _ => "switch-DR",
    };

    private static string Number(double value) => value.ToString(Math.Abs(value) < 1 ? "0.00000" : "0.000", CultureInfo.InvariantCulture);
}
