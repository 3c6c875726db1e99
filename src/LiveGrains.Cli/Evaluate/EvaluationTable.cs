using System.Globalization;
using Spectre.Console;

namespace LiveGrains.Cli.Evaluate;

/// <summary>Our numbers, and beside them the published ones where the file is a known one.</summary>
/// <param name="Result">What machines get.</param>
/// <param name="Columns">Names of the numbers; the published rows have the first of them.</param>
/// <param name="Values">Our numbers.</param>
/// <param name="Margins">Half the 95 % intervals of the first of them.</param>
/// <param name="Published">Null: the file is not a known one.</param>
/// <param name="Remarks">Lines below the table.</param>
internal sealed record EvaluationTable(
    object Result, IReadOnlyList<string> Columns, IReadOnlyList<double> Values, IReadOnlyList<double> Margins, PublishedResults? Published, IReadOnlyList<string> Remarks) : IEvaluationResult
{
    private const string Ours = "LiveGrains";

    /// <summary>For a terminal.</summary>
    public void WriteText(IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("[bold]Method[/]").NoWrap());
        foreach (var column in Columns) table.AddColumn(new TableColumn($"[grey]{Markup.Escape(column)}[/]").RightAligned().NoWrap());
        foreach (var (method, cells) in Rows(bold: false))
            table.AddRow([Markup.Escape(method), .. cells.Select(c => method == Ours ? $"[bold]{Markup.Escape(c)}[/]" : Markup.Escape(c))]);
        if (Published is not null) console.MarkupLine($"[bold]{Markup.Escape(Published.Name)}[/]");
        console.Write(table);
        foreach (var remark in AllRemarks()) console.MarkupLine($"[grey]{Markup.Escape(remark)}[/]");
    }

    /// <summary>For a README.</summary>
    public void WriteMarkdown(TextWriter writer)
    {
        if (Published is not null) writer.WriteLine($"**{Published.Name}**\n");
        writer.WriteLine($"| method | {string.Join(" | ", Columns)} |");
        writer.WriteLine($"|---|{string.Concat(Columns.Select(_ => "---:|"))}");
        foreach (var (method, cells) in Rows(bold: true)) writer.WriteLine($"| {method} | {string.Join(" | ", cells)} |");
        writer.WriteLine();
        writer.WriteLine(string.Join("; ", AllRemarks()) + ".");
    }

    /// <summary>For machines.</summary>
    public void WriteJson(TextWriter writer) => JsonText.Write(writer, Result);

    private IEnumerable<string> AllRemarks() => Published is null ? Remarks : Remarks.Append($"published: {Published.Source}");

    private List<(string Method, string[] Cells)> Rows(bool bold)
    {
        var rows = new List<(double Order, string Method, string[] Cells)>();
        foreach (var (method, values) in Published?.Rows ?? [])
            rows.Add((values[0], method, [.. Columns.Select((_, i) => i < values.Length ? Number(values[i]) : "")]));
        rows.Add((Values[0], bold ? $"**{Ours}**" : Ours, [.. Values.Select((v, i) => i < Margins.Count ? $"{Number(v)} ± {Number(Margins[i])}" : Number(v))]));
        return [.. rows.OrderBy(r => r.Order).Select(r => (r.Method, r.Cells))];
    }

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
