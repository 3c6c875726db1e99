namespace LiveGrains.Cli.Report;

/// <summary>The forms of a report.</summary>
public enum ReportFormat
{
    /// <summary>One file for people.</summary>
    Html,
    /// <summary>For machines.</summary>
    Json,
}
