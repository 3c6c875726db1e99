namespace LiveGrains.Core;

/// <summary>
/// A linear program: the most of c·x with l ≤ x ≤ u and L ≤ A·x ≤ U. Bounds may be infinite; l = u fixes a variable, L = U makes an
/// equation. Built by columns: first the constraints, then each variable with its coefficients. One thread; solving only reads.
/// </summary>
internal sealed class LinearProgram
{
    private readonly List<double> _constraintLower = [], _constraintUpper = [];
    private int[] _lastColumn = [];
    private double[] _objective = new double[16], _lower = new double[16], _upper = new double[16];
    private int[] _start = new int[17];
    private int[] _row = new int[64];
    private double[] _value = new double[64];

    /// <summary>Number of variables.</summary>
    public int Variables { get; private set; }

    /// <summary>Number of constraints.</summary>
    public int Constraints => _constraintLower.Count;

    /// <summary>Number of coefficients that are not 0.</summary>
    public int Coefficients => _start[Variables];

    /// <summary>Adds L ≤ A·x ≤ U and returns its number, counted from 0.</summary>
    /// <exception cref="ArgumentException">A bound is not a number, L is above U, or the interval has no finite number.</exception>
    public int AddConstraint(double lower, double upper)
    {
        CheckBounds(lower, upper);
        _constraintLower.Add(lower);
        _constraintUpper.Add(upper);
        return Constraints - 1;
    }

    /// <summary>Adds l ≤ x ≤ u with its part of the objective and its coefficients in constraints that are there already; returns its number.</summary>
    /// <exception cref="ArgumentException">A number is not finite, a bound makes no sense, or a constraint is named twice.</exception>
    public int AddVariable(double objective, double lower, double upper, ReadOnlySpan<int> constraints, ReadOnlySpan<double> coefficients)
    {
        CheckBounds(lower, upper);
        if (!double.IsFinite(objective)) throw new ArgumentException("The objective of a variable must be finite.", nameof(objective));
        if (constraints.Length != coefficients.Length) throw new ArgumentException("Each constraint needs one coefficient.", nameof(coefficients));
        if (_lastColumn.Length < Constraints) Array.Resize(ref _lastColumn, Math.Max(Constraints, 2 * _lastColumn.Length));
        var start = _start[Variables];
        Reserve(start + constraints.Length);
        var end = start;
        for (var i = 0; i < constraints.Length; i++)
        {
            var (row, value) = (constraints[i], coefficients[i]);
            if ((uint)row >= (uint)Constraints) throw new ArgumentException($"There is no constraint {row}.", nameof(constraints));
            if (!double.IsFinite(value)) throw new ArgumentException("A coefficient must be finite.", nameof(coefficients));
            if (_lastColumn[row] == Variables + 1) throw new ArgumentException($"Constraint {row} is named twice.", nameof(constraints));
            _lastColumn[row] = Variables + 1;
            if (value == 0) continue;
            (_row[end], _value[end]) = (row, value);
            end++;
        }
        (_objective[Variables], _lower[Variables], _upper[Variables]) = (objective, lower, upper);
        _start[++Variables] = end;
        return Variables - 1;
    }

    /// <summary>Changes the bounds of a constraint.</summary>
    public void SetConstraint(int constraint, double lower, double upper)
    {
        CheckBounds(lower, upper);
        _constraintLower[constraint] = lower;
        _constraintUpper[constraint] = upper;
    }

    /// <summary>Objective of each variable.</summary>
    public ReadOnlySpan<double> Objective => _objective.AsSpan(0, Variables);

    /// <summary>Lower bound of each variable.</summary>
    public ReadOnlySpan<double> Lower => _lower.AsSpan(0, Variables);

    /// <summary>Upper bound of each variable.</summary>
    public ReadOnlySpan<double> Upper => _upper.AsSpan(0, Variables);

    /// <summary>Lower bound of a constraint.</summary>
    public double ConstraintLower(int constraint) => _constraintLower[constraint];

    /// <summary>Upper bound of a constraint.</summary>
    public double ConstraintUpper(int constraint) => _constraintUpper[constraint];

    /// <summary>Where the coefficients of each variable start, and after the last one where they end.</summary>
    public ReadOnlySpan<int> Starts => _start.AsSpan(0, Variables + 1);

    /// <summary>The constraint of each coefficient.</summary>
    public ReadOnlySpan<int> Rows => _row.AsSpan(0, Coefficients);

    /// <summary>The coefficients.</summary>
    public ReadOnlySpan<double> Values => _value.AsSpan(0, Coefficients);

    /// <summary>Solves it by the primal simplex method. See <see cref="LinearSolution"/>.</summary>
    /// <param name="options">Tolerances and limits; null: the defaults.</param>
    /// <param name="start">A basis of this program, or of one with the same shape, to start from; null: the logical one.</param>
    /// <param name="cancellationToken">Asked every few hundred steps.</param>
    public LinearSolution Solve(LinearOptions? options = null, LinearBasis? start = null, CancellationToken cancellationToken = default) =>
        new PrimalSimplex(this, options ?? new LinearOptions(), cancellationToken).Run(start);

    private void Reserve(int coefficients)
    {
        if (Variables == _objective.Length)
        {
            Array.Resize(ref _objective, 2 * Variables);
            Array.Resize(ref _lower, 2 * Variables);
            Array.Resize(ref _upper, 2 * Variables);
            Array.Resize(ref _start, 2 * Variables + 1);
        }
        if (coefficients <= _row.Length) return;
        var length = Math.Max(coefficients, 2 * _row.Length);
        Array.Resize(ref _row, length);
        Array.Resize(ref _value, length);
    }

    private static void CheckBounds(double lower, double upper)
    {
        if (!(lower <= upper)) throw new ArgumentException($"The lower bound {lower} must be at most the upper bound {upper}.");
        if (double.IsPositiveInfinity(lower) || double.IsNegativeInfinity(upper)) throw new ArgumentException("No finite number lies between the bounds.");
    }
}
