using LiveGrains.Model;

namespace LiveGrains.Core.Tests.Allocation.Planning;

/// <summary>OR-Library's generalised assignment problems (Beasley 1990) without the demand for whole numbers.</summary>
public sealed class AssignmentRelaxationTests
{
    private static readonly Dictionary<string, int[]> _bestAssignments = new()
    {
        ["gap1.txt"] = [336, 327, 339, 341, 326],
        ["gap2.txt"] = [434, 436, 420, 419, 428],
    };

    [FactIfAssignments]
    public void Relaxations_are_proved_and_lie_at_or_above_the_best_assignments()
    {
        foreach (var (file, best) in _bestAssignments)
        {
            var programs = Read(DataFiles.Find("allocation/" + file)!);
            Assert.Equal(best.Length, programs.Count);
            for (var p = 0; p < best.Length; p++)
            {
                var solution = programs[p].Solve();
                var certificate = LinearCertificate.Of(programs[p], solution.Values, solution.Prices);
                Assert.Equal(LinearStatus.Optimal, solution.Status);
                Assert.True(certificate is { PrimalInfeasibility: <= 1e-9, DualInfeasibility: <= 1e-9 } && Math.Abs(certificate.RelativeGap) <= 1e-9, certificate.ToString());
                // A relaxation is no worse, and of these within a few per cent.
                Assert.InRange(solution.Objective, best[p], best[p] * 1.05);
                if (IndependentSolver.Missing is null) Assert.Equal(IndependentSolver.Solve(programs[p], exact: true).Objective, solution.Objective, 1e-7 * best[p]);
            }
        }
    }

    /// <summary>The number of problems; of each agents, jobs, values, resources taken, capacities.</summary>
    private static List<LinearProgram> Read(string path)
    {
        var numbers = new Queue<int>(File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
        var programs = new List<LinearProgram>();
        for (var left = numbers.Dequeue(); left > 0; left--)
        {
            var (agents, jobs) = (numbers.Dequeue(), numbers.Dequeue());
            var values = Take(agents * jobs);
            var taken = Take(agents * jobs);
            var program = new LinearProgram();
            foreach (var capacity in Take(agents)) program.AddConstraint(double.NegativeInfinity, capacity);
            for (var j = 0; j < jobs; j++) program.AddConstraint(1, 1);
            for (var i = 0; i < agents; i++)
            {
                for (var j = 0; j < jobs; j++) program.AddVariable(values[i * jobs + j], 0, 1, [i, agents + j], [taken[i * jobs + j], 1]);
            }
            programs.Add(program);
        }
        return programs;

        int[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => numbers.Dequeue())];
    }
}

/// <summary>A test that needs the assignment problems of shared/data; skipped where they are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactIfAssignmentsAttribute : FactAttribute
{
    /// <summary>Looks for them.</summary>
    public FactIfAssignmentsAttribute()
    {
        if (DataFiles.Find("allocation/gap1.txt") is null || DataFiles.Find("allocation/gap2.txt") is null)
            Skip = $"shared/data/allocation is missing: not found in any directory above {AppContext.BaseDirectory}.";
    }
}
