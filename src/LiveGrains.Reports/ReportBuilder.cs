namespace LiveGrains.Reports;

/// <summary>Makes the report of a broadcast from what is kept of it. Pure; any thread.</summary>
public static class ReportBuilder
{
    private const int MaxProducts = 100;
    private const int MaxSteps = 1_440;
    private const int MaxFoundMoments = 3;

    private static readonly int[] _steps = [60, 300, 1_800, 3_600, 21_600];

    /// <summary>Makes a report. Throws <see cref="ErrorCode.InvalidParameter"/> for a moment outside the broadcast or a window out of range.</summary>
    public static RoomReport Build(RoomBroadcast broadcast, ReportOptions options)
    {
        if (options.WindowMinutes is < 1 or > ReportOptions.MaxWindowMinutes)
            throw new LiveGrainsException(ErrorCode.InvalidParameter, $"window must be from 1 to {ReportOptions.MaxWindowMinutes} minutes.");
        if (options.Moments.Count > ReportOptions.MaxMoments)
            throw new LiveGrainsException(ErrorCode.InvalidParameter, $"At most {ReportOptions.MaxMoments} moments are compared in a report.");
        var room = broadcast.Room;
        var curves = Coarsen(broadcast.Curves);
        var best = BestMinutes.Find(curves, room.StartedAt);
        return new RoomReport
        {
            Summary = room,
            Currency = broadcast.Currency,
            Curves = curves,
            Funnel = Funnel(room),
            BestMinutes = best,
            Effects = Effects(broadcast, curves, best, options),
            Products = [.. broadcast.Items.Take(MaxProducts)],
            Gifts = Gifts(room, curves),
            Channels = [.. room.Channels.OrderByDescending(c => c.Value.Views).ThenBy(c => c.Key, StringComparer.Ordinal)
                .Select(c => new ReportChannel(c.Key, c.Value.Views, c.Value.Viewers, c.Value.Gmv, Ratio(c.Value.Views, room.Views)))],
            Words = broadcast.Words,
        };
    }

    internal static double? Ratio(double a, double b) => b == 0 ? null : a / b;

    private static ReportCurves Coarsen(RoomCurves fine)
    {
        var seconds = (long)fine.Values["online"].Length * fine.StepSeconds;
        var step = Array.Find(_steps, s => s >= fine.StepSeconds && s % fine.StepSeconds == 0 && seconds / s < MaxSteps) is var fits and not 0 ? fits : _steps[^1];
        var start = fine.Start.ToUnixTimeSeconds();
        var first = start - start % step;
        var shift = (int)((start - first) / fine.StepSeconds);
        var each = step / fine.StepSeconds;
        var values = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var (metric, points) in fine.Values)
        {
            var coarse = new double[(shift + points.Length + each - 1) / each];
            for (var i = 0; i < points.Length; i++)
            {
                ref var value = ref coarse[(shift + i) / each];
                value = metric == "online" ? Math.Max(value, points[i]) : value + points[i];
            }

            // Parts of seconds do not add up exactly.
            if (metric == "watchSeconds") for (var i = 0; i < coarse.Length; i++) coarse[i] = Math.Round(coarse[i], 3);
            values[metric] = coarse;
        }

        return new ReportCurves(DateTimeOffset.FromUnixTimeSeconds(first), step, values);
    }

    private static FunnelStage[] Funnel(RoomMetrics room)
    {
        (string Name, long Users, long Count)[] stages =
        [
            ("exposure", room.Impressions.Users ?? 0, room.Impressions.Count),
            ("view", room.Viewers, room.Views),
            ("productClick", room.Products.Clicks.Users ?? 0, room.Products.Clicks.Count),
            ("order", room.Products.Orders.Users ?? 0, room.Products.Orders.Count),
            ("pay", room.Products.Pays.Users ?? 0, room.Products.Pays.Count),
        ];
        return [.. stages.Select((s, i) => new FunnelStage(
            s.Name, s.Users, s.Count, i == 0 ? null : Ratio(s.Users, stages[i - 1].Users), Ratio(s.Users, stages[0].Users)))];
    }

    private static GiftSummary Gifts(RoomMetrics room, ReportCurves curves)
    {
        var amounts = curves.Values["gifts.amount"];
        var best = amounts.Length == 0 ? 0 : amounts.Max();
        var (users, amount) = (room.Gifts.Users ?? 0, room.Gifts.Amount ?? 0);
        return new GiftSummary(room.Gifts.Count, users, amount, Ratio(amount, users), Ratio(users, room.Viewers),
            best > 0 ? curves.At(Array.IndexOf(amounts, best)) : null, best);
    }

    private static MomentEffect[] Effects(RoomBroadcast broadcast, ReportCurves curves, IReadOnlyList<BestMinute> best, ReportOptions options)
    {
        var windows = new MomentWindows(broadcast.Curves, options.WindowMinutes);
        if (options.Moments.Count > 0) return [.. options.Moments.Select(m => windows.Named(Absolute(m, broadcast), broadcast.Room.StartedAt))];
        return [.. best.OrderByDescending(b => b.Highlights.Count).ThenByDescending(b => b.Highlights[0].TimesAverage)
            .Select(b => windows.Found(b.Start, curves.StepSeconds)).OfType<MomentEffect>()
            .Take(MaxFoundMoments).OrderBy(e => e.At)];
    }

    private static DateTimeOffset Absolute(ReportMoment moment, RoomBroadcast broadcast) =>
        moment.Time ?? (broadcast.Room.StartedAt ?? broadcast.Curves.Start) + moment.SinceStart!.Value;
}
