using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using LiveGrains.Core;
using Spectre.Console;

namespace LiveGrains.Cli.Evaluate;

/// <summary>What `evaluate replay` found.</summary>
internal sealed record ReplayEvaluationResult : IEvaluationResult
{
    /// <summary>Which items.</summary>
    public required InterestKind Kind { get; init; }
    /// <summary>Events read.</summary>
    public required long Events { get; init; }
    /// <summary>Clicks, enters or plays of the kind.</summary>
    public required long Touches { get; init; }
    /// <summary>Items available at the end.</summary>
    public required long Items { get; init; }
    /// <summary>Every how many touches were scored.</summary>
    public required int Sample { get; init; }
    /// <summary>From which share of the events on touches were counted.</summary>
    public required double From { get; init; }
    /// <summary>Diversity of the lists.</summary>
    public required double Diversity { get; init; }
    /// <summary>The next new item of users with an earlier touch: the figures at the top.</summary>
    public required ReplayProtocolResult Known { get; init; }
    /// <summary>The next new item of all users.</summary>
    public required ReplayProtocolResult AllUsers { get; init; }
    /// <summary>The next item of users with an earlier touch, new or not.</summary>
    public required ReplayProtocolResult WithRepeats { get; init; }
    /// <summary>Impressions of listed items that the ranker learned from.</summary>
    public required long ImpressionsLearned { get; init; }
    /// <summary>How well the ranker's probabilities came true, by objective; empty: nothing was learned.</summary>
    public required IReadOnlyList<PredictionQuality> Predictions { get; init; }
    /// <summary>Seconds in all.</summary>
    public required double Seconds { get; init; }
    /// <summary>Median of a question.</summary>
    public required double QuestionMicroseconds { get; init; }
    /// <summary>99th percentile of a question.</summary>
    public required double QuestionMicrosecondsP99 { get; init; }

    private const string Interval = "interval";
    private const string Lead = "lead";

    private static readonly (string Title, string Name)[] _columns =
    [
        ("HR@5", "hr@5"), ("HR@10", "hr@10"), ("HR@20", "hr@20"), ("95 %", Interval), ("LiveGrains’ lead", Lead), ("NDCG@10", "ndcg@10"), ("NDCG@20", "ndcg@20"), ("MRR@20", "mrr@20"), ("P@20", "precision@20"), ("F1@20", "f1@20"),
        ("coverage", "coverage@20"), ("novelty", "novelty@20"), ("percentile", "popularityPercentile@20"), ("top 1 %", "top1PercentShare@20"),
    ];

