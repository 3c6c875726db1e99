using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// How many impressions are to be expected between two moments of the clock: the profile of the day (quarter-hours of UTC, averaged over the last days) times how
/// today compares with it; a quarter-hour of which no day was seen is expected to be as now. What is far beyond that now fades within minutes, as crowds
/// do. A part of the ledger's state, 1.5 KB: a function of what it was told alone. One thread.
/// </summary>
internal sealed class DemandForecast
{
    private const int Quarters = 96;
    private const int QuarterSeconds = 900;
    private const int DaySeconds = Quarters * QuarterSeconds;
    // A new day counts for so much at least: the profile follows within a week.
    private const int MostDays = 4;
    // Quarter-hours of the last hour, and what is more than so many times as much is a crowd.
    private const int MostRecent = 4;
    private const double CrowdAbove = 1.5;
    // Of how today compares with other days so much is kept for the next quarter-hour: an hour's worth.
    private const double LevelKept = 0.75;
    private const double LevelPrior = 0.1;
    private const double LeastLevel = 0.25;
    private const double MostLevel = 4;
    // Time in which the difference between what is now and what was to be expected falls to 1/e, s.
    private const double FadeSeconds = 600;

    // By quarter-hour of the day: impressions a second, and days that they are the mean of.
    private readonly double[] _rates = new double[Quarters];
    private readonly int[] _days = new int[Quarters];
    private long _quarter = long.MinValue; // the one that runs, since 1970
    private long _count;
    private bool _isWhole; // seen from its beginning
    private double _recent;
    private int _recentQuarters;
    private double _seen;
    private double _expected;
    // Derived: impressions of the known quarter-hours of a day, and seconds of the others, before each.
    private readonly double[] _knownBefore = new double[Quarters + 1];
    private readonly double[] _unknownBefore = new double[Quarters + 1];

    /// <summary>How today compares with the days before, 0.25 to 4; 1 before that is known.</summary>
    /// <param name="nowMs">The clock.</param>
    public double LevelAt(long nowMs)
    {
        var (seen, expected) = (_seen, _expected);
        var place = (int)Remainder(_quarter, Quarters);
        if (expected == 0 && _isWhole && _days[place] > 0 && Floor(nowMs, QuarterSeconds * 1000L) == _quarter)
        {
            // No quarter-hour was ever seen twice: the one that runs, so far, and a minute and a half in which it was as the day before.
            seen = (double)_count / QuarterSeconds + LevelPrior * _rates[place];
            expected = (Remainder(nowMs, QuarterSeconds * 1000L) / (QuarterSeconds * 1000.0) + LevelPrior) * _rates[place];
        }

        return expected > 0 ? Math.Clamp(seen / expected, LeastLevel, MostLevel) : 1;
    }

    /// <summary>Impressions of a second came. Seconds come in order; those that are left out had none.</summary>
    public void Add(long second, long impressions)
    {
        var quarter = Floor(second, QuarterSeconds);
        if (_quarter == long.MinValue) (_quarter, _isWhole) = (quarter, Remainder(second, QuarterSeconds) == 0);
        if (quarter > _quarter) MoveTo(quarter);
        _count += impressions;
    }

    /// <summary>Impressions that are to be expected.</summary>
    /// <param name="fromMs">From when on, ms since 1970.</param>
    /// <param name="untilMs">Until when.</param>
    /// <param name="rate">Impressions a second now.</param>
    public double Between(long fromMs, long untilMs, double rate)
    {
        if (untilMs <= fromMs) return 0;
        var seconds = (untilMs - fromMs) / 1000.0;
        if (_recentQuarters == 0) return rate * seconds;
        var day = Floor(fromMs, DaySeconds * 1000L);
        var from = Until(fromMs, day);
        var until = Until(untilMs, day);
        var level = LevelAt(fromMs);
        // Traffic that grows or falls goes on as it is now, because where it falls and nobody knows how far, what is put off may never come; what is far above the last hour is a crowd.
        var unknown = Math.Min(rate, CrowdAbove * _recent);
        var usual = level * (until.Known - from.Known) + unknown * (until.Unknown - from.Unknown);
        var place = (int)Remainder(Floor(fromMs, QuarterSeconds * 1000L), Quarters);
        var usualNow = _days[place] > 0 ? level * _rates[place] : unknown;
        // ∫ of the difference while it fades. At least what comes now fades away.
        var fading = FadeSeconds * (1 - PortableMath.Exp(-Math.Min(seconds / FadeSeconds, 500)));
        return Math.Max(usual + (rate - usualNow) * fading, rate * fading);
    }

    /// <summary>Writes it.</summary>
    public void Save(IStateSink sink)
    {
        sink.Write(MemoryMarshal.AsBytes(_rates.AsSpan()));
        sink.Write(MemoryMarshal.AsBytes(_days.AsSpan()));
        sink.Write(MemoryMarshal.AsBytes<long>([_quarter, _count, _isWhole ? 1 : 0, _recentQuarters]));
        sink.Write(MemoryMarshal.AsBytes<double>([_recent, _seen, _expected]));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateSource source)
    {
        source.Read(MemoryMarshal.AsBytes(_rates.AsSpan()));
        source.Read(MemoryMarshal.AsBytes(_days.AsSpan()));
        _quarter = source.Take<long>();
        _count = source.Take<long>();
        _isWhole = source.Take<long>() != 0;
        _recentQuarters = (int)source.Take<long>();
        _recent = source.Take<double>();
        _seen = source.Take<double>();
        _expected = source.Take<double>();
        SumUp();
    }

    private void MoveTo(long quarter)
    {
        if (_isWhole) Close(_quarter, (double)_count / QuarterSeconds);
        // Of a longer silence the last day counts.
        for (var silent = Math.Max(_quarter + 1, quarter - Quarters); silent < quarter; silent++) Close(silent, 0);
        (_quarter, _count, _isWhole) = (quarter, 0, true);
        SumUp();
    }

    private void Close(long quarter, double rate)
    {
        var place = (int)Remainder(quarter, Quarters);
        if (_days[place] > 0)
        {
            _seen = LevelKept * _seen + rate;
            _expected = LevelKept * _expected + _rates[place];
        }

        _recentQuarters = Math.Min(_recentQuarters + 1, MostRecent);
        _recent += (rate - _recent) / _recentQuarters;
        _days[place] = Math.Min(_days[place] + 1, MostDays);
        _rates[place] += (rate - _rates[place]) / _days[place];
    }

    private void SumUp()
    {
        for (var i = 0; i < Quarters; i++)
        {
            _knownBefore[i + 1] = _knownBefore[i] + _rates[i] * QuarterSeconds;
            _unknownBefore[i + 1] = _unknownBefore[i] + (_days[i] > 0 ? 0 : QuarterSeconds);
        }
    }

    // From the beginning of a day to a moment: impressions of the quarter-hours that are known, and seconds of the others.
    private (double Known, double Unknown) Until(long ms, long day)
    {
        var days = Floor(ms, DaySeconds * 1000L) - day;
        var seconds = Remainder(ms, DaySeconds * 1000L) / 1000.0;
        var place = (int)(seconds / QuarterSeconds);
        var part = seconds - place * QuarterSeconds;
        return (days * _knownBefore[Quarters] + _knownBefore[place] + part * _rates[place],
            days * _unknownBefore[Quarters] + _unknownBefore[place] + (_days[place] > 0 ? 0 : part));
    }

    private static long Floor(long value, long by) => (value - Remainder(value, by)) / by;

    private static long Remainder(long value, long by) => (value % by + by) % by;
}
