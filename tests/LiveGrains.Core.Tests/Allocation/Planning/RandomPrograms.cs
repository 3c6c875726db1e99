namespace LiveGrains.Core.Tests.Allocation.Planning;

/// <summary>Linear programs from a seed, of the kinds that break solvers: degenerate, badly scaled, infeasible, unbounded, with few or no choices.</summary>
internal static class RandomPrograms
{
    private const int Kinds = 6;

    /// <summary>The program of a seed.</summary>
    public static LinearProgram Make(int seed)
    {
        var random = new Random(seed);
        return (seed % Kinds) switch
        {
            0 => General(random, random.Next(1, 12), random.Next(1, 12), 0.6),
            1 => General(random, random.Next(5, 40), random.Next(5, 60), 0.2),
            2 => Degenerate(random),
            3 => Transport(random),
            4 => Knapsacks(random),
            _ => BadlyScaled(random),
        };
    }

    /// <summary>All kinds of bounds, small whole numbers: many ties, many infeasible and unbounded ones.</summary>
    private static LinearProgram General(Random random, int constraints, int variables, double density)
    {
        var program = new LinearProgram();
        for (var i = 0; i < constraints; i++)
        {
            var (a, b) = (random.Next(-20, 21), random.Next(0, 30));
            switch (random.Next(6))
            {
                case 0: program.AddConstraint(a, a); break;
                case 1: program.AddConstraint(a, double.PositiveInfinity); break;
                case 2: program.AddConstraint(a, a + b); break;
                default: program.AddConstraint(double.NegativeInfinity, b); break;
            }
        }
        for (var j = 0; j < variables; j++)
        {
            var rows = Enumerable.Range(0, constraints).Where(_ => random.NextDouble() < density).ToArray();
            var values = rows.Select(_ => (double)random.Next(-9, 10)).ToArray();
            var (lower, upper) = random.Next(8) switch
            {
                0 => (double.NegativeInfinity, double.PositiveInfinity),
                1 => (double.NegativeInfinity, (double)random.Next(-5, 6)),
                2 => (3, 3),
                3 or 4 => (0, double.PositiveInfinity),
                _ => ((double)random.Next(-3, 1), (double)random.Next(1, 12)),
            };
            program.AddVariable(random.Next(-10, 11), lower, upper, rows, values);
        }
        return program;
    }

    /// <summary>Assignment: every vertex is degenerate.</summary>
    private static LinearProgram Degenerate(Random random)
    {
        var size = random.Next(2, 13);
        var program = new LinearProgram();
        for (var i = 0; i < 2 * size; i++) program.AddConstraint(1, 1);
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++) program.AddVariable(random.Next(0, 4), 0, double.PositiveInfinity, [i, size + j], [1, 1]);
        }
        return program;
    }

    /// <summary>Rooms and segments with caps and guarantees, some of which contradict each other.</summary>
    private static LinearProgram Transport(Random random)
    {
        var (segments, rooms) = (random.Next(1, 8), random.Next(2, 40));
        var program = new LinearProgram();
        for (var s = 0; s < segments; s++) program.AddConstraint(double.NegativeInfinity, random.Next(0, 60));
        for (var i = 0; i < rooms; i++)
        {
            var least = random.Next(4) == 0 ? random.Next(0, 12) : 0;
            program.AddConstraint(least, least + random.Next(0, 40));
        }
        var group = program.AddConstraint(random.Next(0, 40), double.PositiveInfinity);
        for (var i = 0; i < rooms; i++)
        {
            for (var s = 0; s < segments; s++)
            {
                if (random.Next(8) == 0) continue;
                program.AddVariable(random.NextDouble(), 0, random.Next(3) == 0 ? random.Next(0, 10) : double.PositiveInfinity, i % 3 == 0 ? [s, segments + i, group] : [s, segments + i], i % 3 == 0 ? [1, 1, 1] : [1, 1]);
            }
        }
        return program;
    }

    /// <summary>Generalised assignment: what an item takes differs by where it goes.</summary>
    private static LinearProgram Knapsacks(Random random)
    {
        var (agents, jobs) = (random.Next(2, 9), random.Next(3, 40));
        var program = new LinearProgram();
        for (var i = 0; i < agents; i++) program.AddConstraint(double.NegativeInfinity, random.Next(10, 20 + 12 * jobs / agents));
        for (var j = 0; j < jobs; j++) program.AddConstraint(1, 1);
        for (var i = 0; i < agents; i++)
        {
            for (var j = 0; j < jobs; j++) program.AddVariable(random.Next(15, 26), 0, 1, [i, agents + j], [random.Next(5, 26), 1]);
        }
        return program;
    }

    /// <summary>Elements from 10⁻⁴ to 10⁴ around a point that keeps all constraints.</summary>
    private static LinearProgram BadlyScaled(Random random)
    {
        var (constraints, variables) = (random.Next(2, 25), random.Next(2, 40));
        var rows = new List<int>[variables];
        var values = new List<double>[variables];
        var point = new double[variables];
        var activity = new double[constraints];
        for (var j = 0; j < variables; j++)
        {
            (rows[j], values[j], point[j]) = ([], [], random.NextDouble() * 10);
            for (var i = 0; i < constraints; i++)
            {
                if (random.Next(3) > 0) continue;
                rows[j].Add(i);
                values[j].Add((random.Next(2) == 0 ? 1 : -1) * Math.Pow(10, 8 * random.NextDouble() - 4));
                activity[i] += values[j][^1] * point[j];
            }
        }
        var program = new LinearProgram();
        for (var i = 0; i < constraints; i++) program.AddConstraint(activity[i] - 1 - Math.Abs(activity[i]), activity[i] + random.NextDouble() * Math.Abs(activity[i]) + 0.01);
        for (var j = 0; j < variables; j++) program.AddVariable(random.NextDouble() * 20 - 10, 0, 20, [.. rows[j]], [.. values[j]]);
        return program;
    }
}
