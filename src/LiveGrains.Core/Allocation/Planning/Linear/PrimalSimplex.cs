namespace LiveGrains.Core;

/// <summary>
/// The revised primal simplex method for bounded variables. Phase 1 minimises the sum of infeasibilities from any basis, with steps through
/// several breakpoints; phase 2 the objective, with Harris's two passes. Entering variables come from a short list of candidates that
/// is filled from one part of the columns after another (multiple partial pricing), so that a step does not look at all of them.
/// Where steps of length 0 pile up the bounds of the basis are relaxed by tiny random amounts, seeded, and put back at the end.
/// <para>
/// Inside everything is a minimum of scaled numbers: variable j of the program, then for each constraint i a logical variable
/// n + i = −(A·x)ᵢ with the column eᵢ, so that A·x + s = 0.
/// </para>
/// <para>Sources: Maros, Computational Techniques of the Simplex Method (2003); Harris, Mathematical Programming 5 (1973). One thread, one run.</para>
/// </summary>
internal sealed partial class PrimalSimplex
{
    private const int MostExchanges = 100, StepsBetweenQuestions = 256, MostRounds = 4;
    private const double SmallestRatioElement = 1e-9, SmallestStepPivot = 1e-7, RoundingOfCosts = 1e-14;

    private readonly LinearProgram _program;
    private readonly LinearOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly ScaledProgram _scaled;
    private readonly int _variables, _constraints, _all;
    private readonly int[] _start, _row;
    private readonly double[] _value, _cost, _lower, _upper, _x, _weight, _dualTolerance;
    private readonly BasisState[] _state;
    private readonly bool[] _refused;
    private readonly BasisFactor _factor;
    private readonly double _tolerance;

    private readonly int[] _head;
    private readonly double[] _prices, _column, _work, _basicCost;
    private readonly int[] _support;
    private readonly List<int> _dropped = [], _changed = [];
    private readonly Random _random = new(1);
    private int _supports, _steps, _idleSteps, _infeasible;
    private bool _fresh, _phaseOne, _relaxed, _mayRelax = true;

    public PrimalSimplex(LinearProgram program, LinearOptions options, CancellationToken cancellationToken)
    {
        (_program, _options, _cancellation) = (program, options, cancellationToken);
        (_variables, _constraints, _all) = (program.Variables, program.Constraints, program.Variables + program.Constraints);
        _scaled = new ScaledProgram(program);
        (_start, _row, _value, _cost) = (_scaled.Start, _scaled.Row, _scaled.Value, _scaled.Cost);
        (_lower, _upper) = ([.. _scaled.Lower], [.. _scaled.Upper]);
        _tolerance = options.PrimalTolerance * Math.Max(1, 1e-4 * _scaled.LargestBound);
        (_x, _state, _refused, _weight) = (new double[_all], new BasisState[_all], new bool[_all], new double[_all]);
        (_head, _prices, _column, _work, _basicCost, _support) =
            (new int[_constraints], new double[_constraints], new double[_constraints], new double[_constraints], new double[_constraints], new int[_constraints]);
        _factor = new BasisFactor(_constraints, _variables, _start, _row, _value);
        _dualTolerance = new double[_all];
        for (var j = 0; j < _all; j++)
        {
            _weight[j] = 1 / (1 + _scaled.SquareNorm(j));
            _dualTolerance[j] = Math.Clamp(options.DualTolerance * _scaled.CostOfUnit(j), RoundingOfCosts, options.DualTolerance);
        }
        _part = Math.Clamp(_all / 50, 2_000, 20_000);
    }

    /// <summary>Solves the program.</summary>
    public LinearSolution Run(LinearBasis? start)
    {
        Install(start);
        Refactor();
        for (var round = 1; ; round++)
        {
            var status = Iterate();
            // Relaxed bounds hold all points and more: what they cannot do, the bounds themselves cannot.
            if (!_relaxed || status is LinearStatus.Infeasible or LinearStatus.Unsolved) return Finish(status);
            Restore();
            _mayRelax = round < MostRounds;
            Refactor();
        }
    }

