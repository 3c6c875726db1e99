using System.CommandLine;
using System.Globalization;
using LiveGrains.Cli.Benchmarks;
using Spectre.Console;

namespace LiveGrains.Cli.Bench;

/// <summary>`livegrains bench`: what this build does on this machine, as medians over runs.</summary>
public static class BenchCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create(ToolEnvironment environment) => Create(environment, BenchmarkCatalogue.All);

    /// <summary>Makes the command with given benchmarks.</summary>
    public static Command Create(ToolEnvironment environment, IReadOnlyList<IBenchmark> benchmarks)
    {
        var only = new Option<string[]>("--only")
        {
            Description = "Names, separated by commas: " + string.Join(", ", benchmarks.Select(b => b.Name)) + ".",
            HelpName = "NAME,…",
            CustomParser = result => result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToArray(),
        };
        only.Validators.Add(result =>
        {
            foreach (var name in result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
            {
                if (benchmarks.All(b => b.Name != name)) result.AddError($"There is no benchmark '{name}'. There are: {string.Join(", ", benchmarks.Select(b => b.Name))}.");
            }
        });
        var quick = new Option<bool>("--quick") { Description = "A tenth of the work and one run, for a first look." };
        var runs = new Option<int?>("--runs") { Description = "Runs of each benchmark; the median counts (default 3, with --quick 1).", HelpName = "N" };
        runs.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && value is < 1 or > 100) result.AddError("--runs must be from 1 to 100.");
        });
        var format = CommonOptions.Format();
        var command = new Command("bench", "Measures throughput and latency of this build on this machine.") { only, quick, runs, format };
        command.SetAction((parsed, cancellationToken) =>
        {
            var chosen = parsed.GetValue(only) is { Length: > 0 } names ? benchmarks.Where(b => names.Contains(b.Name)).ToArray() : benchmarks;
            var isQuick = parsed.GetValue(quick);
            return Task.Run(() => Run(environment, chosen, isQuick, parsed.GetValue(runs) ?? (isQuick ? 1 : 3), parsed.GetValue(format), cancellationToken));
        });
        return command;
    }

    private static int Run(ToolEnvironment environment, IReadOnlyList<IBenchmark> benchmarks, bool quick, int runs, OutputFormat format, CancellationToken cancellationToken)
    {
        using var context = new BenchmarkContext(quick, cancellationToken);
        var rows = new List<BenchRow>();
        foreach (var benchmark in benchmarks) rows.Add(Run(environment, benchmark, context, runs, cancellationToken));
        var report = new BenchReport(MachineInfo.Read(), quick, rows);
        if (format == OutputFormat.Json) JsonText.Write(environment.Out, report);
        else WriteText(environment.CreateConsole(), report);
        return rows.Any(r => r.Error is not null || r.Reaches(r.Must) == false) ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static BenchRow Run(ToolEnvironment environment, IBenchmark benchmark, BenchmarkContext context, int runs, CancellationToken cancellationToken)
    {
        var results = new List<BenchmarkResult>();
        string? error = null;
        for (var run = 1; run <= runs; run++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (environment.ErrorIsTerminal) environment.Error.Write($"\r{benchmark.Name}: run {run} of {runs} …\u001b[K");
            GC.Collect();
            GC.WaitForPendingFinalizers();
            try
            {
                var result = benchmark.Run(context);
                results.Add(result);
                if (result.Skipped is not null) break;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // One benchmark that fails must not take the others' numbers with it; the exit code says it.
                error = $"{exception.GetType().Name}: {exception.Message}";
                break;
            }
            finally
            {
                if (environment.ErrorIsTerminal) environment.Error.Write("\r\u001b[K");
            }
        }
        var counted = results.Where(r => r.Skipped is null).ToArray();
        var median = counted.OrderBy(r => r.Value).ElementAtOrDefault((counted.Length - 1) / 2);
        var any = median ?? results.FirstOrDefault();
        return new BenchRow
        {
            Name = benchmark.Name,
            What = benchmark.What,
            Value = error is null && counted.Length > 0 ? Median(counted.Select(r => r.Value)) : null,
            Unit = any?.Unit ?? "",
            Must = any?.Must,
            Goal = any?.Goal,
            LowerIsBetter = any?.LowerIsBetter ?? false,
            Runs = counted.Select(r => r.Value).ToArray(),
            Note = median?.Note,
            Skipped = results.FirstOrDefault(r => r.Skipped is not null)?.Skipped,
            Error = error,
        };
    }

    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static void WriteText(IAnsiConsole console, BenchReport report)
    {
        var machine = report.Machine;
        console.MarkupLine($"[grey]{Markup.Escape($"{machine.Cpu}, {Words.Count(machine.Cores, "core")}, {machine.Memory}, {machine.Os}, {machine.Dotnet}{(report.Quick ? ", quick" : "")}")}[/]");
        var table = new Table().Border(TableBorder.Simple)
            .AddColumn(new TableColumn("[bold]Benchmark[/]").NoWrap())
            .AddColumn(new TableColumn("[grey]median[/]").RightAligned().NoWrap())
            .AddColumn(new TableColumn("[grey]unit[/]").NoWrap())
            .AddColumn(new TableColumn("[grey]runs[/]").RightAligned().NoWrap())
            .AddColumn(new TableColumn("[grey]must[/]").RightAligned().NoWrap())
            .AddColumn(new TableColumn("[grey]goal[/]").RightAligned().NoWrap())
            .AddColumn(new TableColumn("[grey]what[/]"));
        foreach (var row in report.Results)
        {
            var what = Markup.Escape(row.What) + (row.Note is null ? "" : $" [grey]({Markup.Escape(row.Note)})[/]");
            if (row.Skipped is { } why) what = $"[yellow]skipped: {Markup.Escape(why)}[/]";
            if (row.Error is { } error) what = $"[red]failed: {Markup.Escape(error)}[/]";
            var spread = row.Runs.Count > 1 ? $"{Number(row.Runs.Min())} – {Number(row.Runs.Max())}" : "";
            table.AddRow(
                Markup.Escape(row.Name), row.Value is { } value ? $"[bold]{Number(value)}[/]" : "–", Markup.Escape(row.Unit), spread,
                Bar(row, row.Must), Bar(row, row.Goal), what);
        }
        console.Write(table);
    }

    private static string Bar(BenchRow row, double? bar) =>
        bar is not { } asked ? "" : row.Reaches(bar) switch { true => $"[green]✓ {Number(asked)}[/]", false => $"[red]✗ {Number(asked)}[/]", null => Number(asked) };

    private static string Number(double value) =>
        Math.Abs(value) >= 1_000 ? Words.Whole((long)Math.Round(value)) : value.ToString("0.###", CultureInfo.InvariantCulture);
}
