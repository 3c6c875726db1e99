namespace LiveGrains.Core;

/// <summary>
/// What contradicts what in a problem without a plan. Multipliers prove that a set of bounds cannot be kept; those whose absence does not
/// resolve the contradiction are left out one after the other (deletion filter: Chinneck and Dravnieks, ORSA Journal on Computing 3, 1991), so
/// that the rest is irreducible. Cells that meet the same of these bounds are one variable: a small program whatever the problem's size.
/// </summary>
internal sealed class TrafficContradiction
{
    private const int MostFiltered = 200;

    private readonly TrafficProblem _problem;
    private readonly List<int> _bounds;
    private readonly double[] _multipliers;
    private readonly List<(int[] Bounds, double Upper)> _cells = [];

    /// <summary>Takes the bounds whose multipliers are not 0: lower ones below, upper ones above.</summary>
    public TrafficContradiction(TrafficProblem problem, List<int>[] groupsOfRooms, double[] multipliers)
    {
        (_problem, _multipliers) = (problem, multipliers);
        var scale = multipliers.Max(Math.Abs);
        _bounds = [.. Enumerable.Range(0, multipliers.Length).Where(c => Math.Abs(multipliers[c]) > 1e-9 * scale)];
        var isBound = new bool[multipliers.Length];
        foreach (var bound in _bounds) isBound[bound] = true;
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < problem.Rooms; i++)
        {
            int[] ofRoom = [.. groupsOfRooms[i].Select(g => problem.Segments + problem.Rooms + g).Append(problem.Segments + i).Where(c => isBound[c])];
            var key = string.Join(' ', ofRoom);
            for (var s = 0; s < problem.Segments; s++)
            {
                if (double.IsNaN(problem.Values[i * problem.Segments + s])) continue;
                if (isBound[s]) Add(known, $"{key}/{s}", [.. ofRoom, s], problem.CellUpper[i]);
                else if (ofRoom.Length > 0) Add(known, key, ofRoom, problem.CellUpper[i]);
            }
        }
    }

    /// <summary>The irreducible bounds and the least sum by which they are missed; above 200 that would have to be looked at all of them and what is known to be missed by all.</summary>
    public (IReadOnlyList<TrafficConflict> Conflict, double Shortfall) Narrow(double knownShortfall, CancellationToken cancellationToken)
    {
        var kept = _bounds.ToHashSet();
        var filtered = _bounds.Count <= MostFiltered;
        var shortfall = filtered ? Shortfall(kept, cancellationToken) : knownShortfall;
        foreach (var bound in filtered ? Enumerable.Reverse(_bounds) : [])
        {
            kept.Remove(bound);
            var without = Shortfall(kept, cancellationToken);
            if (without > 1e-9 * (1 + _problem.Supply.Max())) shortfall = without;
            else kept.Add(bound);
        }
        return ([.. kept.Order().Select(c => new TrafficConflict(TrafficConstraint.At(_problem, c), _multipliers[c] < 0))], shortfall);
    }

    private void Add(Dictionary<string, int> known, string key, int[] bounds, double upper)
    {
        if (known.TryGetValue(key, out var place))
        {
            _cells[place] = (bounds, _cells[place].Upper + upper);
            return;
        }
        known.Add(key, _cells.Count);
        _cells.Add((bounds, upper));
    }

    /// <summary>The least sum by which the bounds must be missed, each by a variable of its own.</summary>
    private double Shortfall(HashSet<int> kept, CancellationToken cancellationToken)
    {
        var program = new LinearProgram();
        var row = new Dictionary<int, int>();
        foreach (var bound in kept)
        {
            var (lower, upper) = Bounds(bound);
            var isLower = _multipliers[bound] < 0;
            row[bound] = isLower ? program.AddConstraint(lower, double.PositiveInfinity) : program.AddConstraint(double.NegativeInfinity, upper);
            program.AddVariable(-1, 0, double.PositiveInfinity, [row[bound]], [isLower ? 1 : -1]);
        }
        foreach (var (bounds, upper) in _cells)
        {
            int[] rows = [.. bounds.Where(row.ContainsKey).Select(bound => row[bound])];
            if (rows.Length == 0) continue;
            var ones = new double[rows.Length];
            Array.Fill(ones, 1);
            program.AddVariable(0, 0, upper, rows, ones);
        }
        return -program.Solve(cancellationToken: cancellationToken).Objective;
    }

    private (double Lower, double Upper) Bounds(int place)
    {
        var constraint = TrafficConstraint.At(_problem, place);
        return constraint.Kind switch
        {
            TrafficConstraintKind.Supply => (0, _problem.Supply[constraint.Number]),
            TrafficConstraintKind.Room => (_problem.RoomLower[constraint.Number], _problem.RoomUpper[constraint.Number]),
            _ => (_problem.Groups[constraint.Number].Lower, _problem.Groups[constraint.Number].Upper),
        };
    }
}
