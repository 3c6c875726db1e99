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
        foreach (var row in rows) row.Requests = instance.ImpressionsOf(row.From, row.Until);
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
        var rooms = new int[instance.MostCandidates];
        var values = new float[instance.MostCandidates];
        var best = new float[instance.Slots];
        var at = new int[instance.Slots];
        double sum = 0, scale = 0;
        long seen = 0;
        for (var slice = 0; slice < TrafficInstance.Slices; slice++)
        {
            var first = instance.FirstOf(slice);
            var end = instance.FirstOf(slice + 1);
            // Prices move several times within a slice.
            var part = learns ? Math.Max(200 / instance.Slots, (end - first) / 8) : int.MaxValue;
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
                    var taken = 0;
                    for (var i = 0; i < count; i++)
                    {
                        var value = values[i] + adjustments[rooms[i]];
                        if (value <= (taken < best.Length ? 0 : best[^1])) continue;
                        if (taken < best.Length) taken++;
                        var place = taken - 1;
                        for (; place > 0 && best[place - 1] < value; place--) (best[place], at[place]) = (best[place - 1], at[place - 1]);
                        (best[place], at[place]) = (value, i);
                    }

                    for (var slot = 0; slot < taken; slot++)
                    {
                        sum += best[slot];
                        counts[rooms[at[slot]]]++;
                        scale += values[at[slot]];
                    }

                    seen += taken;
                }

                if (learns) Learn(bySlice[slice], counts, (until - first) * instance.Slots, memory, scale / Math.Max(1, seen), pass, passes);
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
        var rows = new List<Row>();
        var all = Enumerable.Range(0, instance.Rooms).ToArray();
        var hosts = all.GroupBy(r => instance.HostOf[r]).Select(g => g.ToArray()).ToArray();
        foreach (var cap in policy.Caps)
        {
            foreach (var (from, until) in Windows(cap.Minutes))
            {
                var requests = instance.ImpressionsOf(from, until);
                var before = from == 0 ? 0 : instance.ImpressionsOf(2 * from - until, from);
                var bound = Math.Ceiling(cap.Share!.Value * Math.Max(requests, Math.Max(1000, before / 2)));
                foreach (var group in cap.Over == TrafficDimension.Room ? all.Select(r => new[] { r }) : hosts)
                    rows.Add(new Row { Rooms = group, From = from, Until = until, Bound = bound, IsUpper = true });
            }
        }

        foreach (var guarantee in policy.Guarantees)
        {
            foreach (var room in all.Where(r => instance.IsNew[r]))
            {
                rows.Add(new Row { Rooms = [room], From = TrafficInstance.SliceOf(instance.OnAirMs(room)), Until = instance.EndOfGuarantee(room, guarantee.Minutes), Bound = guarantee.Impressions, IsUpper = false });
            }
        }

        foreach (var boost in policy.Boosts)
        {
            rows.Add(new Row { Rooms = [TrafficInstance.RoomOf(boost)], From = SliceOf(boost.From), Until = SliceOf(boost.Until), Bound = boost.Target, IsUpper = false });
        }

        if (policy.Fairness is { } fairness)
        {
            // Of hosts that are on air all the time: what others get at least makes the bound only tighter.
            var old = hosts.Where(h => !instance.IsNew[h[0]] && h.Any(r => instance.StaysOnAir(r) && TrafficInstance.SliceOf(instance.OnAirMs(r)) == 0)).ToArray();
            foreach (var (from, until) in Windows(fairness.Minutes))
            {
                var requests = instance.ImpressionsOf(from, until);
                var bound = Math.Floor(fairness.Floor!.Value / hosts.Length * requests);
                foreach (var group in old) rows.Add(new Row { Rooms = group, From = from, Until = until, Bound = bound, IsUpper = false });
            }
        }

        return [.. rows];
    }

    private static int SliceOf(DateTimeOffset time) => TrafficInstance.SliceOf(time.ToUnixTimeMilliseconds());

    private static IEnumerable<(int From, int Until)> Windows(int minutes)
    {
        var slices = minutes * 60_000 / TrafficInstance.SliceMs;
        for (var from = 0; from < TrafficInstance.Slices; from += slices) yield return (from, Math.Min(TrafficInstance.Slices, from + slices));
    }
}
