namespace LiveGrains.Cli.Evaluate;

internal static class TrafficEvaluation
{
    private static readonly Dictionary<(TrafficInstanceKind, ulong, int, int), double> Cache = [];
    public static void Trial(TrafficInstanceKind kind, ulong seed, int rooms, int impressions, TextWriter o)
    {
        var instance = new TrafficInstance(kind, seed, rooms, impressions);
        var s = System.Diagnostics.Stopwatch.StartNew();
        var f = $"/tmp/h-allocate/bound-{Environment.GetEnvironmentVariable("PARTS")}-{kind}-{seed}-{rooms}-{impressions}"; double bound; if (File.Exists(f)) bound = double.Parse(File.ReadAllText(f)); else { bound = OfflineBound.Of(instance, instance.Policy); File.WriteAllText(f, bound.ToString("R")); }
        o.WriteLine($"{kind} {seed} rooms {rooms} T {impressions} bound {bound:0} ({s.Elapsed.TotalSeconds:0.0}s)");
        foreach (var m in (Environment.GetEnvironmentVariable("METHODS") is { } x ? x.Split(',').Select(Enum.Parse<TrafficMethod>) : Enum.GetValues<TrafficMethod>()))
        {
            var r = TrafficRun.Play(instance, m);
            o.WriteLine($"  {m,-14} {100 * r.Value / bound:0.00}% kept {100 * r.GuaranteesKept:0.0} caps {r.CapsBroken} boost {100 * r.BoostError:0.00}% uneven {100 * r.BoostUnevenness:0.0}% gini {r.Gini:0.000} maxmin {r.MaxMin:0.000} {r.MicrosecondsPerDecision:0.00}us");
        }
    }
}
