namespace LiveGrains.Cli;

/// <summary>For whom a command writes its result.</summary>
public enum OutputFormat
{
    /// <summary>People: tables, colours on a terminal.</summary>
    Text,

    /// <summary>Machines: one JSON document on standard output and nothing else.</summary>
    Json,
}
