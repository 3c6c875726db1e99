using System.Globalization;

namespace LiveGrains.Reports;

/// <summary>What is asked of a report.</summary>
public sealed record ReportOptions
{
    /// <summary>Most moments of a report.</summary>
    public const int MaxMoments = 20;

    /// <summary>Most minutes of a window.</summary>
    public const int MaxWindowMinutes = 120;

    /// <summary>Moments to compare after with before; none: the best minutes.</summary>
    public IReadOnlyList<ReportMoment> Moments { get; init; } = [];

    /// <summary>Minutes of a window when nothing is asked.</summary>
    public const int DefaultWindowMinutes = 10;

    /// <summary>Minutes before and after a moment, 1 to 120, default 10.</summary>
    public int WindowMinutes { get; init; } = DefaultWindowMinutes;

    /// <summary>Reads an offset from UTC as RFC 3339 writes it (`+08:00`, `-03:30`, `Z`), at most 14 hours; false: it is none.</summary>
    public static bool TryParseOffset(string text, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (text is "Z" or "z") return true;
        // A plus that was not escaped in an address arrives as a space.
        if (text.Length != 6 || text[0] is not ('+' or '-' or ' ')) return false;
        if (!TimeSpan.TryParseExact(text.AsSpan(1), "hh\\:mm", CultureInfo.InvariantCulture, out var size) || size > TimeSpan.FromHours(14)) return false;
        offset = text[0] == '-' ? -size : size;
        return true;
    }
}
