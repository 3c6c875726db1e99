namespace LiveGrains.Cli.Evaluate.Traffic;

/// <summary>
/// The value that nobody can exceed who keeps the policy, also when they know the whole future: the dual of the linear program over
/// all impressions, at good prices. By weak duality any prices bound the optimum from above; passes over the instance only
/// make the bound tighter. Knows nothing of the allocator.
/// </summary>
internal static class OfflineBound
{
    private sealed class Row
    {
        public required int[] Rooms { get; init; }
        public required int From { get; init; }
        public required int Until { get; init; }
        public required double Bound { get; init; }
        public required bool IsUpper { get; init; }
        public double Requests;
        public double Price;
        public double Evidence;
        public double Sum;
        public double Weight;
        public double Final;
    }

    /// <summary>The bound, in the instance's values.</summary>
    public static double Of(TrafficInstance instance, TrafficPolicy policy, int passes = 8, CancellationToken cancellationToken = default)
    {
        var rows = Rows(instance, policy);
        var bySlice = Enumerable.Range(0, TrafficInstance.Slices).Select(s => rows.Where(r => r.From <= s && s < r.Until).ToArray()).ToArray();
        foreach (var row in rows) row.Requests = instance.FirstOf(row.Until) - instance.FirstOf(row.From);
        for (var pass = 0; pass < passes; pass++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var memory = 60.0 * (1 << Math.Min(pass, 6));
            foreach (var row in rows) row.Evidence = pass == 0 ? 4 : row.Evidence;
            Pass(instance, bySlice, rows, memory, pass, passes);
        }

        foreach (var row in rows) row.Final = row.Weight > 0 ? row.Sum / row.Weight : row.Price;
        return Pass(instance, bySlice, rows, 0, passes, passes);
    }

    // With memory 0 nothing is learned: the dual's value at the final prices.
    private static double Pass(TrafficInstance instance, Row[][] bySlice, Row[] rows, double memory, int pass, int passes)
    {
        var learns = memory > 0;
        var adjustments = new float[instance.Rooms];
        var counts = new int[instance.Rooms];
        Span<int> rooms = stackalloc int[TrafficInstance.Candidates];
        Span<float> values = stackalloc float[TrafficInstance.Candidates];
        double sum = 0, scale = 0;
        long seen = 0;
        for (var slice = 0; slice < TrafficInstance.Slices; slice++)
        {
            var first = instance.FirstOf(slice);
            var end = instance.FirstOf(slice + 1);
            // Prices move several times within a slice.
            var part = learns ? Math.Max(200, (end - first) / 8) : int.MaxValue;
            while (first < end)
            {
                var until = (int)Math.Min(end, (long)first + part);
                adjustments.AsSpan().Clear();
                foreach (var row in bySlice[slice])
                {
                    var price = (float)(learns ? row.Price : row.Final) * (row.IsUpper ? -1 : 1);
                    if (price == 0) continue;
                    foreach (var room in row.Rooms) adjustments[room] += price;
                }

                counts.AsSpan().Clear();
                for (var t = first; t < until; t++)
                {
                    var count = instance.Fill(slice, t, rooms, values);
                    var best = 0f;
                    var at = -1;
                    for (var i = 0; i < count; i++)
                    {
                        var value = values[i] + adjustments[rooms[i]];
                        if (value <= best) continue;
                        best = value;
                        at = i;
                    }

                    sum += best;
                    if (at < 0) continue;
                    counts[rooms[at]]++;
                    scale += values[at];
                    seen++;
                }

                if (learns) Learn(bySlice[slice], counts, until - first, memory, scale / Math.Max(1, seen), pass, passes);
                first = until;
            }
        }

        if (!learns) foreach (var row in rows) sum += row.Final * row.Bound * (row.IsUpper ? 1 : -1);
        return sum;
    }

    private static void Learn(Row[] rows, int[] counts, int requests, double memory, double scale, int pass, int passes)
    {
        foreach (var row in rows)
        {
            var delivered = 0;
            foreach (var room in row.Rooms) delivered += counts[room];
            var wanted = row.Bound / row.Requests * requests;
            var step = 0.25 * scale * (delivered - wanted) / (wanted + Math.Min(row.Evidence, memory) + 4);
            row.Price = Math.Max(0, row.Price + Math.Clamp(row.IsUpper ? step : -step, -0.25 * scale, 0.25 * scale));
            row.Evidence += Math.Max(wanted, delivered);
            if (pass < passes / 2) continue;
            row.Sum += row.Price * requests;
            row.Weight += requests;
        }
    }

    private static Row[] Rows(TrafficInstance instance, TrafficPolicy policy)
    {
        const int Slices = TrafficInstance.Slices;
        var rows = new List<Row>();
        var all = Enumerable.Range(0, instance.Rooms).ToArray();
        var hosts = all.GroupBy(r => instance.HostOf[r]).Select(g => g.ToArray()).ToArray();
        foreach (var cap in policy.Caps)
        {
            foreach (var (from, until) in Windows(cap.Minutes))
            {
                var requests = instance.FirstOf(until) - instance.FirstOf(from);
                var before = from == 0 ? 0 : instance.FirstOf(from) - instance.FirstOf(2 * from - until);
                var bound = Math.Ceiling(cap.Share!.Value * Math.Max(requests, Math.Max(1000, before / 2)));
                foreach (var group in cap.Over == TrafficDimension.Room ? all.Select(r => new[] { r }) : hosts)
                    rows.Add(new Row { Rooms = group, From = from, Until = until, Bound = bound, IsUpper = true });
            }
        }

        foreach (var guarantee in policy.Guarantees)
        {
            foreach (var room in all.Where(r => instance.IsNew[r]))
            {
                var from = (int)((instance.OnAirMs(room) - TrafficInstance.StartMs) / TrafficInstance.SliceMs);
                rows.Add(new Row { Rooms = [room], From = from, Until = Math.Min(Slices, from + guarantee.Minutes * 60_000 / TrafficInstance.SliceMs), Bound = guarantee.Impressions, IsUpper = false });
            }
        }

        foreach (var boost in policy.Boosts)
        {
            var room = int.Parse(boost.Room![1..], System.Globalization.CultureInfo.InvariantCulture);
            rows.Add(new Row { Rooms = [room], From = SliceOf(boost.From), Until = SliceOf(boost.Until), Bound = boost.Target, IsUpper = false });
        }

        if (policy.Fairness is { } fairness)
        {
            // Of hosts that are on air all the time: what others get at least makes the bound only tighter.
            var old = hosts.Where(h => !instance.IsNew[h[0]]).ToArray();
            foreach (var (from, until) in Windows(fairness.Minutes))
            {
                var requests = instance.FirstOf(until) - instance.FirstOf(from);
                var bound = Math.Floor(fairness.Floor!.Value / hosts.Length * requests);
                foreach (var group in old) rows.Add(new Row { Rooms = group, From = from, Until = until, Bound = bound, IsUpper = false });
            }
        }

        return [.. rows];
    }

    private static int SliceOf(DateTimeOffset time) => (int)((time.ToUnixTimeMilliseconds() - TrafficInstance.StartMs) / TrafficInstance.SliceMs);

    private static IEnumerable<(int From, int Until)> Windows(int minutes)
    {
        var slices = minutes * 60_000 / TrafficInstance.SliceMs;
        for (var from = 0; from < TrafficInstance.Slices; from += slices) yield return (from, Math.Min(TrafficInstance.Slices, from + slices));
    }
}
