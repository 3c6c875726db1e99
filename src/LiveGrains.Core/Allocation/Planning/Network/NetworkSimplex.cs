namespace LiveGrains.Core;

/// <summary>
/// The network simplex method: the basis is a spanning tree, a step sends flow around the cycle that an arc closes. Trees stay strongly
/// feasible (each node could send more to the root), so that it never cycles (Cunningham, Mathematical Programming 11, 1976). Arcs
/// enter from the best of a block (Kiraly and Kovacs, Acta Univ. Sapientiae Informatica 4, 2012).
/// <para>
/// A node whose balance its first arc cannot take starts at an artificial arc to the root, at a price. If flow is left on
/// artificial arcs in the end, a second run with their price alone proves that there is no feasible flow, or finds one. Sums and differences only: with whole numbers up to
/// 2⁵³ flows are exact. One thread, one run.
/// </para>
/// </summary>
internal sealed class NetworkSimplex
{
    private const sbyte AtLower = 1, InTree = 0, AtUpper = -1;
    private const int StepsBetweenQuestions = 1024, MostCandidates = 32, PartsOfArcs = 100;

    private readonly int _nodes, _arcs, _all;
    private readonly int[] _source, _target;
    private readonly double[] _cost, _capacity, _flow, _balance, _lower, _ownCost;
    private readonly sbyte[] _state;
    private readonly int[] _parent, _arc, _size, _firstChild, _next, _previous;
    private readonly bool[] _up;
    private readonly double[] _potential;
    private readonly double _largestCost;
    private readonly int[] _candidates = new int[MostCandidates];
    private readonly double[] _candidateCosts = new double[MostCandidates];
    private double _tolerance, _bestListed;
    private int[]? _searched;
    private int _nextArc, _candidateCount;

    /// <summary>Prepares; nothing of the network is changed.</summary>
    public NetworkSimplex(FlowNetwork network)
    {
        (_nodes, _arcs) = (network.Nodes, network.Arcs);
        _all = _arcs + _nodes;
        (_source, _target) = (new int[_all], new int[_all]);
        (_cost, _capacity, _flow, _state) = (new double[_all], new double[_all], new double[_all], new sbyte[_all]);
        network.Source.CopyTo(_source);
        network.Target.CopyTo(_target);
        _ownCost = network.Cost.ToArray();
        _lower = network.Lower.ToArray();
        _balance = network.Supply.ToArray();
        for (var a = 0; a < _arcs; a++)
        {
            _largestCost = Math.Max(_largestCost, Math.Abs(_ownCost[a]));
            _capacity[a] = network.Upper[a] - _lower[a];
            _balance[_source[a]] -= _lower[a];
            _balance[_target[a]] += _lower[a];
        }
        (_parent, _arc, _size, _firstChild, _next, _previous) = (new int[_nodes], new int[_nodes], new int[_nodes], new int[_nodes], new int[_nodes], new int[_nodes]);
        (_up, _potential) = (new bool[_nodes], new double[_nodes]);
    }

    /// <summary>Steps so far.</summary>
    public int Steps { get; private set; }

    /// <summary>Flow on artificial arcs: by how much the balances of the nodes cannot be met; 0 for a feasible flow.</summary>
    public double Shortfall { get; private set; }

    /// <summary>
    /// Of each node the price of a unit there against the root's: an arc that costs less than its target's potential less its source's
    /// is full. Of an infeasible network they are those of the artificial arcs alone, and the arcs between nodes of different
    /// potential are the cut that proves it.
    /// </summary>
    public ReadOnlySpan<double> Potentials => _potential;

    /// <summary>The flow of an arc.</summary>
    public double Flow(int arc) => _lower[arc] + _flow[arc];

    /// <summary>True for an arc of the tree.</summary>
    public bool IsBasic(int arc) => _state[arc] == InTree;

    /// <summary>True for an arc outside the tree that is full.</summary>
    public bool IsFull(int arc) => _state[arc] == AtUpper;

    /// <summary>Finds the flow that costs least; false when none is feasible.</summary>
    /// <param name="likely">Arcs that probably carry flow, the likeliest first: they are tried in this order, then optimised alone, and only then all.</param>
    /// <param name="cancellationToken">Asked every thousand steps.</param>
    public bool Run(ReadOnlySpan<int> likely = default, CancellationToken cancellationToken = default)
    {
        var size = _balance.Sum(Math.Abs);
        PlantTree();
        SetCosts(own: true, artificial: 10 * Math.Max(1e-300, _largestCost));
        if (!likely.IsEmpty)
        {
            ComputePotentials();
            foreach (var arc in likely)
            {
                if (Attraction(arc) < 0) Step(arc);
            }
            _searched = [.. likely];
            Optimise(cancellationToken);
            _searched = null;
        }
        Optimise(cancellationToken);
        if (ArtificialFlow() > 0)
        {
            SetCosts(own: false, artificial: 1);
            Optimise(cancellationToken);
            Shortfall = ArtificialFlow();
            if (Shortfall > 1e-9 * (1 + size)) return false;
        }
        Shortfall = 0;
        for (var a = _arcs; a < _all; a++) (_capacity[a], _flow[a]) = (0, 0);
        SetCosts(own: true, artificial: 0);
        Optimise(cancellationToken);
        return true;
    }

