namespace LiveGrains.Cli.Evaluate.Traffic;

/// <summary>Counts what was delivered and holds it against the policy, apart from whoever delivers.</summary>
internal sealed class TrafficAudit(TrafficInstance instance)
{
    // An hour.
    private const int LeastSlicesOnAir = TrafficInstance.Slices / TrafficInstance.Hours;

    // Impressions by room and slice.
    private readonly int[] _counts = new int[instance.Rooms * TrafficInstance.Slices];
    private readonly int[] _all = new int[TrafficInstance.Slices];
    private readonly long[] _total = new long[instance.Rooms];

    /// <summary>An impression went to a room; −1: to none.</summary>
    public void Count(int slice, int room)
    {
        if (room < 0) return;
        _all[slice]++;
        _counts[room * TrafficInstance.Slices + slice]++;
        _total[room]++;
    }

    /// <summary>Impressions of a room from one slice to before another.</summary>
    public int Of(int room, int from, int until) => _counts.AsSpan(room * TrafficInstance.Slices + from, until - from).ToArray().Sum();

    /// <summary>What became of the promises.</summary>
    public TrafficOutcome Outcome(double value, double microseconds)
    {
        var policy = instance.Policy;
        long kept = 0, promised = 0;
        foreach (var guarantee in policy.Guarantees)
        {
            for (var room = 0; room < instance.Rooms; room++)
            {
                if (!instance.IsNew[room]) continue;
                promised++;
                if (Of(room, TrafficInstance.SliceOf(instance.OnAirMs(room)), instance.EndOfGuarantee(room, guarantee.Minutes)) >= guarantee.Impressions) kept++;
            }
        }

        double error = 0, unevenness = 0;
        foreach (var boost in policy.Boosts)
        {
            var (off, uneven) = Judge(boost);
            error += off;
            unevenness += uneven;
        }

        // Who was on air for minutes says nothing of how even traffic is.
        var hosts = Enumerable.Range(0, instance.Rooms).GroupBy(r => instance.HostOf[r]).Where(g => g.Sum(instance.SlicesOnAir) >= LeastSlicesOnAir).Select(g => (double)g.Sum(r => _total[r])).Order().ToList();
        return new TrafficOutcome
        {
            Value = value,
            GuaranteesKept = promised == 0 ? 1 : (double)kept / promised,
            CapsBroken = policy.Caps.Sum(Broken),
            BoostError = policy.Boosts.Count == 0 ? 0 : error / policy.Boosts.Count,
            BoostUnevenness = policy.Boosts.Count == 0 ? 0 : unevenness / policy.Boosts.Count,
            Gini = Core.TrafficLedger.GiniOf(hosts),
            MaxMin = hosts.Count == 0 ? 0 : hosts[0] * hosts.Count / Math.Max(1, hosts.Sum()),
            MicrosecondsPerDecision = microseconds,
        };
    }

    private (double Error, double Unevenness) Judge(TrafficBoost boost)
    {
        var room = TrafficInstance.RoomOf(boost);
        var from = TrafficInstance.SliceOf(boost.From.ToUnixTimeMilliseconds());
        var until = TrafficInstance.SliceOf(boost.Until.ToUnixTimeMilliseconds());
        double all = 0, uneven = 0, seen = 0;
        for (var slice = from; slice < until; slice++) all += _all[slice];
        long delivered = 0;
        for (var slice = from; slice < until; slice++)
        {
            delivered += Of(room, slice, slice + 1);
            seen += _all[slice];
            uneven = Math.Max(uneven, Math.Abs((double)delivered / boost.Target - seen / all));
        }

        return (Math.Abs((double)delivered / boost.Target - 1), uneven);
    }

    private long Broken(TrafficCap cap)
    {
        var slices = cap.Minutes * 60_000 / TrafficInstance.SliceMs;
        long broken = 0;
        for (var from = 0; from < TrafficInstance.Slices; from += slices)
        {
            var until = Math.Min(TrafficInstance.Slices, from + slices);
            // What the policy says: a window counts as 1,000 impressions, and as half of the window before, at least.
            var seen = _all.AsSpan(from, until - from).ToArray().Sum();
            var before = from == 0 ? 0 : _all.AsSpan(from - slices, slices).ToArray().Sum();
            var most = Math.Ceiling(cap.Share!.Value * Math.Max(seen, Math.Max(1000, before / 2)));
            broken += Enumerable.Range(0, instance.Rooms).GroupBy(r => cap.Over == TrafficDimension.Room ? r : instance.HostOf[r]).Count(g => g.Sum(r => Of(r, from, until)) > most);
        }

        return broken;
    }
}
