namespace LiveGrains.Cli.Evaluate;

/// <summary>For whom `evaluate` writes its tables.</summary>
internal enum EvaluationFormat
{
    /// <summary>People.</summary>
    Text,

    /// <summary>Machines: one JSON document.</summary>
    Json,

    /// <summary>A README.</summary>
    Markdown,
}
