namespace LiveGrains.Engine.Ingest;

/// <summary>Times of RFC 3339 with an offset, to the millisecond.</summary>
internal static class Rfc3339
{
    /// <summary>Reads `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)`; digits beyond milliseconds are dropped, a leap second is the second before it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long unixMs)
    {
        unixMs = 0;
        if (text.Length < 20 || text.Length > 40) return false;
        if (!Number(text, 0, 4, out var year) || text[4] != '-' || !Number(text, 5, 2, out var month) || text[7] != '-'
            || !Number(text, 8, 2, out var day) || text[10] is not ((byte)'T' or (byte)'t') || !Number(text, 11, 2, out var hour)
            || text[13] != ':' || !Number(text, 14, 2, out var minute) || text[16] != ':' || !Number(text, 17, 2, out var second)) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60) return false;
        if (second == 60) second = 59;
        var at = 19;
        var ms = 0;
        if (text[at] == '.')
        {
            var digits = 0;
            for (at++; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++, digits++)
            {
                if (digits < 3) ms = ms * 10 + (text[at] - '0');
            }

            if (digits == 0) return false;
            for (; digits < 3; digits++) ms *= 10;
        }

        if (at >= text.Length) return false;
        long offsetMinutes = 0;
        if (text[at] is (byte)'Z' or (byte)'z')
        {
            if (at + 1 != text.Length) return false;
        }
        else if (text[at] is (byte)'+' or (byte)'-')
        {
            if (at + 6 != text.Length || text[at + 3] != ':' || !Number(text, at + 1, 2, out var h) || !Number(text, at + 4, 2, out var m) || h > 23 || m > 59) return false;
            offsetMinutes = (text[at] == '-' ? -1 : 1) * (h * 60 + m);
        }
        else
        {
            return false;
        }

        var days = new DateTime(year, month, day, 0, 0, 0, DateTimeKind.Utc).Ticks / TimeSpan.TicksPerDay - 719_162;
        unixMs = ((days * 24 + hour) * 60 + minute - offsetMinutes) * 60_000 + second * 1000 + ms;
        return true;
    }

    private static bool Number(ReadOnlySpan<byte> text, int at, int digits, out int value)
    {
        value = 0;
        for (var i = at; i < at + digits; i++)
        {
            if (text[i] is < (byte)'0' or > (byte)'9') return false;
            value = value * 10 + (text[i] - '0');
        }

        return true;
    }
}
