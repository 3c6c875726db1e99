namespace LiveGrains.Reports;

/// <summary>A language of reports.</summary>
public enum ReportLanguage
{
    /// <summary>English.</summary>
    En,
    /// <summary>Chinese, with the names of the industry's live data screens.</summary>
    Zh,
}
