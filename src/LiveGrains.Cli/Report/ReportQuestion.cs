using System.Globalization;
using System.Text;
using LiveGrains.Reports;

namespace LiveGrains.Cli.Report;

/// <summary>What the command line asks of a report.</summary>
internal sealed record ReportQuestion(string Room, ReportFormat Format, ReportLanguage Language, IReadOnlyList<string> Moments, int WindowMinutes, string? Offset)
{
    /// <summary>The offset of times at a moment of the broadcast.</summary>
    public TimeSpan OffsetAt(TimeProvider time, DateTimeOffset moment) =>
        Offset is { } text && ReportOptions.TryParseOffset(text, out var offset) ? offset : time.LocalTimeZone.GetUtcOffset(moment);

    /// <summary>The query for a server, which does not say when the broadcast was before it is asked: the offset is today's.</summary>
    public string Query(TimeProvider time)
    {
        var offset = OffsetAt(time, time.GetUtcNow());
        var query = new StringBuilder($"format={(Format == ReportFormat.Json ? "json" : "html")}&language={(Language == ReportLanguage.Zh ? "zh" : "en")}&window={WindowMinutes.ToString(CultureInfo.InvariantCulture)}")
            .Append("&offset=").Append(offset < TimeSpan.Zero ? "-" : "%2B").Append(offset.ToString("hh\\:mm", CultureInfo.InvariantCulture));
        foreach (var moment in Moments) query.Append("&moment=").Append(Uri.EscapeDataString(moment));
        return query.ToString();
    }
}
