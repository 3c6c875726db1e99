namespace LiveGrains.Core;

/// <summary>
/// A <see cref="TrafficProblem"/> with its nested groups as a flow. Segments give their supply; an arc for each cell leads to its room,
/// one for each room to its smallest group, one for each group to the next larger one, the last to the root; what is not
/// allocated goes from the segment to the root.
/// <para>
/// Nodes are numbered from the root outwards, as the first tree of <see cref="NetworkSimplex"/> wants it. The arcs that probably carry flow are those
/// that the prices of a sample make look best: every tenth room with a tenth of the supply, solved the same way.
/// </para>
/// </summary>
internal sealed class TrafficNetwork
{
    private const int SampleEvery = 10, LeastSampled = 2_000, LikelySegments = 3;

    private readonly TrafficProblem _problem;
    private readonly GroupNesting _nesting;
    private readonly int[] _groupNode, _groupArc, _cellArc, _supplyArc;
    private readonly int _firstRoomNode, _firstRoomArc, _firstSegmentNode;
    private readonly FlowNetwork _network = new();
    private readonly NetworkSimplex _simplex;

    /// <summary>Makes the network.</summary>
    public TrafficNetwork(TrafficProblem problem, GroupNesting nesting)
    {
        (_problem, _nesting) = (problem, nesting);
        (_groupNode, _groupArc) = (new int[problem.Groups.Length], new int[problem.Groups.Length]);
        (_cellArc, _supplyArc) = (new int[problem.Values.Length], new int[problem.Segments]);
        foreach (var g in Enumerable.Reverse(nesting.Nested))
        {
            _groupNode[g] = _network.AddNode();
            _groupArc[g] = _network.AddArc(_groupNode[g], NodeOf(nesting.GroupParent[g]), 0, problem.Groups[g].Lower, problem.Groups[g].Upper);
        }
        (_firstRoomNode, _firstRoomArc) = (_network.Nodes, _network.Arcs);
        for (var i = 0; i < problem.Rooms; i++)
            _network.AddArc(_network.AddNode(), NodeOf(nesting.RoomParent[i]), 0, problem.RoomLower[i], problem.RoomUpper[i]);
        _firstSegmentNode = _network.Nodes;
        for (var s = 0; s < problem.Segments; s++)
            _supplyArc[s] = _network.AddArc(_network.AddNode(problem.Supply[s]), 0, 0, 0, double.PositiveInfinity);
        for (var cell = 0; cell < problem.Values.Length; cell++)
        {
            var (room, segment) = Math.DivRem(cell, problem.Segments);
            _cellArc[cell] = double.IsNaN(problem.Values[cell])
                ? -1
                : _network.AddArc(_firstSegmentNode + segment, _firstRoomNode + room, -problem.Values[cell], 0, problem.CellUpper[room]);
        }
        _simplex = new NetworkSimplex(_network);
    }

    /// <summary>Steps of the method, without those of the sample.</summary>
    public int Steps => _simplex.Steps;

    /// <summary>Impressions that are missing where it is infeasible.</summary>
    public double Shortfall => _simplex.Shortfall;

    /// <summary>Solves it; false when it is infeasible.</summary>
    public bool Run(CancellationToken cancellationToken) => _simplex.Run(LikelyArcs(cancellationToken), cancellationToken);

    /// <summary>Impressions of each cell.</summary>
    public double[] Impressions()
    {
        var impressions = new double[_cellArc.Length];
        for (var cell = 0; cell < impressions.Length; cell++)
        {
            if (_cellArc[cell] >= 0) impressions[cell] = Math.Clamp(_simplex.Flow(_cellArc[cell]), 0, _problem.CellUpper[cell / _problem.Segments]);
        }
        return impressions;
    }

    /// <summary>Prices of the constraints; of an infeasible network the multipliers that prove it. Those of overlapping groups are 0.</summary>
    public double[] Prices()
    {
        var potentials = _simplex.Potentials;
        var (segments, rooms) = (_problem.Segments, _problem.Rooms);
        var prices = new double[segments + rooms + _problem.Groups.Length];
        for (var s = 0; s < segments; s++) prices[s] = potentials[_firstSegmentNode + s] - potentials[0];
        for (var i = 0; i < rooms; i++) prices[segments + i] = potentials[NodeOf(_nesting.RoomParent[i])] - potentials[_firstRoomNode + i];
        foreach (var g in _nesting.Nested) prices[segments + rooms + g] = potentials[NodeOf(_nesting.GroupParent[g])] - potentials[_groupNode[g]];
        return prices;
    }

