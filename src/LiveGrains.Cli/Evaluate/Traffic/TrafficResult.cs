using System.Globalization;
using Spectre.Console;

namespace LiveGrains.Cli.Evaluate.Traffic;

/// <summary>What is played.</summary>
internal sealed record TrafficEvaluationOptions
{
    public required IReadOnlyList<TrafficInstanceKind> Instances { get; init; }
    public int FirstSeed { get; init; } = 1;
    public int Seeds { get; init; } = 3;
    public int Rooms { get; init; } = 1000;
    public int Impressions { get; init; } = 1_000_000;
}

/// <summary>The median over seeds, the lowest and the highest.</summary>
internal sealed record Spread(double Median, double Lowest, double Highest)
{
    public static Spread Of(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return new Spread(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1]);
    }
}

/// <summary>A method on the instances of a kind.</summary>
internal sealed record TrafficRow
{
    public required TrafficMethod Method { get; init; }
    /// <summary>Value ÷ a bound that nobody who knows the future and keeps the policy can exceed.</summary>
    public required Spread Value { get; init; }
    public required Spread GuaranteesKept { get; init; }
    public required long CapsBroken { get; init; }
    public required Spread BoostError { get; init; }
    public required Spread BoostUnevenness { get; init; }
    public required Spread Gini { get; init; }
    public required Spread MaxMin { get; init; }
    public required Spread MicrosecondsPerDecision { get; init; }
}

/// <summary>All methods on the instances of a kind.</summary>
internal sealed record TrafficTable
{
    public required TrafficInstanceKind Instance { get; init; }
    public required IReadOnlyList<TrafficRow> Rows { get; init; }
    /// <summary>Slope of log regret over log impressions, from a sixteenth of them on.</summary>
    public required Spread RegretSlope { get; init; }
    /// <summary>Part of the value that the guarantees of new hosts cost.</summary>
    public required Spread NewHostCost { get; init; }
}

/// <summary>`evaluate traffic`.</summary>
internal sealed record TrafficResult(int Seeds, int Rooms, int Impressions, IReadOnlyList<TrafficTable> Tables) : IEvaluationResult
{
    private static readonly string[] _columns = ["value", "guarantees kept", "caps broken", "boost error", "unevenness", "Gini", "max–min", "µs a decision"];

    /// <summary>Plays everything; each seed is another instance.</summary>
    public static TrafficResult Of(TrafficEvaluationOptions options, Action<double?, string> progress, CancellationToken cancellationToken)
    {
        var tables = new List<TrafficTable>();
        foreach (var kind in options.Instances)
        {
            var outcomes = MethodsOf(kind).ToDictionary(m => m, _ => new List<(TrafficOutcome Outcome, double Bound)>());
            var slopes = new List<double>();
            for (var seed = options.FirstSeed; seed < options.FirstSeed + options.Seeds; seed++)
            {
                progress((tables.Count + (double)(seed - options.FirstSeed) / options.Seeds) / options.Instances.Count, $"{Name(kind)}, seed {seed} of {options.FirstSeed} to {options.FirstSeed + options.Seeds - 1}");
                var instance = Make(kind, seed, options.Rooms, options.Impressions);
                var bound = OfflineBound.Of(instance, instance.Policy, cancellationToken: cancellationToken);
                foreach (var method in outcomes.Keys) outcomes[method].Add((Play(instance, method, cancellationToken), bound));
                slopes.Add(Slope(options, kind, seed, bound - outcomes[TrafficMethod.Allocator][^1].Outcome.Value, cancellationToken));
            }

            tables.Add(new TrafficTable
            {
                Instance = kind,
                Rows = [.. outcomes.Select(o => Row(o.Key, o.Value))],
                RegretSlope = Spread.Of(slopes),
                NewHostCost = Spread.Of(outcomes[TrafficMethod.Allocator].Zip(outcomes[TrafficMethod.NoNewHosts], (with, without) => 1 - with.Outcome.Value / without.Outcome.Value)),
            });
        }

        return new TrafficResult(options.Seeds, options.Rooms, options.Impressions, tables);
    }