    private double ArtificialFlow()
    {
        var sum = 0.0;
        for (var a = _arcs; a < _all; a++) sum += _flow[a];
        return sum;
    }

    /// <summary>
    /// Every node hangs on its first arc to a node with a smaller number, when that has room for what comes from below, or else on the
    /// root by an artificial arc. Each arc can carry more to the root or less from it: strongly feasible.
    /// </summary>
    private void PlantTree()
    {
        Array.Fill(_state, AtLower);
        Array.Fill(_firstChild, -1);
        Array.Fill(_size, 1);
        (_parent[0], _arc[0], _next[0], _previous[0]) = (-1, -1, -1, -1);
        var own = new int[_nodes];
        Array.Fill(own, -1);
        for (var a = _arcs - 1; a >= 0; a--)
        {
            if (_target[a] < _source[a]) own[_source[a]] = a;
        }
        for (var node = _nodes - 1; node > 0; node--)
        {
            var (artificial, flow) = (_arcs + node, _balance[node]);
            var up = flow >= 0;
            (_source[artificial], _target[artificial]) = up ? (node, 0) : (0, node);
            _capacity[artificial] = double.PositiveInfinity;
            var (arc, parent) = (artificial, 0);
            if (up && own[node] >= 0 && flow < _capacity[own[node]])
            {
                (arc, parent) = (own[node], _target[own[node]]);
                _balance[parent] += flow;
            }
            _flow[arc] = Math.Abs(flow);
            _state[arc] = InTree;
            Hang(node, parent, arc, up);
            _size[parent] += _size[node];
        }
    }

    private void SetCosts(bool own, double artificial)
    {
        for (var a = 0; a < _arcs; a++) _cost[a] = own ? _ownCost[a] : 0;
        for (var a = _arcs; a < _all; a++) _cost[a] = artificial;
        _tolerance = 1e-12 * Math.Max(artificial, own ? _largestCost : 0);
        (_nextArc, _candidateCount) = (0, 0);
    }

    private void Optimise(CancellationToken cancellationToken)
    {
        // Potentials gather rounding as subtrees move; computed anew they may show arcs that were missed.
        for (var found = true; found;)
        {
            ComputePotentials();
            found = false;
            while (FindEntering() is var entering and >= 0)
            {
                found = true;
                if (Steps % StepsBetweenQuestions == 0) cancellationToken.ThrowIfCancellationRequested();
                Step(entering);
            }
        }
    }

    /// <summary>
    /// The best arc of a short list; when the list has become poor it is filled with the best of the next part of all arcs. −1 when no
    /// arc makes the flow cheaper.
    /// </summary>
    private int FindEntering()
    {
        var best = BestCandidate(out var cost);
        if (best >= 0 && cost <= 0.1 * _bestListed) return best;
        FillCandidates();
        return BestCandidate(out _bestListed);
    }

    private int BestCandidate(out double bestCost)
    {
        (var best, bestCost) = (-1, 0);
        for (var c = _candidateCount - 1; c >= 0; c--)
        {
            var cost = Attraction(_candidates[c]);
            if (cost == 0) _candidates[c] = _candidates[--_candidateCount];
            else if (cost < bestCost) (best, bestCost) = (_candidates[c], cost);
        }
        return best;
    }

    private void FillCandidates()
    {
        _candidateCount = 0;
        var count = _searched?.Length ?? _all;
        var part = Math.Max(1_000, count / PartsOfArcs);
        for (var looked = 0; looked < count && _candidateCount == 0;)
        {
            for (var left = Math.Min(part, count - looked); left > 0; left--, looked++)
            {
                if (_nextArc >= count) _nextArc = 0;
                var arc = _searched is null ? _nextArc : _searched[_nextArc];
                _nextArc++;
                var cost = Attraction(arc);
                if (cost < 0) Keep(arc, cost);
            }
        }
    }

    private void Keep(int arc, double cost)
    {
        if (_candidateCount < MostCandidates)
        {
            (_candidates[_candidateCount], _candidateCosts[_candidateCount]) = (arc, cost);
            _candidateCount++;
            return;
        }
        var worst = 0;
        for (var c = 1; c < MostCandidates; c++)
        {
            if (_candidateCosts[c] > _candidateCosts[worst]) worst = c;
        }
        if (cost < _candidateCosts[worst]) (_candidates[worst], _candidateCosts[worst]) = (arc, cost);
    }

    /// <summary>The reduced cost of an arc that makes the flow cheaper, below 0; 0 for the others, and for one without room, which would only turn around.</summary>
    private double Attraction(int arc)
    {
        var cost = _state[arc] * (_cost[arc] + _potential[_source[arc]] - _potential[_target[arc]]);
        return cost < -_tolerance && _capacity[arc] > 0 ? cost : 0;
    }

