using System.Diagnostics;
using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate.Traffic;

/// <summary>Who gives slots away.</summary>
internal enum TrafficMethod
{
    /// <summary>The allocator that serves.</summary>
    Allocator,

    /// <summary>The same on the second day: the one before had as much demand at each time of day, but for a fifth, which is what boosts are paced by.</summary>
    SecondDay,

    /// <summary>The allocator with caps alone: what guarantees, floors and boosts cost is the difference.</summary>
    NoGuarantees,

    /// <summary>The allocator without guarantees for new hosts: what those cost is the difference.</summary>
    NoNewHosts,

    /// <summary>The allocator in a closed loop: it knows no value and learns them from what viewers do with what it shows.</summary>
    Learning,

    /// <summary>The highest value that no cap forbids.</summary>
    Greedy,

    /// <summary>The same in a closed loop.</summary>
    LearningGreedy,

    /// <summary>The same, but one slot in twenty by chance.</summary>
    EpsilonGreedy,

    /// <summary>By chance, in proportion to what was watched lately.</summary>
    Heat,

    /// <summary>Whatever no cap forbids, by chance.</summary>
    Random,

    /// <summary>A PID controller for each target, whose output is added to the value (as PAI-Rec's traffic control).</summary>
    Pid,
}

/// <summary>What a method made of an instance.</summary>
internal sealed record TrafficOutcome
{
    public required double Value { get; init; }
    public required double GuaranteesKept { get; init; }
    public required long CapsBroken { get; init; }
    /// <summary>Mean over boosts of |delivered − target| ÷ target at the end of the boost; what came unasked counts.</summary>
    public required double BoostError { get; init; }
    /// <summary>Mean over boosts of the largest distance between the delivered and the even share of the target on the way.</summary>
    public required double BoostUnevenness { get; init; }
    public required double Gini { get; init; }
    public required double MaxMin { get; init; }
    public required double MicrosecondsPerDecision { get; init; }
}

/// <summary>Plays a generated instance with a method. What was kept is counted here, not by the ledger.</summary>
internal sealed class TrafficRun
{
    private const long DayMs = 86_400_000;
    private const double PartOfDayBefore = 0.8;

    private readonly GeneratedInstance _instance;
    private readonly TrafficMethod _method;
    private readonly TrafficLedger _ledger;
    private readonly SlotPrices _slots = new();
    private readonly TrafficAudit _audit;
    private readonly PidTargets? _pid;
    private readonly float[] _heat;
    private readonly ValueModel? _learned;
    private double _scale;
    private double _scaleWeight;

    private TrafficRun(GeneratedInstance instance, TrafficMethod method)
    {
        _instance = instance;
        _method = method;
        _ledger = new TrafficLedger(PolicyOf(method, instance.Policy), 1, method == TrafficMethod.SecondDay ? TrafficInstance.StartMs - DayMs : TrafficInstance.StartMs);
        if (method == TrafficMethod.SecondDay) PlayDayBefore();
        _audit = new TrafficAudit(instance);
        _heat = new float[instance.Rooms];
        if (method is TrafficMethod.Learning or TrafficMethod.LearningGreedy) _learned = new ValueModel();
        if (method == TrafficMethod.Pid) _pid = new PidTargets(instance);
        for (var room = 0; room < instance.Rooms; room++)
        {
            _ledger.Describe(TrafficInstance.Item(room), TrafficInstance.Name(room), $"h{instance.HostOf[room]}", $"c{instance.CategoryOf[room]}");
            if (!instance.IsNew[room]) _ledger.HadBefore(TrafficInstance.Item(room), 1);
        }
    }

    public static TrafficOutcome Play(GeneratedInstance instance, TrafficMethod method, CancellationToken cancellationToken = default) => new TrafficRun(instance, method).Play(cancellationToken);

    /// <summary>The part of a policy that a method keeps.</summary>
    public static TrafficPolicy PolicyOf(TrafficMethod method, TrafficPolicy policy) => method switch
    {
        TrafficMethod.Allocator or TrafficMethod.SecondDay or TrafficMethod.Learning => policy,
        TrafficMethod.NoNewHosts => policy with { Guarantees = [] },
        _ => policy with { Guarantees = [], Boosts = [], Fairness = null },
    };

    // Impressions of a room without rules.
    private void PlayDayBefore()
    {
        long shown = 0;
        for (var slice = 0; slice < TrafficInstance.Slices; slice++)
        {
            for (long first = _instance.FirstOf(slice), count = _instance.FirstOf(slice + 1) - first, ms = 0; ms < TrafficInstance.SliceMs; ms += 1000)
            {
                var all = (long)(PartOfDayBefore * (first + (double)count * ms / TrafficInstance.SliceMs));
                _ledger.Delivered(TrafficInstance.Item(_instance.Rooms), (uint)(all - shown), TrafficInstance.StartMs - DayMs + (long)slice * TrafficInstance.SliceMs + ms);
                shown = all;
            }
        }
    }

