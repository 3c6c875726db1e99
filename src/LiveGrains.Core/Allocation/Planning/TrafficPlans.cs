namespace LiveGrains.Core;

/// <summary>Plans of traffic as they are asked for and answered: checks, names, shares. Any thread.</summary>
internal sealed class TrafficPlans
{
    private readonly TrafficPlanRequest _request;
    private readonly Dictionary<string, int> _segments = new(StringComparer.Ordinal);
    private readonly List<string> _groupNames = [];
    private readonly TrafficProblem _problem;
    private readonly double _impressions;

    /// <summary>Reads a request.</summary>
    /// <exception cref="LiveGrainsException"><see cref="ErrorCode.InvalidPlan"/> or <see cref="ErrorCode.PlanTooLarge"/>, with the place.</exception>
    public TrafficPlans(TrafficPlanRequest request)
    {
        _request = request;
        TrafficPlanRules.Check(request);
        for (var s = 0; s < request.Segments.Count; s++) _segments.Add(request.Segments[s].Segment, s);
        _impressions = request.Segments.Sum(s => s.Impressions);
        var rooms = request.Rooms;
        var lower = new double[rooms.Count];
        var upper = new double[rooms.Count];
        for (var i = 0; i < rooms.Count; i++)
        {
            lower[i] = Math.Max(rooms[i].AtLeast, Share(request.EachRoom?.AtLeast) ?? 0);
            upper[i] = Math.Min(rooms[i].AtMost ?? double.PositiveInfinity, Share(request.EachRoom?.AtMost) ?? double.PositiveInfinity);
            if (lower[i] > upper[i]) throw TrafficPlanRules.Invalid($"rooms[{i}]", $"must get at least {lower[i]:0.##} impressions and at most {upper[i]:0.##}");
        }
        _problem = new TrafficProblem
        {
            Supply = [.. request.Segments.Select(s => s.Impressions)],
            Values = Values(),
            RoomLower = lower,
            RoomUpper = upper,
            CellUpper = [.. rooms.Select(r => r.AtMostPerSegment ?? double.PositiveInfinity)],
            Groups = [.. Groups()],
        };
    }

    /// <summary>Solves it.</summary>
    public TrafficPlan Solve(CancellationToken cancellationToken)
    {
        var solution = TrafficPlanner.Solve(_problem, cancellationToken);
        if (!solution.Feasible)
        {
            return new TrafficPlan
            {
                Status = "infeasible",
                Value = 0,
                Impressions = _impressions,
                Planned = 0,
                Segments = [.. _request.Segments.Select(s => new PlannedSegment(s.Segment, s.Impressions, 0, 0))],
                Rooms = [],
                Groups = [],
                Conflict = [.. solution.Conflict.Select(Conflict)],
                Shortfall = solution.Shortfall,
                Method = Method(solution),
            };
        }
        var program = TrafficPlanner.Program(_problem);
        var certificate = LinearCertificate.Of(program, [.. solution.Impressions.Where((_, cell) => !double.IsNaN(_problem.Values[cell]))], solution.Prices);
        var bySegment = new double[_problem.Segments];
        for (var cell = 0; cell < solution.Impressions.Length; cell++) bySegment[cell % bySegment.Length] += solution.Impressions[cell];
        var rooms = Rooms(solution);
        return new TrafficPlan
        {
            Status = "optimal",
            Value = solution.Value,
            Impressions = _impressions,
            Planned = bySegment.Sum(),
            Segments = [.. _request.Segments.Select((s, number) => new PlannedSegment(s.Segment, s.Impressions, bySegment[number], Clean(solution.Prices[number])))],
            Rooms = rooms,
            Groups = [.. _problem.Groups.Select((g, number) => Group(g, number, solution.Prices[_problem.Segments + _problem.Rooms + number], g.Rooms.Sum(i => rooms[i].Impressions)))],
            Guarantees = Guarantees(solution.Value, cancellationToken),
            Conflict = [],
            Shortfall = 0,
            Method = Method(solution),
            Certificate = new PlanCertificate(Math.Max(0, certificate.PrimalInfeasibility), certificate.DualInfeasibility, certificate.RelativeGap),
        };
    }

    private static string Method(TrafficSolution solution) => solution.ByNetwork ? "networkSimplex" : "simplex";

    private double? Share(double? share) => share * _impressions;

    private double[] Values()
    {
        var segments = _request.Segments.Count;
        var values = new double[_request.Rooms.Count * segments];
        for (var i = 0; i < _request.Rooms.Count; i++)
        {
            var room = _request.Rooms[i];
            for (var s = 0; s < segments; s++) values[i * segments + s] = room.Values[room.Values.Count == 1 ? 0 : s];
            foreach (var excluded in room.Exclude ?? [])
            {
                if (!_segments.TryGetValue(excluded, out var s)) throw TrafficPlanRules.Invalid($"rooms[{i}].exclude", "names a segment that is not in segments");
                values[i * segments + s] = double.NaN;
            }
        }
        return values;
    }

