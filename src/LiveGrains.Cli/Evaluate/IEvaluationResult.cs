using Spectre.Console;

namespace LiveGrains.Cli.Evaluate;

/// <summary>What an evaluation came to, for each of its readers.</summary>
internal interface IEvaluationResult
{
    /// <summary>For a terminal.</summary>
    void WriteText(IAnsiConsole console);

    /// <summary>For a README.</summary>
    void WriteMarkdown(TextWriter writer);

    /// <summary>For machines: one JSON document.</summary>
    void WriteJson(TextWriter writer) => JsonText.Write<object>(writer, this);
}
