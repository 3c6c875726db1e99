namespace LiveGrains.Cli.Evaluate.Traffic;

/// <summary>A PID controller for each guarantee, boost and floor: the error is the part of the promise that should be delivered by now and is not.</summary>
internal sealed class PidTargets
{
    private const double Proportional = 2;
    private const double Integral = 0.05;
    private const double Derivative = 1;

    private sealed class Target
    {
        public required int[] Rooms { get; init; }
        public required long FromMs { get; init; }
        public required long UntilMs { get; init; }
        public required double Bound { get; init; }
        public double Sum;
        public double Last;
    }

    private readonly List<Target> _targets = [];
    private readonly float[] _outputs;
    private long _nextMs;

    public PidTargets(TrafficInstance instance)
    {
        _outputs = new float[instance.Rooms];
        var endMs = TrafficInstance.StartMs + TrafficInstance.Slices * (long)TrafficInstance.SliceMs;
        foreach (var guarantee in instance.Policy.Guarantees)
        {
            for (var room = 0; room < instance.Rooms; room++)
            {
                if (instance.IsNew[room]) _targets.Add(new Target { Rooms = [room], FromMs = instance.OnAirMs(room), UntilMs = Math.Min(endMs, instance.OnAirMs(room) + guarantee.Minutes * 60_000L), Bound = guarantee.Impressions });
            }
        }

        foreach (var boost in instance.Policy.Boosts)
        {
            _targets.Add(new Target { Rooms = [TrafficInstance.RoomOf(boost)], FromMs = boost.From.ToUnixTimeMilliseconds(), UntilMs = boost.Until.ToUnixTimeMilliseconds(), Bound = boost.Target });
        }

        if (instance.Policy.Fairness?.Floor is not { } floor) return;
        var hosts = Enumerable.Range(0, instance.Rooms).GroupBy(r => instance.HostOf[r]).ToArray();
        foreach (var host in hosts.Where(h => instance.StaysOnAir(h.First())))
            _targets.Add(new Target { Rooms = [.. host], FromMs = instance.OnAirMs(host.First()), UntilMs = endMs, Bound = floor / hosts.Length * instance.Impressions });
    }

    /// <summary>True: the room is behind what it was promised.</summary>
    public bool Raises(int room) => _outputs[room] > 0;

    /// <summary>What is added to the value of a room, in mean values.</summary>
    public float Of(int room) => _outputs[room];

    /// <summary>Moves the controllers, once a slice.</summary>
    public void Tick(long nowMs, TrafficAudit audit)
    {
        if (nowMs < _nextMs) return;
        _nextMs = nowMs + TrafficInstance.SliceMs;
        _outputs.AsSpan().Clear();
        foreach (var target in _targets)
        {
            if (nowMs < target.FromMs || nowMs >= target.UntilMs) continue;
            var from = (int)((target.FromMs - TrafficInstance.StartMs) / TrafficInstance.SliceMs);
            var now = (int)((nowMs - TrafficInstance.StartMs) / TrafficInstance.SliceMs);
            var delivered = target.Rooms.Sum(r => audit.Of(r, from, now));
            if (delivered >= target.Bound) continue;
            var error = (double)(nowMs - target.FromMs) / (target.UntilMs - target.FromMs) - delivered / target.Bound;
            target.Sum += error;
            var output = Proportional * error + Integral * target.Sum + Derivative * (error - target.Last);
            target.Last = error;
            foreach (var room in target.Rooms) _outputs[room] += (float)Math.Max(0, output);
        }
    }
}
