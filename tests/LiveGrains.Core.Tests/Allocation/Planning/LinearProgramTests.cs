using Xunit.Abstractions;

namespace LiveGrains.Core.Tests.Allocation.Planning;

public sealed class LinearProgramTests(ITestOutputHelper output)
{
    private const int IndependentPrograms = 600;

    [FactIfGlpk]
    public void Status_and_optimum_are_those_of_an_independent_solver()
    {
        var counts = new Dictionary<LinearStatus, int>();
        Parallel.For(0, IndependentPrograms, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            var program = RandomPrograms.Make(seed);
            var ours = program.Solve();
            var (status, objective) = IndependentSolver.Solve(program, exact: program.Variables <= 60);
            Assert.True(status == ours.Status, $"seed {seed}: {ours.Status}, not {status}");
            if (status == LinearStatus.Optimal)
                Assert.True(Math.Abs(objective - ours.Objective) <= 1e-7 * Math.Max(1, Math.Abs(objective)), $"seed {seed}: {ours.Objective}, not {objective}");
            lock (counts) counts[status] = counts.GetValueOrDefault(status) + 1;
        });
        output.WriteLine(string.Join(", ", counts.Select(c => $"{c.Key} {c.Value}")));
        Assert.True(counts[LinearStatus.Optimal] > 200);
        Assert.True(counts[LinearStatus.Infeasible] > 50);
        Assert.True(counts[LinearStatus.Unbounded] > 20);
    }

    [Fact]
    public void Every_outcome_has_its_proof()
    {
        for (var seed = 0; seed < 3_000; seed++)
        {
            var program = RandomPrograms.Make(seed);
            var solution = program.Solve(new LinearOptions { MaxSteps = 20_000 });
            switch (solution.Status)
            {
                case LinearStatus.Optimal:
                    var certificate = LinearCertificate.Of(program, solution.Values, solution.Prices);
                    Assert.True(certificate.PrimalInfeasibility <= 1e-7, $"seed {seed}: {certificate}");
                    Assert.True(certificate.DualInfeasibility <= 1e-6, $"seed {seed}: {certificate}");
                    Assert.True(Math.Abs(certificate.RelativeGap) <= 1e-7, $"seed {seed}: {certificate}");
                    break;
                case LinearStatus.Infeasible:
                    Assert.True(ProvesInfeasible(program, solution.Prices), $"seed {seed}");
                    break;
                case LinearStatus.Unbounded:
                    break;
                default:
                    Assert.Fail($"seed {seed}: {solution.Status} after {solution.Steps}");
                    break;
            }
        }
    }

    [Fact]
    public void A_basis_solves_a_similar_program_in_few_steps()
    {
        var program = RandomPrograms.Make(4);
        var first = program.Solve();
        program.SetConstraint(0, double.NegativeInfinity, program.ConstraintUpper(0) + 1);
        var (cold, warm) = (program.Solve(), program.Solve(start: first.Basis));
        Assert.Equal(cold.Objective, warm.Objective, 1e-9 * Math.Abs(cold.Objective));
        Assert.True(warm.Steps < cold.Steps, $"{warm.Steps} steps, {cold.Steps} without");
    }

    [Fact]
    public void The_limit_of_steps_and_cancelling_end_it()
    {
        var program = RandomPrograms.Make(4);
        Assert.Equal(LinearStatus.Unsolved, program.Solve(new LinearOptions { MaxSteps = 2 }).Status);
        Assert.Throws<OperationCanceledException>(() => program.Solve(cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void What_is_no_program_is_refused()
    {
        var program = new LinearProgram();
        program.AddConstraint(0, 1);
        Assert.Throws<ArgumentException>(() => program.AddConstraint(2, 1));
        Assert.Throws<ArgumentException>(() => program.AddConstraint(double.NaN, 1));
        Assert.Throws<ArgumentException>(() => program.AddConstraint(double.PositiveInfinity, double.PositiveInfinity));
        Assert.Throws<ArgumentException>(() => program.AddVariable(double.NaN, 0, 1, [], []));
        Assert.Throws<ArgumentException>(() => program.AddVariable(1, 1, 0, [], []));
        Assert.Throws<ArgumentException>(() => program.AddVariable(1, 0, 1, [0], []));
        Assert.Throws<ArgumentException>(() => program.AddVariable(1, 0, 1, [1], [1]));
        Assert.Throws<ArgumentException>(() => program.AddVariable(1, 0, 1, [0, 0], [1, 1]));
        Assert.Throws<ArgumentException>(() => program.AddVariable(1, 0, 1, [0], [double.PositiveInfinity]));
        Assert.Equal((0, 1), (program.Variables, program.Constraints));
    }

    /// <summary>Farkas: y·A·x over the bounds of x and y·r over the bounds of r have no number in common.</summary>
    private static bool ProvesInfeasible(LinearProgram program, double[] prices)
    {
        double least = 0, most = 0, size = 0;
        for (var j = 0; j < program.Variables; j++)
        {
            var sum = 0.0;
            for (var k = program.Starts[j]; k < program.Starts[j + 1]; k++) sum += prices[program.Rows[k]] * program.Values[k];
            if (Math.Abs(sum) < 1e-9) continue;
            least += sum * (sum > 0 ? program.Lower[j] : program.Upper[j]);
        }
        for (var i = 0; i < program.Constraints; i++)
        {
            if (Math.Abs(prices[i]) < 1e-12) continue;
            var bound = prices[i] > 0 ? program.ConstraintUpper(i) : program.ConstraintLower(i);
            most += prices[i] * bound;
            size += Math.Abs(prices[i] * bound);
        }
        return least > most + 1e-9 * size;
    }
}