    private void Step(int entering)
    {
        Steps++;
        var forward = _state[entering] == AtLower;
        var (first, second) = forward ? (_source[entering], _target[entering]) : (_target[entering], _source[entering]);
        var join = Join(first, second);
        // Of arcs that end the step together the last one around the cycle, from the join, leaves: that keeps the tree strongly feasible.
        var (amount, leavingNode, onFirst) = (_capacity[entering], -1, false);
        for (var node = first; node != join; node = _parent[node])
        {
            var room = _up[node] ? _flow[_arc[node]] : _capacity[_arc[node]] - _flow[_arc[node]];
            if (room < amount) (amount, leavingNode, onFirst) = (room, node, true);
        }
        for (var node = second; node != join; node = _parent[node])
        {
            var room = _up[node] ? _capacity[_arc[node]] - _flow[_arc[node]] : _flow[_arc[node]];
            if (room <= amount) (amount, leavingNode, onFirst) = (room, node, false);
        }
        Send(entering, first, second, join, Math.Max(0, amount), forward);
        if (leavingNode < 0)
        {
            _state[entering] = (sbyte)-_state[entering];
            _flow[entering] = forward ? _capacity[entering] : 0;
            return;
        }
        var leaving = _arc[leavingNode];
        var emptied = _up[leavingNode] == onFirst;
        _state[leaving] = emptied ? AtLower : AtUpper;
        _flow[leaving] = emptied ? 0 : _capacity[leaving];
        _state[entering] = InTree;
        var (child, parent) = onFirst ? (first, second) : (second, first);
        Rehang(child, parent, entering, leavingNode);
        MovePotentials(child, entering);
    }

    private int Join(int a, int b)
    {
        while (a != b)
        {
            if (_size[a] < _size[b]) a = _parent[a];
            else b = _parent[b];
        }
        return a;
    }

    private void Send(int entering, int first, int second, int join, double amount, bool forward)
    {
        if (amount == 0) return;
        _flow[entering] += forward ? amount : -amount;
        for (var node = first; node != join; node = _parent[node]) _flow[_arc[node]] -= _up[node] ? amount : -amount;
        for (var node = second; node != join; node = _parent[node]) _flow[_arc[node]] += _up[node] ? amount : -amount;
    }

    /// <summary>The subtree that the leaving arc cuts off hangs on <paramref name="parent"/> by <paramref name="child"/>; the arcs between turn around.</summary>
    private void Rehang(int child, int parent, int arc, int cut)
    {
        var moved = _size[cut];
        for (var node = _parent[cut]; node >= 0; node = _parent[node]) _size[node] -= moved;
        for (var node = parent; node >= 0; node = _parent[node]) _size[node] += moved;
        var up = _source[arc] == child;
        var below = 0; // what the last node, which was this one's child, had under it
        for (var node = child; ;)
        {
            var (oldParent, oldArc, oldUp, oldSize) = (_parent[node], _arc[node], _up[node], _size[node]);
            Unhang(node);
            Hang(node, parent, arc, up);
            _size[node] = moved;
            moved -= oldSize - below;
            below = oldSize;
            if (node == cut) return;
            (parent, arc, up, node) = (node, oldArc, !oldUp, oldParent);
        }
    }

    private void Hang(int node, int parent, int arc, bool up)
    {
        (_parent[node], _arc[node], _up[node]) = (parent, arc, up);
        (_previous[node], _next[node]) = (-1, _firstChild[parent]);
        if (_next[node] >= 0) _previous[_next[node]] = node;
        _firstChild[parent] = node;
    }

    private void Unhang(int node)
    {
        if (_previous[node] >= 0) _next[_previous[node]] = _next[node];
        else _firstChild[_parent[node]] = _next[node];
        if (_next[node] >= 0) _previous[_next[node]] = _previous[node];
    }

    /// <summary>Potentials count as differences only: those of the subtree move, or all others the other way, whichever are fewer.</summary>
    private void MovePotentials(int top, int arc)
    {
        var move = _potential[_parent[top]] + (_up[top] ? -_cost[arc] : _cost[arc]) - _potential[top];
        if (2 * _size[top] <= _nodes)
        {
            for (var node = top; node >= 0; node = Following(node, top)) _potential[node] += move;
            return;
        }
        for (var node = 0; node >= 0; node = node == top ? FollowingOutside(node, 0) : Following(node, 0))
        {
            if (node != top) _potential[node] -= move;
        }
    }

    private void ComputePotentials()
    {
        _potential[0] = 0;
        for (var node = Following(0, 0); node >= 0; node = Following(node, 0))
        {
            var arc = _arc[node];
            _potential[node] = _potential[_parent[node]] + (_up[node] ? -_cost[arc] : _cost[arc]);
        }
    }

    /// <summary>The next node of a subtree, parents before children; −1 after the last.</summary>
    private int Following(int node, int top)
    {
        if (_firstChild[node] >= 0) return _firstChild[node];
        return FollowingOutside(node, top);
    }

    private int FollowingOutside(int node, int top)
    {
        while (node != top)
        {
            if (_next[node] >= 0) return _next[node];
            node = _parent[node];
        }
        return -1;
    }
}
