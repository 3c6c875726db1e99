using System.Globalization;

namespace LiveGrains.Cli;

/// <summary>Numbers as people read them, the same in every culture.</summary>
public static class Words
{
    private static readonly string[] _byteUnits = ["B", "KB", "MB", "GB", "TB", "PB"];

    /// <summary>1234567 → `1,234,567`.</summary>
    public static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>At most six columns: `999`, `12.3k`, `4.56M`, `7.8G`.</summary>
    public static string Short(double value)
    {
        var magnitude = Math.Abs(value);
        return magnitude switch
        {
            < 9_999.5 => value.ToString("0", CultureInfo.InvariantCulture),
            < 999_950 => Scaled(value / 1e3) + "k",
            < 999_950_000 => Scaled(value / 1e6) + "M",
            < 999_950_000_000 => Scaled(value / 1e9) + "G",
            _ => Scaled(value / 1e12) + "T",
        };
    }

    /// <summary>Minor units as an amount: 123456 → `1,234.56`.</summary>
    public static string Money(long minorUnits) => (minorUnits / 100m).ToString("N2", CultureInfo.InvariantCulture);

    /// <summary>Minor units in at most seven columns: `1,234.56` → `1235`, `12.3k`.</summary>
    public static string ShortMoney(long minorUnits) => Short(minorUnits / 100.0);

    /// <summary>Bytes in powers of 1024: `1.5 MB`.</summary>
    public static string Bytes(double bytes)
    {
        var unit = 0;
        while (Math.Abs(bytes) >= 1023.5 && unit < _byteUnits.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }
        return bytes.ToString(unit == 0 || bytes >= 99.95 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + _byteUnits[unit];
    }

    /// <summary>A duration: `350 ms`, `12.3 s`, `4 min 5 s`, `2 h 3 min`.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 0.9995 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        < 59.95 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min"),
    };

    /// <summary>Microseconds: `93 µs`, `1.2 ms`, `3.4 s`.</summary>
    public static string Microseconds(double value) => value switch
    {
        < 999.5 => value.ToString("0", CultureInfo.InvariantCulture) + " µs",
        < 999_500 => (value / 1e3).ToString("0.0", CultureInfo.InvariantCulture) + " ms",
        _ => (value / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " s",
    };

    /// <summary>`1 event`, `2 events`.</summary>
    public static string Count(long value, string noun) => $"{Whole(value)} {noun}{(value == 1 ? "" : "s")}";

    /// <summary>A ratio as percent, or a dash for null.</summary>
    public static string Percent(double? ratio) =>
        ratio is { } value ? (value * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "–";

    /// <summary>Cuts a text to a number of columns, with an ellipsis.</summary>
    public static string Cut(string text, int columns) =>
        text.Length <= columns ? text : columns <= 1 ? text[..Math.Max(columns, 0)] : text[..(columns - 1)] + "…";

    private static string Scaled(double value) =>
        value.ToString(Math.Abs(value) < 9.995 ? "0.00" : Math.Abs(value) < 99.95 ? "0.0" : "0", CultureInfo.InvariantCulture);
}
