using LiveGrains.Cli.Evaluate.Traffic;
using LiveGrains.Core;

namespace LiveGrains.Cli.Tests;

/// <summary>The yardstick's bound against the exact optimum of the linear program over all impressions, which only small instances can have.</summary>
public sealed class OfflineBoundTests
{
    private const int Rooms = 20;
    private const int Impressions = 1_200;

    [Theory]
    [InlineData("Iid", 1)]
    [InlineData("Iid", 2)]
    [InlineData("Drift", 3)]
    [InlineData("Flash", 4)]
    [InlineData("Adversarial", 5)]
    public void The_bound_is_not_below_the_optimum_and_hardly_above(string kind, int seed)
    {
        var instance = new GeneratedInstance(Enum.Parse<TrafficInstanceKind>(kind), (ulong)seed, Rooms, Impressions);
        var solution = new PrimalSimplex(Program(instance, out var free), new LinearOptions(), CancellationToken.None).Run(null);
        Assert.Equal(LinearStatus.Optimal, solution.Status);
        Assert.True(solution.Objective < 0.999 * free, "No promise costs anything: the test proves nothing.");
        var bound = OfflineBound.Of(instance, instance.Policy, 24);
        Assert.InRange(bound / solution.Objective, 1 - 1e-6, 1.03);
    }

    // Written from the policy alone. Says what all impressions are worth without it.
    private static LinearProgram Program(TrafficInstance instance, out double free)
    {
        const int Slices = TrafficInstance.Slices;
        var program = new LinearProgram();
        var once = Enumerable.Range(0, Impressions).Select(_ => program.AddConstraint(0, 1)).ToArray();
        // Which constraints an impression of a room in a slice counts in.
        var rules = new List<(Func<int, int, bool> Counts, int Row)>();
        void Rule(double atLeast, double atMost, Func<int, int, bool> counts) => rules.Add((counts, program.AddConstraint(atLeast, atMost)));
        int Of(DateTimeOffset time) => (int)((time.ToUnixTimeMilliseconds() - TrafficInstance.StartMs) / TrafficInstance.SliceMs);
        var hosts = instance.HostOf.Distinct().ToArray();
        foreach (var cap in instance.Policy.Caps)
        {
            var length = cap.Minutes * 60_000 / TrafficInstance.SliceMs;
            for (var from = 0; from < Slices; from += length)
            {
                var (first, until) = (from, from + length);
                var seen = instance.FirstOf(until) - instance.FirstOf(first);
                var before = first == 0 ? 0 : instance.FirstOf(first) - instance.FirstOf(first - length);
                var most = Math.Ceiling(cap.Share!.Value * Math.Max(seen, Math.Max(1000, before / 2)));
                foreach (var group in cap.Over == TrafficDimension.Room ? Enumerable.Range(0, Rooms) : hosts)
                    Rule(0, most, (room, slice) => slice >= first && slice < until && (cap.Over == TrafficDimension.Room ? room : instance.HostOf[room]) == group);
            }
        }

        foreach (var guarantee in instance.Policy.Guarantees)
        {
            foreach (var fresh in Enumerable.Range(0, Rooms).Where(r => instance.IsNew[r]))
            {
                var first = (int)((instance.OnAirMs(fresh) - TrafficInstance.StartMs) / TrafficInstance.SliceMs);
                Rule(guarantee.Impressions, double.PositiveInfinity, (room, slice) => room == fresh && slice >= first && slice < first + guarantee.Minutes * 60_000 / TrafficInstance.SliceMs);
            }
        }

        foreach (var boost in instance.Policy.Boosts)
            Rule(boost.Target, double.PositiveInfinity, (room, slice) => TrafficInstance.Name(room) == boost.Room && slice >= Of(boost.From) && slice < Of(boost.Until));
        var window = instance.Policy.Fairness!.Minutes * 60_000 / TrafficInstance.SliceMs;
        for (var from = 0; from < Slices; from += window)
        {
            var (first, until) = (from, from + window);
            var least = Math.Floor(instance.Policy.Fairness.Floor!.Value / hosts.Length * (instance.FirstOf(until) - instance.FirstOf(first)));
            foreach (var host in hosts.Where(h => !instance.IsNew[h])) Rule(least, double.PositiveInfinity, (room, slice) => slice >= first && slice < until && instance.HostOf[room] == host);
        }

        free = 0;
        Span<int> rooms = stackalloc int[GeneratedInstance.Candidates];
        Span<float> values = stackalloc float[GeneratedInstance.Candidates];
        for (var slice = 0; slice < Slices; slice++)
        {
            for (var t = instance.FirstOf(slice); t < instance.FirstOf(slice + 1); t++)
            {
                var count = instance.Fill(slice, t, rooms, values);
                var best = 0f;
                for (var i = 0; i < count; i++)
                {
                    var (room, at) = (rooms[i], slice);
                    int[] rows = [once[t], .. rules.Where(r => r.Counts(room, at)).Select(r => r.Row)];
                    program.AddVariable(values[i], 0, double.PositiveInfinity, rows, Enumerable.Repeat(1.0, rows.Length).ToArray());
                    best = Math.Max(best, values[i]);
                }

                free += best;
            }
        }

        return program;
    }
}