    private void Install(LinearBasis? start)
    {
        var basics = 0;
        for (var j = 0; j < _all; j++)
        {
            var wanted = start is not null && start.States.Length == _all ? start.States[j] : j < _variables ? BasisState.AtLower : BasisState.Basic;
            if (wanted == BasisState.Basic && basics < _constraints)
            {
                _state[j] = BasisState.Basic;
                _head[basics++] = j;
            }
            else
            {
                Rest(j, wanted == BasisState.AtUpper);
            }
        }
        for (var j = _variables; basics < _constraints; j++)
        {
            if (_state[j] == BasisState.Basic) continue;
            _state[j] = BasisState.Basic;
            _head[basics++] = j;
        }
    }

    /// <summary>Puts a variable that is not in the basis at one of its bounds.</summary>
    private void Rest(int variable, bool upper)
    {
        var (low, high) = (_lower[variable], _upper[variable]);
        if (double.IsInfinity(low) && double.IsInfinity(high)) (_state[variable], _x[variable]) = (BasisState.Free, 0);
        else if (double.IsInfinity(low) || (upper && !double.IsInfinity(high))) (_state[variable], _x[variable]) = (BasisState.AtUpper, high);
        else (_state[variable], _x[variable]) = (BasisState.AtLower, low);
    }

    private LinearStatus Iterate()
    {
        while (true)
        {
            if (_steps % StepsBetweenQuestions == 0) _cancellation.ThrowIfCancellationRequested();
            if (_steps >= _options.MaxSteps) return LinearStatus.Unsolved;
            if (_factor.Exchanges >= MostExchanges || _factor.ExchangeEntries > 3 * _constraints + 2 * _factor.FactorEntries + 1000) Refactor();
            var entering = Price(out var reduced);
            if (entering < 0)
            {
                if (!_fresh)
                {
                    Refactor();
                    continue;
                }
                if (!_phaseOne) return LinearStatus.Optimal;
                if (!TakeAsFeasible()) return LinearStatus.Infeasible;
                continue;
            }
            var unbounded = Step(entering, reduced);
            if (unbounded) return LinearStatus.Unbounded;
        }
    }

    /// <summary>One step with a variable that comes in, or the decision not to take it; true when the objective has no end.</summary>
    private bool Step(int entering, double reduced)
    {
        _steps++;
        LoadColumn(entering);
        var again = (_phaseOne ? 0 : _cost[entering]) - BasicCostOfColumn();
        var direction = reduced < 0 ? 1 : -1;
        if (Math.Abs(again - reduced) > 1e-7 * (1 + Math.Abs(reduced)) || again * direction >= -Tolerance(entering))
        {
            if (!_fresh)
            {
                Refactor();
                return false;
            }
            if (again * direction >= -Tolerance(entering))
            {
                _refused[entering] = true;
                return false;
            }
        }
        var ratio = _phaseOne ? RatioOfInfeasible(entering, direction, Math.Abs(again)) : RatioOfFeasible(entering, direction);
        if (ratio.Row == Ratio.None)
        {
            if (!_fresh) Refactor();
            else if (!_phaseOne) return true;
            else _refused[entering] = true;
            return false;
        }
        // A small pivot is taken only with numbers that are fresh.
        if (ratio.Row >= 0 && !_fresh && Math.Abs(_column[ratio.Row]) < SmallestStepPivot)
        {
            Refactor();
            return false;
        }
        CountIdle(ratio.Length);
        Move(entering, direction, ratio);
        if (ratio.Row >= 0) Exchange(entering, again, ratio);
        if (_phaseOne) FollowInfeasibilities();
        return false;
    }