    /// <summary>For a terminal.</summary>
    public void WriteText(IAnsiConsole console)
    {
        foreach (var table in Tables)
        {
            var drawn = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn($"[bold]{Name(table.Instance)}[/]").NoWrap());
            foreach (var column in _columns) drawn.AddColumn(new TableColumn($"[grey]{Markup.Escape(column)}[/]").RightAligned().NoWrap());
            foreach (var row in table.Rows) drawn.AddRow([Name(row.Method), .. Cells(row).Select(Markup.Escape)]);
            console.Write(drawn);
            foreach (var remark in Remarks(table)) console.MarkupLine($"[grey]{Markup.Escape(remark)}[/]");
        }
    }

    /// <summary>For a README.</summary>
    public void WriteMarkdown(TextWriter writer)
    {
        foreach (var table in Tables)
        {
            writer.WriteLine($"| {Name(table.Instance)} | {string.Join(" | ", _columns)} |");
            writer.WriteLine($"|---|{string.Concat(_columns.Select(_ => "---:|"))}");
            foreach (var row in table.Rows) writer.WriteLine($"| {Name(row.Method)} | {string.Join(" | ", Cells(row))} |");
            writer.WriteLine();
            writer.WriteLine(string.Join("; ", Remarks(table)) + ".");
            writer.WriteLine();
        }
    }

    private static TrafficInstance Make(TrafficInstanceKind kind, int seed, int rooms, int impressions) => kind == TrafficInstanceKind.Simulator
        ? new SimulatedInstance((ulong)seed, rooms, impressions)
        : new GeneratedInstance(kind, (ulong)seed, rooms, impressions);

    private static TrafficOutcome Play(TrafficInstance instance, TrafficMethod method, CancellationToken cancellationToken) => instance is SimulatedInstance simulated
        ? SimulatedRun.Play(simulated, method, cancellationToken)
        : TrafficRun.Play((GeneratedInstance)instance, method, cancellationToken);

    // On the simulated platform everybody has to learn, and there is one day.
    private static IEnumerable<TrafficMethod> MethodsOf(TrafficInstanceKind kind) => kind == TrafficInstanceKind.Simulator
        ? Enum.GetValues<TrafficMethod>().Except([TrafficMethod.SecondDay, TrafficMethod.Learning, TrafficMethod.LearningGreedy])
        : Enum.GetValues<TrafficMethod>();

    private static TrafficRow Row(TrafficMethod method, List<(TrafficOutcome Outcome, double Bound)> outcomes) => new()
    {
        Method = method,
        Value = Spread.Of(outcomes.Select(o => o.Outcome.Value / o.Bound)),
        GuaranteesKept = Spread.Of(outcomes.Select(o => o.Outcome.GuaranteesKept)),
        CapsBroken = outcomes.Sum(o => o.Outcome.CapsBroken),
        BoostError = Spread.Of(outcomes.Select(o => o.Outcome.BoostError)),
        BoostUnevenness = Spread.Of(outcomes.Select(o => o.Outcome.BoostUnevenness)),
        Gini = Spread.Of(outcomes.Select(o => o.Outcome.Gini)),
        MaxMin = Spread.Of(outcomes.Select(o => o.Outcome.MaxMin)),
        MicrosecondsPerDecision = Spread.Of(outcomes.Select(o => o.Outcome.MicrosecondsPerDecision)),
    };

    private static double Slope(TrafficEvaluationOptions options, TrafficInstanceKind kind, int seed, double regret, CancellationToken cancellationToken)
    {
        var points = new List<(double X, double Y)> { (Math.Log(options.Impressions), Math.Log(Math.Max(1e-9, regret))) };
        foreach (var part in new[] { 4, 16 })
        {
            var instance = Make(kind, seed, options.Rooms, options.Impressions / part);
            var shorter = OfflineBound.Of(instance, instance.Policy, cancellationToken: cancellationToken) - Play(instance, TrafficMethod.Allocator, cancellationToken).Value;
            points.Add((Math.Log(options.Impressions / part), Math.Log(Math.Max(1e-9, shorter))));
        }

        var x = points.Average(p => p.X);
        var y = points.Average(p => p.Y);
        return points.Sum(p => (p.X - x) * (p.Y - y)) / points.Sum(p => (p.X - x) * (p.X - x));
    }

    private string[] Remarks(TrafficTable table) =>
    [
        $"{Words.Count(Rooms, "room")}, {Words.Count(Impressions, "impression")} in four hours, median of {Words.Count(Seeds, "seed")} (lowest to highest)",
        "value is of a bound on what anybody who knows the future can reach with the policy kept (linear programming duality); methods that break promises may pass it",
        string.Create(CultureInfo.InvariantCulture, $"regret grows with the power {table.RegretSlope.Median:0.00} of the impressions ({table.RegretSlope.Lowest:0.00} to {table.RegretSlope.Highest:0.00})"),
        $"guarantees of new hosts, a twentieth of all impressions, cost {Words.Percent(table.NewHostCost.Median)} of the value",
    ];

    private static string[] Cells(TrafficRow row) =>
    [
        $"{Percent(row.Value.Median)} ({Percent(row.Value.Lowest)}–{Percent(row.Value.Highest)})", Percent(row.GuaranteesKept.Median), Words.Whole(row.CapsBroken), Percent(row.BoostError.Median),
        Percent(row.BoostUnevenness.Median), Number(row.Gini.Median), Number(row.MaxMin.Median), row.MicrosecondsPerDecision.Median.ToString("0.0", CultureInfo.InvariantCulture),
    ];

    private static string Percent(double value) => (100 * value).ToString("0.00", CultureInfo.InvariantCulture) + " %";

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Name(TrafficInstanceKind kind) => kind == TrafficInstanceKind.Iid ? "i.i.d." : kind.ToString().ToLowerInvariant();

    private static string Name(TrafficMethod method) => method switch
    {
        TrafficMethod.Allocator => "LiveGrains",
        TrafficMethod.SecondDay => "LiveGrains, second day",
        TrafficMethod.NoGuarantees => "caps alone",
        TrafficMethod.NoNewHosts => "without new hosts",
        TrafficMethod.Learning => "LiveGrains, learning values",
        TrafficMethod.Greedy => "greedy by value",
        TrafficMethod.LearningGreedy => "greedy, learning values",
        TrafficMethod.EpsilonGreedy => "ε-greedy",
        TrafficMethod.Heat => "shares by heat",
        TrafficMethod.Random => "by chance",
        _ => "PID",
    };
}
