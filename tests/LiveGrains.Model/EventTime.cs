using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LiveGrains.Model;

/// <summary>The `time` member: RFC 3339 with an offset, or integer milliseconds since 1970 UTC.</summary>
internal static partial class EventTime
{
    /// <summary>The last millisecond of the year 9999.</summary>
    public const long Latest = 253_402_300_799_999;

    public static bool TryRead(JsonElement value, out long ms)
    {
        ms = 0;
        var read = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt64(out ms),
            JsonValueKind.String => TryParse(value.GetString()!, out ms),
            _ => false,
        };
        return read && ms is >= 0 and <= Latest;
    }

    /// <summary>Parts of a millisecond are cut off.</summary>
    private static bool TryParse(string text, out long ms)
    {
        ms = 0;
        var match = Rfc3339().Match(text);
        if (!match.Success)
            return false;
        int Number(string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

        int year = Number("year"), month = Number("month"), day = Number("day");
        int hour = Number("hour"), minute = Number("minute"), second = Number("second");
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 59)
            return false;
        var fraction = (match.Groups["fraction"].Value + "000")[..3];
        var local = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
        ms = (local.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond + int.Parse(fraction, CultureInfo.InvariantCulture);
        if (match.Groups["sign"].Success)
        {
            int offsetHour = Number("offsetHour"), offsetMinute = Number("offsetMinute");
            if (offsetHour > 23 || offsetMinute > 59)
                return false;
            var offset = (offsetHour * 60 + offsetMinute) * 60_000L;
            ms -= match.Groups["sign"].Value == "-" ? -offset : offset;
        }

        return true;
    }

    [GeneratedRegex(@"^(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})[Tt](?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(\.(?<fraction>[0-9]+))?([Zz]|(?<sign>[+-])(?<offsetHour>[0-9]{2}):(?<offsetMinute>[0-9]{2}))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();
}