    /// <summary>For machines.</summary>
    public void WriteJson(TextWriter writer)
    {
        var json = new JsonObject
        {
            ["kind"] = Name,
            ["events"] = Events,
            ["touches"] = Touches,
            ["items"] = Items,
            ["sample"] = Sample,
            ["from"] = From,
            ["diversity"] = Diversity,
        };
        AddTo(json, Known);
        json["allUsers"] = AddTo([], AllUsers);
        json["withRepeats"] = AddTo([], WithRepeats);
        json["impressionsLearned"] = ImpressionsLearned;
        json["predictions"] = new JsonObject(Predictions.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Name, p.Json())));
        json["seconds"] = Seconds;
        json["questionMicroseconds"] = QuestionMicroseconds;
        json["questionMicrosecondsP99"] = QuestionMicrosecondsP99;
        writer.WriteLine(json.ToJsonString(JsonText.Indented));
    }

    /// <summary>For a terminal.</summary>
    public void WriteText(IAnsiConsole console)
    {
        foreach (var (title, protocol) in Protocols)
        {
            console.MarkupLine($"[bold]{Markup.Escape(title)}[/]");
            var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("[bold]Method[/]").NoWrap());
            // A lead with its interval is too long for a terminal: it has a line of its own.
            foreach (var (column, _) in _columns.Where(c => c.Name != Lead)) table.AddColumn(new TableColumn($"[grey]{Markup.Escape(column)}[/]").RightAligned().NoWrap());
            foreach (var (name, figures) in protocol.Methods) table.AddRow([Markup.Escape(name), .. Cells(figures, lead: false).Select(Markup.Escape)]);
            console.Write(table);
            foreach (var (name, figures) in protocol.Methods.Skip(1)) console.MarkupLine($"[grey]lead in HR@20 over {Markup.Escape(name)}: {LeadOf(figures)}[/]");
        }

        foreach (var remark in Remarks) console.MarkupLine($"[grey]{Markup.Escape(remark)}[/]");
    }

    /// <summary>For a README.</summary>
    public void WriteMarkdown(TextWriter writer)
    {
        foreach (var (title, protocol) in Protocols)
        {
            writer.WriteLine($"**{title}**\n");
            writer.WriteLine($"| method | {string.Join(" | ", _columns.Select(c => c.Title))} |");
            writer.WriteLine($"|---|{string.Concat(_columns.Select(_ => "---:|"))}");
            foreach (var (name, figures) in protocol.Methods) writer.WriteLine($"| {name} | {string.Join(" | ", Cells(figures))} |");
            writer.WriteLine();
        }

        writer.WriteLine(string.Join("; ", Remarks) + ".");
    }

    private string Name => Kind.ToString().ToLowerInvariant();

    private IEnumerable<(string Title, ReplayProtocolResult Protocol)> Protocols =>
    [
        ($"Next new {Name}, users with an earlier touch: {Of(Known)}", Known),
        ($"Next new {Name}, all users: {Of(AllUsers)}", AllUsers),
        ($"Next {Name}, new or not, users with an earlier touch: {Of(WithRepeats)}", WithRepeats),
    ];

    private IEnumerable<string> Remarks
    {
        get
        {
            yield return $"{Words.Count(Events, "event")}, {Words.Whole(Touches)} touches{(Sample > 1 ? $", one of {Sample} scored" : "")}{(From > 0 ? $", counted from {Words.Percent(From)} of the events on" : "")}, diversity {Diversity.ToString(CultureInfo.InvariantCulture)}, {Words.Count(Items, Name)} available at the end; predict, then learn, in one pass, in {Words.Duration(TimeSpan.FromSeconds(Seconds))}";
            yield return $"a target is the {Name} that a user comes to next; lists of 20 of what is available then, popularity is that of before; targets that nobody had touched before count as missed by every method; intervals: Wilson, of the lead in HR@20 paired by target";
            yield return $"a question takes {Words.Microseconds(QuestionMicroseconds)} (99 %: {Words.Microseconds(QuestionMicrosecondsP99)})";
            yield return ImpressionsLearned == 0
                ? "no impressions to learn from"
                : $"{Words.Whole(ImpressionsLearned)} impressions learned from, each predicted first; log loss against that of always predicting the mean (below 1: the ranker knows something): {string.Join(", ", Predictions.Select(p => p.Text()))}";
        }
    }

    private static string Of(ReplayProtocolResult protocol) =>
        $"{Words.Count(protocol.Ours.Targets, "target")} of {Words.Count(protocol.Ours.Users, "user")}, {Words.Whole(protocol.Ours.NewItemTargets)} that nobody had touched before";

    private static IEnumerable<string> Cells(ReplayFigures figures, bool lead = true) => _columns.Where(c => lead || c.Name != Lead).Select(c => c.Name switch
    {
        Interval => $"{Number(figures.Values["hr@20Low"])}–{Number(figures.Values["hr@20High"])}",
        Lead when !figures.Values.ContainsKey("hr@20Lead") => "",
        Lead => LeadOf(figures),
        var name => figures.Values[name].ToString(name.StartsWith("novelty", StringComparison.Ordinal) ? "0.0" : "0.0000", CultureInfo.InvariantCulture),
    });

    private static string LeadOf(ReplayFigures figures) =>
        $"{Number(figures.Values["hr@20Lead"])} ({Number(figures.Values["hr@20LeadLow"])} to {Number(figures.Values["hr@20LeadHigh"])})";

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static JsonObject AddTo(JsonObject json, ReplayProtocolResult protocol)
    {
        AddTo(json, protocol.Ours);
        var baselines = new JsonObject();
        for (var method = 1; method < ReplayProtocol.Methods; method++) baselines[ReplayProtocol.Names[method].Json] = AddTo([], protocol.Figures[method]);
        json["baselines"] = baselines;
        return json;
    }

    private static JsonObject AddTo(JsonObject json, ReplayFigures figures)
    {
        json["targets"] = figures.Targets;
        json["users"] = figures.Users;
        json["newItemTargets"] = figures.NewItemTargets;
        json["newItemHits"] = figures.NewItemHits;
        foreach (var (name, value) in figures.Values) json[name] = value;
        return json;
    }
}