    private void LoadColumn(int variable)
    {
        Array.Clear(_column);
        if (variable >= _variables) _column[variable - _variables] = 1;
        else for (var e = _start[variable]; e < _start[variable + 1]; e++) _column[_row[e]] = _value[e];
        _factor.Forward(_column);
        _supports = 0;
        for (var r = 0; r < _column.Length; r++)
        {
            if (_column[r] == 0) continue;
            if (Math.Abs(_column[r]) < 1e-14) _column[r] = 0;
            else _support[_supports++] = r;
        }
    }

    private double BasicCostOfColumn()
    {
        var sum = 0.0;
        for (var s = 0; s < _supports; s++) sum += _basicCost[_support[s]] * _column[_support[s]];
        return sum;
    }

    private void Move(int entering, int direction, in Ratio ratio)
    {
        if (ratio.Row == Ratio.Flip)
        {
            var before = _x[entering];
            Rest(entering, direction > 0);
            var moved = _x[entering] - before;
            for (var s = 0; s < _supports; s++) _x[_head[_support[s]]] -= moved * _column[_support[s]];
            _fresh = false;
            return;
        }
        var step = direction * ratio.Length;
        if (step == 0) return;
        _x[entering] += step;
        for (var s = 0; s < _supports; s++) _x[_head[_support[s]]] -= step * _column[_support[s]];
    }

    private void Exchange(int entering, double reduced, in Ratio ratio)
    {
        Array.Clear(_work);
        _work[ratio.Row] = 1;
        _factor.Backward(_work);
        var times = reduced / _column[ratio.Row];
        for (var i = 0; i < _constraints; i++)
        {
            if (_work[i] != 0) _prices[i] += times * _work[i];
        }
        var leaving = _head[ratio.Row];
        Rest(leaving, ratio.AtUpper);
        _head[ratio.Row] = entering;
        _state[entering] = BasisState.Basic;
        if (_phaseOne && _basicCost[ratio.Row] != 0) _infeasible--;
        _basicCost[ratio.Row] = _phaseOne ? 0 : _cost[entering];
        _factor.Exchange(ratio.Row, _column, _support.AsSpan(0, _supports));
        _fresh = false;
    }

    /// <summary>Of the basis the sign of each infeasibility is its cost in phase 1; where it changed the prices follow.</summary>
    private void FollowInfeasibilities()
    {
        _changed.Clear();
        for (var s = 0; s < _supports; s++)
        {
            var r = _support[s];
            if (InfeasibleCost(_head[r]) != _basicCost[r]) _changed.Add(r);
        }
        if (_changed.Count == 0) return;
        Array.Clear(_work);
        foreach (var r in _changed)
        {
            var cost = InfeasibleCost(_head[r]);
            _work[r] = cost - _basicCost[r];
            _infeasible += (cost != 0 ? 1 : 0) - (_basicCost[r] != 0 ? 1 : 0);
            _basicCost[r] = cost;
        }
        if (_infeasible == 0)
        {
            Reprice();
            return;
        }
        _factor.Backward(_work);
        for (var i = 0; i < _constraints; i++) _prices[i] += _work[i];
    }

    private double InfeasibleCost(int variable) =>
        _x[variable] < _lower[variable] - _tolerance ? -1 : _x[variable] > _upper[variable] + _tolerance ? 1 : 0;

    /// <summary>Factors the basis anew, and computes what follows from it alone: values, phase, prices.</summary>
    private void Refactor()
    {
        _factor.Factor(_head, _dropped);
        foreach (var variable in _dropped) Rest(variable, Math.Abs(_x[variable] - _upper[variable]) < Math.Abs(_x[variable] - _lower[variable]));
        foreach (var variable in _head) _state[variable] = BasisState.Basic;
        Array.Clear(_refused);
        Array.Clear(_work);
        for (var j = 0; j < _variables; j++)
        {
            if (_state[j] == BasisState.Basic || _x[j] == 0) continue;
            for (var e = _start[j]; e < _start[j + 1]; e++) _work[_row[e]] -= _value[e] * _x[j];
        }
        for (var i = 0; i < _constraints; i++)
        {
            if (_state[_variables + i] != BasisState.Basic) _work[i] -= _x[_variables + i];
        }
        _factor.Forward(_work);
        for (var r = 0; r < _constraints; r++) _x[_head[r]] = _work[r];
        Reprice();
        _fresh = true;
    }

