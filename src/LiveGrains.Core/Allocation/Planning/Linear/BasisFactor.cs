namespace LiveGrains.Core;

/// <summary>
/// The basis B of the simplex method as L·U with the exchanges since as a product of elementary matrices. Columns and rows with a
/// single element are pivots as they stand; what is left, the nucleus, is eliminated by Markowitz's rule with a threshold.
/// <para>
/// Invariant: position r of the basis is the variable whose pivot is in row r, so that one index serves rows and positions.
/// The column of a logical variable n + i is the unit vector i; their pivots come first and cost nothing in <see cref="Forward"/>.
/// </para>
/// <para>Sources: Markowitz, Management Science 3 (1957); Suhl and Suhl, ORSA Journal on Computing 2 (1990). One thread.</para>
/// </summary>
internal sealed partial class BasisFactor
{
    /// <summary>A pivot smaller than this is none.</summary>
    private const double SmallestPivot = 1e-10;

    private readonly int _size, _variables;
    private readonly int[] _start, _row;
    private readonly double[] _value;

    private readonly int[] _order, _positionRow, _columns;
    private readonly double[] _diagonal;
    private readonly bool[] _rowDone;
    private int _pivots, _logicals;

    private readonly List<int> _lowerPivot = [], _lowerStart = [];
    private SparseEntries _lower = new(64);
    private readonly List<int> _upperRow = [];
    private SparseEntries _upper = new(64); // (position of the column, value), in the row of _upperRow
    private readonly int[] _upperColumnStart, _upperRowStart;
    private SparseEntries _upperByColumn = new(64), _upperByRow = new(64);

    private readonly List<int> _etaPivot = [], _etaStart = [];
    private readonly List<double> _etaValue = [];
    private SparseEntries _eta = new(256);

    /// <summary>Prepares for a matrix by columns: those below <paramref name="variables"/> are its, the others logical.</summary>
    public BasisFactor(int size, int variables, int[] start, int[] row, double[] value)
    {
        (_size, _variables, _start, _row, _value) = (size, variables, start, row, value);
        (_order, _positionRow, _columns, _diagonal, _rowDone) = (new int[size], new int[size], new int[size], new double[size], new bool[size]);
        (_upperColumnStart, _upperRowStart) = (new int[size + 1], new int[size + 1]);
        (_columnCount, _rowCount, _rowListStart) = (new int[size], new int[size], new int[size + 1]);
        _nucleus = new Nucleus(size);
    }

    /// <summary>Exchanges since the basis was factored.</summary>
    public int Exchanges => _etaPivot.Count;

    /// <summary>Numbers in the product of exchanges.</summary>
    public int ExchangeEntries => _eta.Count;

    /// <summary>Numbers in L and U.</summary>
    public int FactorEntries => _lower.Count + _upper.Count;

    /// <summary>x ← B⁻¹·x.</summary>
    public void Forward(double[] x)
    {
        for (var l = 0; l < _lowerPivot.Count; l++)
        {
            var pivot = x[_lowerPivot[l]];
            if (pivot == 0) continue;
            var end = l + 1 < _lowerStart.Count ? _lowerStart[l + 1] : _lower.Count;
            for (var e = _lowerStart[l]; e < end; e++) x[_lower.Index[e]] -= _lower.Value[e] * pivot;
        }
        for (var k = _size - 1; k >= _logicals; k--)
        {
            var r = _order[k];
            if (x[r] == 0) continue;
            var value = x[r] /= _diagonal[r];
            for (var e = _upperColumnStart[r]; e < _upperColumnStart[r + 1]; e++) x[_upperByColumn.Index[e]] -= _upperByColumn.Value[e] * value;
        }
        for (var t = 0; t < _etaPivot.Count; t++)
        {
            var r = _etaPivot[t];
            if (x[r] == 0) continue;
            var value = x[r] /= _etaValue[t];
            var end = EtaEnd(t);
            for (var e = _etaStart[t]; e < end; e++) x[_eta.Index[e]] -= _eta.Value[e] * value;
        }
    }

    /// <summary>x ← B⁻ᵀ·x.</summary>
    public void Backward(double[] x)
    {
        for (var t = _etaPivot.Count - 1; t >= 0; t--)
        {
            var r = _etaPivot[t];
            var sum = x[r];
            var end = EtaEnd(t);
            for (var e = _etaStart[t]; e < end; e++) sum -= _eta.Value[e] * x[_eta.Index[e]];
            x[r] = sum / _etaValue[t];
        }
        for (var k = 0; k < _size; k++)
        {
            var r = _order[k];
            if (x[r] == 0) continue;
            var value = x[r] /= _diagonal[r];
            for (var e = _upperRowStart[r]; e < _upperRowStart[r + 1]; e++) x[_upperByRow.Index[e]] -= _upperByRow.Value[e] * value;
        }
        for (var l = _lowerPivot.Count - 1; l >= 0; l--)
        {
            var end = l + 1 < _lowerStart.Count ? _lowerStart[l + 1] : _lower.Count;
            var sum = x[_lowerPivot[l]];
            for (var e = _lowerStart[l]; e < end; e++) sum -= _lower.Value[e] * x[_lower.Index[e]];
            x[_lowerPivot[l]] = sum;
        }
    }

    /// <summary>The variable of row <paramref name="pivot"/> goes and one comes whose column, times B⁻¹, is <paramref name="column"/> at the rows <paramref name="rows"/>.</summary>
    public void Exchange(int pivot, double[] column, ReadOnlySpan<int> rows)
    {
        _etaPivot.Add(pivot);
        _etaValue.Add(column[pivot]);
        _etaStart.Add(_eta.Count);
        foreach (var r in rows)
        {
            if (r != pivot && column[r] != 0) _eta.Add(r, column[r]);
        }
    }

    private int EtaEnd(int exchange) => exchange + 1 < _etaStart.Count ? _etaStart[exchange + 1] : _eta.Count;
}
