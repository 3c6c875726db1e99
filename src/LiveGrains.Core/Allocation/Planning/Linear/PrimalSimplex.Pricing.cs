namespace LiveGrains.Core;

internal sealed partial class PrimalSimplex
{
    private const int MostCandidates = 48;

    private readonly int _part;
    private readonly List<int> _candidates = [];
    private readonly double[] _scores = new double[MostCandidates];
    private double _bestScored;
    private int _next;

    /// <summary>A variable whose change makes the objective better, with its reduced cost; −1 when there is none.</summary>
    private int Price(out double reduced)
    {
        var best = BestCandidate(out reduced, out var score);
        // A list whose best has become poor is not worth a step: fresh columns are better.
        if (best >= 0 && score > 0.1 * _bestScored) return best;
        FillCandidates();
        return BestCandidate(out reduced, out _bestScored);
    }

    private int BestCandidate(out double reduced, out double score)
    {
        (var best, reduced, score) = (-1, 0, 0);
        for (var c = _candidates.Count - 1; c >= 0; c--)
        {
            var variable = _candidates[c];
            var d = AttractiveCost(variable);
            if (d == 0)
            {
                _candidates[c] = _candidates[^1];
                _candidates.RemoveAt(_candidates.Count - 1);
                continue;
            }
            if (d * d * _weight[variable] <= score) continue;
            (best, reduced, score) = (variable, d, d * d * _weight[variable]);
        }
        return best;
    }

    /// <summary>Looks at parts of the columns until one has candidates, or at all.</summary>
    private void FillCandidates()
    {
        _candidates.Clear();
        var looked = 0;
        while (looked < _all && _candidates.Count == 0)
        {
            for (var left = Math.Min(_part, _all - looked); left > 0; left--, looked++)
            {
                var variable = _next;
                if (++_next == _all) _next = 0;
                var d = AttractiveCost(variable);
                if (d != 0) Keep(variable, d * d * _weight[variable]);
            }
        }
    }

    private void Keep(int variable, double score)
    {
        if (_candidates.Count < MostCandidates)
        {
            _scores[_candidates.Count] = score;
            _candidates.Add(variable);
            return;
        }
        var worst = 0;
        for (var c = 1; c < MostCandidates; c++)
        {
            if (_scores[c] < _scores[worst]) worst = c;
        }
        if (score <= _scores[worst]) return;
        (_scores[worst], _candidates[worst]) = (score, variable);
    }

    /// <summary>The reduced cost where a change of the variable makes the objective better; 0 elsewhere.</summary>
    private double AttractiveCost(int variable)
    {
        var state = _state[variable];
        if (state == BasisState.Basic || _lower[variable] == _upper[variable] || _refused[variable]) return 0;
        var d = _phaseOne ? 0 : _cost[variable];
        if (variable >= _variables) d -= _prices[variable - _variables];
        else for (var e = _start[variable]; e < _start[variable + 1]; e++) d -= _prices[_row[e]] * _value[e];
        var tolerance = Tolerance(variable);
        return state switch
        {
            BasisState.AtLower => d < -tolerance ? d : 0,
            BasisState.AtUpper => d > tolerance ? d : 0,
            _ => Math.Abs(d) > tolerance ? d : 0,
        };
    }

    /// <summary>A reduced cost up to this is 0. In phase 1 all costs are of the size of 1.</summary>
    private double Tolerance(int variable) => _phaseOne ? _options.DualTolerance : _dualTolerance[variable];
}
