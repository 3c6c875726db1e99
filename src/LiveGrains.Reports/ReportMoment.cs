using System.Globalization;

namespace LiveGrains.Reports;

/// <summary>A moment of a broadcast: a time, or how long after the beginning. One of the two is set.</summary>
public readonly record struct ReportMoment(DateTimeOffset? Time, TimeSpan? SinceStart)
{
    /// <summary>What <see cref="TryParse"/> takes, for people.</summary>
    public const string Forms = "RFC 3339 with an offset (2026-11-22T20:15:00+08:00), milliseconds since 1970 UTC, or time since the start (1:15:00)";

    private static readonly string[] _times =
    [
        "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
        "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
    ];

    /// <summary>Reads a moment; false: it is none.</summary>
    public static bool TryParse(string text, out ReportMoment moment)
    {
        moment = default;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms))
        {
            if (ms > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()) return false;
            moment = new(DateTimeOffset.FromUnixTimeMilliseconds(ms), null);
            return true;
        }

        if (TryParseElapsed(text, out var elapsed))
        {
            moment = new(null, elapsed);
            return true;
        }

        // A plus that was not escaped in an address arrives as a space.
        if (!DateTimeOffset.TryParseExact(text.ToUpperInvariant().Replace(' ', '+'), _times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return false;
        moment = new(time, null);
        return true;
    }

    // h:mm:ss, hours without bound.
    private static bool TryParseElapsed(string text, out TimeSpan elapsed)
    {
        elapsed = default;
        var parts = text.Split(':');
        if (parts.Length != 3 || parts[1].Length != 2 || parts[2].Length != 2) return false;
        if (!int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var hours) || hours > 100_000) return false;
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) || minutes > 59) return false;
        if (!int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > 59) return false;
        elapsed = new TimeSpan(0, hours, minutes, seconds);
        return true;
    }
}
