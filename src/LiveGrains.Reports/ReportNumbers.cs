using System.Globalization;

namespace LiveGrains.Reports;

/// <summary>Numbers, money and times as people of a language read them; null is a dash.</summary>
/// <param name="words">The language.</param>
/// <param name="currency">ISO 4217.</param>
/// <param name="offset">Of the times shown from UTC.</param>
internal sealed class ReportNumbers(ReportWords words, string currency, TimeSpan offset)
{
    private const string None = "–";

    private static readonly Dictionary<string, string> _symbols = new(StringComparer.Ordinal)
    {
        ["CNY"] = "¥",
        ["JPY"] = "¥",
        ["USD"] = "$",
        ["EUR"] = "€",
        ["GBP"] = "£",
        ["KRW"] = "₩",
        ["INR"] = "₹",
        ["VND"] = "₫",
        ["THB"] = "฿",
    };

    // ISO 4217's minor units where they are not two digits.
    private static readonly Dictionary<string, int> _digits = new(StringComparer.Ordinal)
    {
        ["BIF"] = 0,
        ["CLP"] = 0,
        ["DJF"] = 0,
        ["GNF"] = 0,
        ["ISK"] = 0,
        ["JPY"] = 0,
        ["KMF"] = 0,
        ["KRW"] = 0,
        ["PYG"] = 0,
        ["RWF"] = 0,
        ["UGX"] = 0,
        ["UYI"] = 0,
        ["VND"] = 0,
        ["VUV"] = 0,
        ["XAF"] = 0,
        ["XOF"] = 0,
        ["XPF"] = 0,
        ["BHD"] = 3,
        ["IQD"] = 3,
        ["JOD"] = 3,
        ["KWD"] = 3,
        ["LYD"] = 3,
        ["OMR"] = 3,
        ["TND"] = 3,
    };

    /// <summary>Every digit: 1,234,567; up to two behind the point.</summary>
    public string Exact(double? value) => value is { } number ? number.ToString("#,0.##", CultureInfo.InvariantCulture).Replace('-', '−') : None;

    /// <summary>Four figures: 9,876 · 12.34k · 1.23M; 9,876 · 1.23万 · 4.56亿.</summary>
    public string Short(double? value)
    {
        if (value is not { } number) return None;
        var (scaled, unit) = Scale(number);
        return unit.Length == 0 ? Exact(Math.Abs(number) >= 100 ? Math.Round(number) : number) : scaled.ToString(Figures(scaled), CultureInfo.InvariantCulture) + unit;
    }

    /// <summary>An amount to the cent: ¥12,345.67.</summary>
    public string Money(double? minor) => minor is { } amount ? Signed(amount, Major(amount).ToString("N" + Digits, CultureInfo.InvariantCulture)) : None;

    /// <summary>An amount in four figures: ¥129.00 · ¥12.34k · ¥1.23万.</summary>
    public string ShortMoney(double? minor)
    {
        if (minor is not { } amount) return None;
        var (scaled, unit) = Scale(Major(amount));
        if (unit.Length > 0) return Signed(amount, scaled.ToString(Figures(scaled), CultureInfo.InvariantCulture) + unit);
        return scaled >= 1000 ? Signed(amount, scaled.ToString("#,0", CultureInfo.InvariantCulture)) : Money(minor);
    }

    /// <summary>A round number, or amount in minor units, for a scale: ¥10k, not ¥10.00k.</summary>
    public string Round(double value, bool isMoney)
    {
        var (scaled, unit) = Scale(isMoney ? Major(value) : value);
        var text = scaled.ToString("#,0.##", CultureInfo.InvariantCulture) + unit;
        return isMoney ? Signed(value, text) : text;
    }

    /// <summary>A ratio as per cent in three figures.</summary>
    public string Percent(double? ratio, bool signed = false)
    {
        if (ratio is not { } value) return None;
        var size = Math.Abs(value * 100);
        var text = size.ToString(size >= 1000 ? "#,0" : size >= 100 ? "0" : size >= 10 ? "0.0" : size >= 1 ? "0.00" : size == 0 ? "0" : "0.000", CultureInfo.InvariantCulture);
        var sign = value < 0 ? "−" : signed && value > 0 ? "+" : "";
        return sign + text + words["percent"];
    }