    private IEnumerable<TrafficGroup> Groups()
    {
        var numbers = Enumerable.Range(0, _request.Rooms.Count).ToDictionary(i => _request.Rooms[i].Room, i => i, StringComparer.Ordinal);
        var hosts = Members(room => room.Host);
        var categories = Members(room => room.Category);
        for (var g = 0; g < (_request.Groups?.Count ?? 0); g++)
        {
            var group = _request.Groups![g];
            int[] rooms = group switch
            {
                { Host: { } host } => hosts.GetValueOrDefault(host) ?? throw TrafficPlanRules.Invalid($"groups[{g}].host", "is the host of no room"),
                { Category: { } category } => categories.GetValueOrDefault(category) ?? throw TrafficPlanRules.Invalid($"groups[{g}].category", "is the category of no room"),
                _ => [.. group.Rooms!.Select(id => numbers.TryGetValue(id, out var i) ? i : throw TrafficPlanRules.Invalid($"groups[{g}].rooms", "names a room that is not in rooms")).Distinct()],
            };
            var lower = Math.Max(group.AtLeast, group.AtLeastShare * _impressions);
            var upper = Math.Min(group.AtMost ?? double.PositiveInfinity, Share(group.AtMostShare) ?? double.PositiveInfinity);
            if (lower > upper) throw TrafficPlanRules.Invalid($"groups[{g}]", $"must get at least {lower:0.##} impressions and at most {upper:0.##}");
            _groupNames.Add(group.Name);
            yield return new TrafficGroup(rooms, lower, upper);
        }
        foreach (var (prefix, members, shares) in new[] { ("host:", hosts, _request.EachHost), ("category:", categories, _request.EachCategory) })
        {
            if (shares is null) continue;
            foreach (var (name, rooms) in members)
            {
                _groupNames.Add(prefix + name);
                yield return new TrafficGroup(rooms, shares.AtLeast * _impressions, Share(shares.AtMost) ?? double.PositiveInfinity);
            }
        }
    }

    private Dictionary<string, int[]> Members(Func<PlanRoom, string?> of) =>
        Enumerable.Range(0, _request.Rooms.Count).Where(i => of(_request.Rooms[i]) is not null)
            .GroupBy(i => of(_request.Rooms[i])!, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);

    private PlannedRoom[] Rooms(TrafficSolution solution)
    {
        var rooms = new PlannedRoom[_problem.Rooms];
        for (var i = 0; i < rooms.Length; i++)
        {
            var cells = new List<PlannedCell>();
            double impressions = 0, value = 0;
            for (var s = 0; s < _problem.Segments; s++)
            {
                var cell = solution.Impressions[i * _problem.Segments + s];
                if (cell <= 0) continue;
                cells.Add(new PlannedCell(_request.Segments[s].Segment, cell));
                impressions += cell;
                value += cell * _problem.Values[i * _problem.Segments + s];
            }
            var price = Clean(solution.Prices[_problem.Segments + i]);
            rooms[i] = new PlannedRoom(_request.Rooms[i].Room, impressions, ShareOf(impressions), value, price, Binds(price), Cost(price, _problem.RoomLower[i]), cells);
        }
        return rooms;
    }

    private PlannedGroup Group(TrafficGroup group, int number, double price, double impressions)
    {
        price = Clean(price);
        return new PlannedGroup(_groupNames[number], impressions, ShareOf(impressions), price, Binds(price), Cost(price, group.Lower));
    }

    private double ShareOf(double impressions) => _impressions == 0 ? 0 : impressions / _impressions;

    /// <summary>Rounding is no price.</summary>
    private double Clean(double price) => Math.Abs(price) <= 1e-12 * LargestValue ? 0 : price;

    private double LargestValue => _largestValue ??= _problem.Values.Where(v => !double.IsNaN(v)).Select(Math.Abs).DefaultIfEmpty(0).Max();

    private double? _largestValue;

    private static string? Binds(double price) => price switch { > 0 => "atMost", < 0 => "atLeast", _ => null };

    private static double Cost(double price, double guarantee) => price < 0 ? -price * guarantee : 0;

    /// <summary>Plans once more without lower bounds.</summary>
    private PlannedGuarantees? Guarantees(double value, CancellationToken cancellationToken)
    {
        if (_problem.RoomLower.All(l => l == 0) && _problem.Groups.All(g => g.Lower == 0)) return null;
        var free = TrafficPlanner.Solve(
            new TrafficProblem
            {
                Supply = _problem.Supply,
                Values = _problem.Values,
                RoomLower = new double[_problem.Rooms],
                RoomUpper = _problem.RoomUpper,
                CellUpper = _problem.CellUpper,
                Groups = [.. _problem.Groups.Select(g => g with { Lower = 0 })],
            },
            cancellationToken).Value;
        var cost = Math.Max(0, free - value);
        return new PlannedGuarantees(cost, _impressions == 0 ? 0 : 1000 * cost / _impressions, free > 0 ? cost / free : null);
    }

    private PlanConflict Conflict(TrafficConflict conflict)
    {
        var (kind, number) = conflict.Constraint;
        return kind switch
        {
            TrafficConstraintKind.Supply => new("segment", _request.Segments[number].Segment, "impressions", _problem.Supply[number]),
            TrafficConstraintKind.Room => new("room", _request.Rooms[number].Room, Bound(conflict), conflict.Lower ? _problem.RoomLower[number] : _problem.RoomUpper[number]),
            _ => new("group", _groupNames[number], Bound(conflict), conflict.Lower ? _problem.Groups[number].Lower : _problem.Groups[number].Upper),
        };
    }

    private static string Bound(TrafficConflict conflict) => conflict.Lower ? "atLeast" : "atMost";
}
