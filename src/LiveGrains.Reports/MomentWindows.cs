namespace LiveGrains.Reports;

/// <summary>Compares what came after a moment with what was before it.</summary>
/// <param name="curves">The series as they are kept.</param>
/// <param name="windowMinutes">Minutes before and after.</param>
internal sealed class MomentWindows(RoomCurves curves, int windowMinutes)
{
    private const int BlockSeconds = 60;

    private enum Exposure { WatchedMinute, Minute }

    // Amounts have no Poisson floor: one gift of 1,000 is not a thousand gifts.
    private static readonly (string Metric, Exposure Per, bool IsCount)[] _metrics =
    [
        ("interactions", Exposure.WatchedMinute, true), ("comments", Exposure.WatchedMinute, true), ("likes", Exposure.WatchedMinute, true),
        ("shares", Exposure.WatchedMinute, true), ("follows", Exposure.WatchedMinute, true), ("gifts", Exposure.WatchedMinute, true),
        ("gifts.amount", Exposure.WatchedMinute, false), ("products.clicks", Exposure.WatchedMinute, true), ("products.pays", Exposure.WatchedMinute, true),
        ("gmv", Exposure.WatchedMinute, false), ("views", Exposure.Minute, true), ("watchSeconds", Exposure.Minute, false),
    ];

    private readonly int _count = curves.Values["online"].Length;

    /// <summary>At a moment that a reader named. Throws <see cref="ErrorCode.InvalidParameter"/> when it is not within the broadcast, or the broadcast too long for its series.</summary>
    public MomentEffect Named(DateTimeOffset moment, DateTimeOffset? startedAt)
    {
        if (curves.StepSeconds > BlockSeconds)
            throw new LiveGrainsException(ErrorCode.InvalidParameter, "The broadcast is longer than twelve days: no moment of it can be compared.");
        var at = (int)Math.Floor((moment - curves.Start).TotalSeconds / curves.StepSeconds + 0.5);
        if (at <= 0 || at >= _count)
        {
            var begin = startedAt > curves.Start ? startedAt.Value : curves.Start;
            throw new LiveGrainsException(ErrorCode.InvalidParameter,
                FormattableString.Invariant($"moment must lie within the broadcast, from {begin:yyyy-MM-dd'T'HH:mm:ss'Z'} to {Time(_count):yyyy-MM-dd'T'HH:mm:ss'Z'}."));
        }

        return Compare(at, at, found: false);
    }

    /// <summary>
    /// Around a found step, which is itself left out: it was chosen for being high, and would make any change look large. Null when
    /// there is not a block on each side of it.
    /// </summary>
    public MomentEffect? Found(DateTimeOffset begin, int seconds)
    {
        if (curves.StepSeconds > BlockSeconds || seconds > BlockSeconds) return null;
        var start = begin.ToUnixTimeSeconds() / seconds * seconds - curves.Start.ToUnixTimeSeconds();
        var (at, resumed) = ((int)Math.Max(0, start / curves.StepSeconds), (int)((start + seconds) / curves.StepSeconds));
        var block = BlockSeconds / curves.StepSeconds;
        return at < block || resumed + block > _count ? null : Compare(at, resumed, found: true);
    }

    private MomentEffect Compare(int at, int resumed, bool found)
    {
        var steps = windowMinutes * 60 / curves.StepSeconds;
        var (from, to) = (Math.Max(0, at - steps), Math.Min(_count, resumed + steps));
        var changes = new List<EffectChange>();
        foreach (var (metric, per, isCount) in _metrics)
        {
            // Blocks are counted from the moment, so that the one that is cut short is the farthest.
            var before = Window(metric, per, at, from);
            var after = Window(metric, per, resumed, to);
            if (before.Count == 0 && after.Count == 0) continue;
            var (change, low, high) = RateChange.Of(before, after, isCount);
            changes.Add(new EffectChange(metric, per == Exposure.Minute ? "minute" : "watchedMinute", before.Count, after.Count, before.Rate, after.Rate, change, low, high));
        }

        return new MomentEffect(Time(at), Time(resumed), found, (at - from) * curves.StepSeconds, (to - resumed) * curves.StepSeconds, changes);
    }

    private RateChange.Window Window(string metric, Exposure per, int near, int far)
    {
        var block = BlockSeconds / curves.StepSeconds;
        var (values, watched) = (curves.Values[metric], curves.Values["watchSeconds"]);
        var counts = new List<double>();
        var exposures = new List<double>();
        var direction = Math.Sign(far - near);
        for (var edge = near; edge != far;)
        {
            var next = direction > 0 ? Math.Min(far, edge + block) : Math.Max(far, edge - block);
            var (first, end) = (Math.Min(edge, next), Math.Max(edge, next));
            double count = 0, exposure = 0;
            for (var i = first; i < end; i++)
            {
                count += values[i];
                exposure += per == Exposure.Minute ? curves.StepSeconds / 60.0 : watched[i] / 60;
            }

            counts.Add(count);
            exposures.Add(exposure);
            edge = next;
        }

        return new RateChange.Window(counts, exposures);
    }

    private DateTimeOffset Time(int step) => curves.Start.AddSeconds((double)step * curves.StepSeconds);
}