    private TrafficOutcome Play(CancellationToken cancellationToken)
    {
        Span<int> rooms = stackalloc int[GeneratedInstance.Candidates];
        Span<float> values = stackalloc float[GeneratedInstance.Candidates];
        Span<float> estimates = stackalloc float[GeneratedInstance.Candidates];
        var value = 0.0;
        var second = -1L;
        var ticks = 0L;
        var onAir = Enumerable.Range(0, _instance.Rooms).OrderBy(_instance.OnAirMs).ToArray();
        var next = 0;
        for (var slice = 0; slice < TrafficInstance.Slices; slice++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (; next < onAir.Length && _instance.OnAirMs(onAir[next]) <= TrafficInstance.StartMs + (long)slice * TrafficInstance.SliceMs; next++)
            {
                _ledger.AdvanceTo(_instance.OnAirMs(onAir[next]));
                _ledger.GoOnAir(TrafficInstance.Item(onAir[next]), _instance.OnAirMs(onAir[next]));
            }

            for (var t = _instance.FirstOf(slice); t < _instance.FirstOf(slice + 1); t++)
            {
                var count = _instance.Fill(slice, t, rooms, values);
                var timeMs = _instance.TimeMs(slice, t);
                var start = Stopwatch.GetTimestamp();
                if (timeMs / 1000 != second)
                {
                    second = timeMs / 1000;
                    _ledger.AdvanceTo(timeMs);
                    _slots.Take(_ledger.Prices, item => item);
                    _pid?.Tick(timeMs, _audit);
                }

                if (_learned != null) Estimate(rooms[..count], _instance.SegmentOf(slice, t), (uint)second, estimates);
                var chosen = Choose(rooms[..count], _learned != null ? estimates : values, (ulong)t);
                ticks += Stopwatch.GetTimestamp() - start;
                if (chosen >= 0)
                {
                    value += values[chosen];
                    _slots.Shown(_slots.Reserve(TrafficInstance.Item(rooms[chosen])), second);
                    _ledger.Delivered(TrafficInstance.Item(rooms[chosen]), 1, timeMs);
                    _heat[rooms[chosen]] += values[chosen];
                    _learned?.Learn(TrafficInstance.Item(rooms[chosen]), _instance.SegmentOf(slice, t), 0, _instance.Follows(t, values[chosen]) ? 1 : 0, (uint)second);
                }

                _audit.Count(slice, chosen < 0 ? -1 : rooms[chosen]);
            }

            if (slice % 20 == 0)
            {
                foreach (ref var heat in _heat.AsSpan()) heat *= 0.7f;
            }
        }

        return _audit.Outcome(value, Stopwatch.GetElapsedTime(0, ticks).TotalMicroseconds / _instance.Impressions);
    }

    // What is expected of candidates, with the bound that makes who is little known be tried.
    private void Estimate(ReadOnlySpan<int> rooms, int segment, uint nowSeconds, Span<float> estimates)
    {
        Span<float> expected = stackalloc float[FtrlProximal.Objectives];
        Span<float> means = stackalloc float[FtrlProximal.Objectives];
        Span<float> deviations = stackalloc float[FtrlProximal.Objectives];
        expected.Fill(GeneratedInstance.ChancePerValue);
        for (var i = 0; i < rooms.Length; i++)
        {
            _learned!.Estimate(TrafficInstance.Item(rooms[i]), segment, expected, nowSeconds, means, deviations);
            estimates[i] = (means[0] + (_method == TrafficMethod.Learning ? (float)_instance.Policy.Exploration.Bound * deviations[0] : 0)) / GeneratedInstance.ChancePerValue;
        }
    }

    private int Choose(ReadOnlySpan<int> rooms, ReadOnlySpan<float> values, ulong t)
    {
        var usesPrices = _method is TrafficMethod.Allocator or TrafficMethod.SecondDay or TrafficMethod.NoGuarantees or TrafficMethod.NoNewHosts or TrafficMethod.Learning;
        if (_method is TrafficMethod.Heat or TrafficMethod.Random || (_method == TrafficMethod.EpsilonGreedy && KeyHash.Mix(t) % 20 == 0)) return Draw(rooms, KeyHash.Mix(t + 0x1234567));
        var scale = (float)(_scaleWeight > 0 ? _scale / _scaleWeight : 1);
        Span<float> scores = stackalloc float[rooms.Length];
        Span<uint> items = stackalloc uint[rooms.Length];
        Span<SlotOutcome> outcomes = stackalloc SlotOutcome[rooms.Length];
        var at = -1;
        for (var i = 0; i < rooms.Length; i++)
        {
            items[i] = TrafficInstance.Item(rooms[i]);
            scores[i] = values[i] + (usesPrices ? scale * _slots.Of(items[i]).Sum : _pid != null ? scale * _pid.Of(rooms[i]) : 0);
            outcomes[i] = _slots.Allows(items[i]) ? SlotOutcome.Lost : SlotOutcome.HeldBack;
            if (outcomes[i] == SlotOutcome.Lost && (at < 0 || scores[i] > scores[at])) at = i;
        }

        if (at >= 0) outcomes[at] = SlotOutcome.Given;
        if (usesPrices) _slots.Competed(items, scores, outcomes, scale);
        if (at < 0) return -1;
        _scale = 0.999 * _scale + 0.001 * values[at];
        _scaleWeight = 0.999 * _scaleWeight + 0.001;
        return at;
    }

    private int Draw(ReadOnlySpan<int> rooms, ulong hash)
    {
        var all = 0f;
        foreach (var room in rooms) all += Weight(room);
        if (all <= 0) return -1;
        var x = (float)((hash >> 11) * (1.0 / (1UL << 53))) * all;
        var at = -1;
        for (var i = 0; i < rooms.Length && x >= 0; i++)
        {
            if (Weight(rooms[i]) == 0) continue;
            at = i;
            x -= Weight(rooms[i]);
        }

        return at;
    }

    private float Weight(int room) => !_slots.Allows(TrafficInstance.Item(room)) ? 0 : _method == TrafficMethod.Heat ? 1 + _heat[room] : 1;
}