    /// <summary>Computes phase and prices.</summary>
    private void Reprice()
    {
        _infeasible = 0;
        for (var r = 0; r < _constraints; r++) _infeasible += (_basicCost[r] = InfeasibleCost(_head[r])) != 0 ? 1 : 0;
        _phaseOne = _infeasible > 0;
        if (!_phaseOne)
        {
            for (var r = 0; r < _constraints; r++) _basicCost[r] = _cost[_head[r]];
        }
        Array.Copy(_basicCost, _prices, _constraints);
        _factor.Backward(_prices);
        _candidates.Clear();
    }

    private void CountIdle(double length)
    {
        if (length > 0) return;
        if (++_idleSteps < 100 + _constraints / 10 || !_mayRelax) return;
        _idleSteps = 0;
        _relaxed = true;
        foreach (var variable in _head)
        {
            _lower[variable] -= Little(_lower[variable]);
            _upper[variable] += Little(_upper[variable]);
        }
        double Little(double bound) => double.IsInfinity(bound) ? 0 : _tolerance * (100 + 100 * _random.NextDouble()) * Math.Max(1, Math.Min(1e4, Math.Abs(bound)));
    }

    /// <summary>What phase 1 leaves of rounding is taken as the bound's; false when it is more than rounding.</summary>
    private bool TakeAsFeasible()
    {
        for (var r = 0; r < _constraints; r++)
        {
            var variable = _head[r];
            if (Math.Max(_lower[variable] - _x[variable], _x[variable] - _upper[variable]) > 100 * _tolerance) return false;
        }
        foreach (var variable in _head)
        {
            _lower[variable] = Math.Min(_lower[variable], _x[variable]);
            _upper[variable] = Math.Max(_upper[variable], _x[variable]);
        }
        Reprice();
        return true;
    }

    private void Restore()
    {
        _relaxed = false;
        _scaled.Lower.CopyTo(_lower, 0);
        _scaled.Upper.CopyTo(_upper, 0);
        for (var j = 0; j < _all; j++)
        {
            if (_state[j] != BasisState.Basic) Rest(j, _state[j] == BasisState.AtUpper);
        }
    }

    private LinearSolution Finish(LinearStatus status)
    {
        var values = new double[_variables];
        var activities = new double[_constraints];
        var prices = new double[_constraints];
        var reduced = new double[_variables];
        // In phase 1 the objective is 0 and the prices are those of the infeasibilities.
        var (priceScale, own) = status == LinearStatus.Infeasible ? (1.0, 0.0) : (_scaled.CostScale, 1.0);
        for (var i = 0; i < _constraints; i++) prices[i] = -_prices[i] * _scaled.RowScale[i] * priceScale;
        double objective = 0, shortfall = 0;
        for (var j = 0; j < _variables; j++)
        {
            values[j] = Math.Clamp(_x[j] * _scaled.ColumnScale[j], _program.Lower[j], _program.Upper[j]);
            objective += _program.Objective[j] * values[j];
            reduced[j] = own * _program.Objective[j];
            for (var k = _program.Starts[j]; k < _program.Starts[j + 1]; k++)
            {
                activities[_program.Rows[k]] += _program.Values[k] * values[j];
                reduced[j] -= _program.Values[k] * prices[_program.Rows[k]];
            }
        }
        for (var i = 0; status == LinearStatus.Infeasible && i < _constraints; i++)
            shortfall += Math.Max(0, Math.Max(_program.ConstraintLower(i) - activities[i], activities[i] - _program.ConstraintUpper(i)));
        return new LinearSolution
        {
            Status = status,
            Objective = objective,
            Values = values,
            Activities = activities,
            Prices = prices,
            ReducedValues = reduced,
            Shortfall = shortfall,
            Steps = _steps,
            Basis = new LinearBasis([.. _state]),
        };
    }
}
