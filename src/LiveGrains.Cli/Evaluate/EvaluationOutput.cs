using System.CommandLine;

namespace LiveGrains.Cli.Evaluate;

/// <summary>How the commands of `evaluate` write what they came to.</summary>
internal static class EvaluationOutput
{
    /// <summary>The option `--format`.</summary>
    public static Option<EvaluationFormat> Option() =>
        CommonOptions.OneOf<EvaluationFormat>("--format", "text: for people; json: for machines; markdown: for a README (default text).");

    /// <summary>Writes a result in a format.</summary>
    public static void Write(ToolEnvironment environment, EvaluationFormat format, IEvaluationResult result)
    {
        switch (format)
        {
            case EvaluationFormat.Json: result.WriteJson(environment.Out); break;
            case EvaluationFormat.Markdown: result.WriteMarkdown(environment.Out); break;
            default: result.WriteText(environment.CreateConsole()); break;
        }
    }
}
