namespace LiveGrains.Core;

/// <summary>
/// Solves a <see cref="TrafficProblem"/> exactly. Groups that are nested or apart (hosts within categories) make it a flow: segment → room → host →
/// category → root; of groups that overlap those that nest make the flow whose tree is where the simplex method starts. Any thread.
/// </summary>
internal static class TrafficPlanner
{
    /// <summary>Solves it.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ArithmeticException">The numbers are too badly scaled for the simplex method. Nested groups never are.</exception>
    public static TrafficSolution Solve(TrafficProblem problem, CancellationToken cancellationToken = default)
    {
        var nesting = GroupNesting.Of(problem);
        var network = new TrafficNetwork(problem, nesting);
        var feasible = network.Run(cancellationToken);
        if (nesting.Overlapping.Count == 0 || !feasible)
            return feasible ? Solution(problem, network.Impressions(), network.Prices(), true, network.Steps) : Conflict(problem, network.Prices(), network.Shortfall, true, network.Steps, cancellationToken);

        var program = Program(problem);
        var solved = program.Solve(null, network.Basis(), cancellationToken);
        return solved.Status switch
        {
            LinearStatus.Optimal => Solution(problem, Impressions(problem, solved.Values), solved.Prices, false, network.Steps + solved.Steps),
            LinearStatus.Infeasible => Conflict(problem, solved.Prices, solved.Shortfall, false, network.Steps + solved.Steps, cancellationToken),
            _ => throw new ArithmeticException("The plan's numbers are too far apart to be solved exactly."),
        };
    }

    /// <summary>The problem as a linear program: a constraint for each <see cref="TrafficConstraint"/>, a variable for each room and segment that may meet.</summary>
    public static LinearProgram Program(TrafficProblem problem)
    {
        var program = new LinearProgram();
        foreach (var supply in problem.Supply) program.AddConstraint(double.NegativeInfinity, supply);
        for (var i = 0; i < problem.Rooms; i++) program.AddConstraint(problem.RoomLower[i], problem.RoomUpper[i]);
        foreach (var group in problem.Groups) program.AddConstraint(group.Lower, group.Upper);
        var groups = GroupsOfRooms(problem);
        for (var i = 0; i < problem.Rooms; i++)
        {
            int[] rows = [0, problem.Segments + i, .. groups[i].Select(g => problem.Segments + problem.Rooms + g)];
            var ones = new double[rows.Length];
            Array.Fill(ones, 1);
            for (var s = 0; s < problem.Segments; s++)
            {
                var value = problem.Values[i * problem.Segments + s];
                if (double.IsNaN(value)) continue;
                rows[0] = s;
                program.AddVariable(value, 0, problem.CellUpper[i], rows, ones);
            }
        }
        return program;
    }

    private static List<int>[] GroupsOfRooms(TrafficProblem problem)
    {
        var groups = new List<int>[problem.Rooms];
        for (var i = 0; i < groups.Length; i++) groups[i] = [];
        for (var g = 0; g < problem.Groups.Length; g++)
        {
            foreach (var room in problem.Groups[g].Rooms) groups[room].Add(g);
        }
        return groups;
    }

    private static double[] Impressions(TrafficProblem problem, double[] values)
    {
        var impressions = new double[problem.Values.Length];
        var next = 0;
        for (var cell = 0; cell < impressions.Length; cell++)
        {
            if (!double.IsNaN(problem.Values[cell])) impressions[cell] = values[next++];
        }
        return impressions;
    }

    private static TrafficSolution Solution(TrafficProblem problem, double[] impressions, double[] prices, bool byNetwork, int steps)
    {
        var value = 0.0;
        for (var cell = 0; cell < impressions.Length; cell++)
        {
            if (impressions[cell] != 0) value += impressions[cell] * problem.Values[cell];
        }
        return new TrafficSolution { Feasible = true, Value = value, Impressions = impressions, Prices = prices, Conflict = [], Shortfall = 0, ByNetwork = byNetwork, Steps = steps };
    }

    private static TrafficSolution Conflict(TrafficProblem problem, double[] multipliers, double knownShortfall, bool byNetwork, int steps, CancellationToken cancellationToken)
    {
        var (conflict, shortfall) = new TrafficContradiction(problem, GroupsOfRooms(problem), multipliers).Narrow(knownShortfall, cancellationToken);
        return new TrafficSolution { Feasible = false, Value = 0, Impressions = [], Prices = [], Conflict = conflict, Shortfall = shortfall, ByNetwork = byNetwork, Steps = steps };
    }
}