    /// <summary>The tree as a basis of <see cref="TrafficPlanner.Program"/>.</summary>
    public LinearBasis Basis()
    {
        var states = new List<BasisState>();
        foreach (var arc in _cellArc)
        {
            if (arc >= 0) states.Add(StateOf(arc));
        }
        // The logical variable of a constraint is minus its activity: it is at its upper bound when the activity is at its lower one.
        states.AddRange(_supplyArc.Select(arc => _simplex.IsBasic(arc) ? BasisState.Basic : BasisState.AtLower));
        for (var i = 0; i < _problem.Rooms; i++) states.Add(Mirrored(_firstRoomArc + i));
        for (var g = 0; g < _problem.Groups.Length; g++) states.Add(_groupNode[g] == 0 ? BasisState.Basic : Mirrored(_groupArc[g]));
        return new LinearBasis([.. states]);
    }

    private BasisState StateOf(int arc) => _simplex.IsBasic(arc) ? BasisState.Basic : _simplex.IsFull(arc) ? BasisState.AtUpper : BasisState.AtLower;

    private BasisState Mirrored(int arc) => StateOf(arc) switch { BasisState.AtUpper => BasisState.AtLower, BasisState.AtLower => BasisState.AtUpper, var basic => basic };

    private int NodeOf(int group) => group < 0 ? 0 : _groupNode[group];

    private int[] LikelyArcs(CancellationToken cancellationToken)
    {
        if (_problem.Rooms < LeastSampled) return [];
        var some = Sample();
        var sample = new TrafficNetwork(some, GroupNesting.Of(some));
        sample.Run(cancellationToken);
        var prices = sample.Prices();
        var segments = _problem.Segments;
        var likely = new List<(int Place, double Margin, int Arc)>();
        var (margins, order) = (new double[segments], new int[segments]);
        for (var i = 0; i < _problem.Rooms; i++)
        {
            for (var s = 0; s < segments; s++)
            {
                var value = _problem.Values[i * segments + s];
                (margins[s], order[s]) = (double.IsNaN(value) ? double.NegativeInfinity : value - prices[s], s);
            }
            Array.Sort(margins, order);
            for (var place = 0; place < Math.Min(LikelySegments, segments); place++)
            {
                var arc = _cellArc[i * segments + order[segments - 1 - place]];
                if (arc >= 0) likely.Add((place, margins[segments - 1 - place], arc));
            }
        }
        likely.Sort((a, b) => a.Place != b.Place ? a.Place.CompareTo(b.Place) : a.Margin != b.Margin ? b.Margin.CompareTo(a.Margin) : a.Arc.CompareTo(b.Arc));
        return [.. likely.Select(l => l.Arc)];
    }

    private TrafficProblem Sample()
    {
        var rooms = Enumerable.Range(0, _problem.Rooms).Where(i => i % SampleEvery == 0).ToArray();
        var segments = _problem.Segments;
        return new TrafficProblem
        {
            Supply = [.. _problem.Supply.Select(supply => supply / SampleEvery)],
            Values = [.. rooms.SelectMany(i => _problem.Values.AsSpan(i * segments, segments).ToArray())],
            RoomLower = [.. rooms.Select(i => _problem.RoomLower[i])],
            RoomUpper = [.. rooms.Select(i => _problem.RoomUpper[i])],
            CellUpper = [.. rooms.Select(i => _problem.CellUpper[i])],
            Groups =
            [
                .. _problem.Groups
                    .Select(g => new TrafficGroup([.. g.Rooms.Where(i => i % SampleEvery == 0).Select(i => i / SampleEvery)], g.Lower / SampleEvery, g.Upper / SampleEvery))
                    .Where(g => g.Rooms.Length > 1),
            ],
        };
    }
}