    /// <summary>A ratio with its margin, one digit behind the point: 18.2 ± 2.1 %; without a margin as <see cref="Percent(double?, bool)"/>.</summary>
    public string Percent(double ratio, double margin) =>
        margin == 0 ? Percent(ratio) : string.Create(CultureInfo.InvariantCulture, $"{ratio * 100:0.0} ± {margin * 100:0.0}{words["percent"]}");

    /// <summary>45 s · 3 min 20 s · 2 h 05 min.</summary>
    public string Duration(double? seconds)
    {
        if (seconds is not { } all) return None;
        var whole = (long)Math.Round(all);
        var (d, h, m, s, gap) = (words["day"], words["hour"], words["minute"], words["second"], words["gap"]);
        if (all is > 0 and < 10) return all.ToString("0.#", CultureInfo.InvariantCulture) + s;
        FormattableString text = whole switch
        {
            < 60 => $"{whole}{s}",
            < 3_600 when whole % 60 == 0 => $"{whole / 60}{m}",
            < 3_600 => $"{whole / 60}{m}{gap}{whole % 60:00}{s}",
            < 86_400 when whole % 3_600 / 60 == 0 => $"{whole / 3_600}{h}",
            < 86_400 => $"{whole / 3_600}{h}{gap}{whole % 3_600 / 60:00}{m}",
            _ => $"{whole / 86_400}{d}{gap}{whole % 86_400 / 3_600}{h}",
        };
        return FormattableString.Invariant(text);
    }

    /// <summary>20:15.</summary>
    public string Clock(DateTimeOffset time) => time.ToOffset(offset).ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <summary>20:15:30.</summary>
    public string ClockSeconds(DateTimeOffset time) => time.ToOffset(offset).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>2026-11-22 20:15.</summary>
    public string Moment(DateTimeOffset time) => time.ToOffset(offset).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>The first multiple of a span, in the time that is shown, not before a moment.</summary>
    public DateTimeOffset CeilingOf(DateTimeOffset time, TimeSpan span)
    {
        var local = time.ToOffset(offset);
        var behind = local.Ticks % span.Ticks;
        return behind == 0 ? local : local.AddTicks(span.Ticks - behind);
    }

    /// <summary>11-22.</summary>
    public string Day(DateTimeOffset time) => time.ToOffset(offset).ToString("MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Time since a beginning: 1:15:00.</summary>
    public static string Elapsed(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{(time < TimeSpan.Zero ? "−" : "")}{Math.Abs((long)time.TotalHours)}:{Math.Abs(time.Minutes):00}:{Math.Abs(time.Seconds):00}");

    /// <summary>The offset: +08:00, or nothing for UTC.</summary>
    public string Offset => offset == TimeSpan.Zero ? "" : (offset < TimeSpan.Zero ? "−" : "+") + offset.ToString("hh\\:mm", CultureInfo.InvariantCulture);

    private int Digits => _digits.GetValueOrDefault(currency, 2);

    private double Major(double minor) => Math.Abs(minor) / Math.Pow(10, Digits);

    private string Signed(double amount, string text) => (amount < 0 ? "−" : "") + (_symbols.TryGetValue(currency, out var symbol) ? symbol : currency + " ") + text;

    private (double Scaled, string Unit) Scale(double value)
    {
        var size = Math.Abs(value);
        if (words.IsChinese) return size >= 1e8 ? (value / 1e8, "亿") : size >= 1e4 ? (value / 1e4, "万") : (value, "");
        return size >= 1e9 ? (value / 1e9, "B") : size >= 1e6 ? (value / 1e6, "M") : size >= 1e4 ? (value / 1e3, "k") : (value, "");
    }

    private static string Figures(double scaled) => Math.Abs(scaled) >= 1000 ? "#,0" : Math.Abs(scaled) >= 100 ? "0.0" : "0.00";
}
