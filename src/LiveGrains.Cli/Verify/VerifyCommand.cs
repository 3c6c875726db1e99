using System.CommandLine;
using System.Globalization;
using LiveGrains.Engine.Verification;
using LiveGrains.Postgres;
using Spectre.Console;

namespace LiveGrains.Cli.Verify;

/// <summary>`livegrains verify`: checks every byte of a data directory or a database and says what is wrong and where.</summary>
public static class VerifyCommand
{
    private const string Damage = "damage";

    /// <summary>Makes the command.</summary>
    public static Command Create(ToolEnvironment environment)
    {
        var directory = new Argument<string?>("DIR") { Description = "The data directory. It is only read.", Arity = ArgumentArity.ZeroOrOne };
        var postgres = new Option<string?>("--postgres")
        {
            Description = "A PostgreSQL database instead, which engines may use meanwhile; a connection string of Npgsql. It is a secret: better in the variable LIVEGRAINS_POSTGRES, which counts without DIR.",
            HelpName = "CONNECTION",
        };
        var format = CommonOptions.Format();
        var command = new Command("verify", "Checks every byte of a data directory or a database; exit code 1 when something is damaged.") { directory, postgres, format };
        command.Validators.Add(result =>
        {
            if (result.GetValue(directory) != null && result.GetValue(postgres) != null) result.AddError("Either DIR or --postgres.");
            else if (result.GetValue(directory) == null && (result.GetValue(postgres) ?? environment.PostgresConnection) == null) result.AddError("What is to be verified? A data directory DIR, or --postgres CONNECTION.");
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            environment, parsed.GetValue(directory), parsed.GetValue(postgres) ?? environment.PostgresConnection, parsed.GetValue(format), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ToolEnvironment environment, string? directory, string? connection, OutputFormat format, CancellationToken cancellationToken)
    {
        if (directory != null && !Directory.Exists(directory)) throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{directory}: no such directory");
        var name = directory ?? new PostgresStore(connection!).Description;
        VerifyReport report;
        TimeSpan elapsed;
        using (var line = new ProgressLine(environment))
        {
            var progress = new Drawing(line);
            report = await Task.Run(() => directory != null ? environment.Verify(directory, progress) : environment.VerifyDatabase(connection!, progress), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            elapsed = line.Elapsed;
        }
        if (format == OutputFormat.Json)
        {
            JsonText.Write(environment.Out, new VerifyResult(name, report.Ok, report.Files, report.Bytes, report.Frames, report.Events, elapsed.TotalSeconds, report.Findings));
        }
        else
        {
            WriteText(environment.CreateConsole(), name, directory != null ? "file" : "row", report, elapsed);
        }
        return report.Ok ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static void WriteText(IAnsiConsole console, string name, string unit, VerifyReport report, TimeSpan elapsed)
    {
        if (report.Findings.Count > 0)
        {
            var table = new Table().Border(TableBorder.Simple)
                .AddColumn(new TableColumn("[bold]Place[/]").NoWrap())
                .AddColumn(new TableColumn("[grey]at byte[/]").RightAligned().NoWrap())
                .AddColumn(new TableColumn("[grey]severity[/]").NoWrap())
                .AddColumn(new TableColumn("[grey]what[/]"));
            foreach (var finding in report.Findings)
            {
                var style = finding.Severity == Damage ? "red" : finding.Severity == "note" ? "grey" : "yellow";
                table.AddRow(
                    Markup.Escape(finding.File), finding.Offset.ToString(CultureInfo.InvariantCulture), $"[{style}]{Markup.Escape(finding.Severity)}[/]", Markup.Escape(finding.Message));
            }
            console.Write(table);
        }
        var contents = $"{Words.Count(report.Files, unit)}, {Words.Bytes(report.Bytes)}, {Words.Count(report.Frames, "frame")}, {Words.Count(report.Events, "event")}; checked in {Words.Duration(elapsed)}";
        if (report.Ok)
        {
            console.MarkupLine($"[green]good[/]  {Markup.Escape(name)}: {contents}");
            return;
        }
        var damages = report.Findings.Count(f => f.Severity == Damage);
        console.MarkupLine($"[red]damaged[/]  {Markup.Escape(name)}: {Words.Count(damages, "place")}; {contents}");
    }

    /// <summary>Unlike <see cref="Progress{T}"/> it draws on the verifier's thread: nothing comes after the end.</summary>
    private sealed class Drawing(ProgressLine line) : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value)
        {
            if (!line.Due) return;
            var rate = value.BytesDone / Math.Max(line.Elapsed.TotalSeconds, 0.001);
            line.Update(value.BytesTotal > 0 ? (double)value.BytesDone / value.BytesTotal : null, $"{Words.Bytes(value.BytesDone)} of {Words.Bytes(value.BytesTotal)}  {Words.Bytes(rate)}/s");
        }

    }
}
