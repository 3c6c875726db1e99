namespace LiveGrains.Core;

internal sealed partial class BasisFactor
{
    private readonly int[] _columnCount, _rowCount, _rowListStart;
    private int[] _rowList = new int[64];
    private readonly Stack<int> _singletons = new();
    private readonly Nucleus _nucleus;

    /// <summary>
    /// Factors the basis of the variables <paramref name="head"/>, and brings them into the order of their pivots' rows. A variable
    /// whose column depends on the others goes to <paramref name="dropped"/>; the logical one of a free row takes its place.
    /// </summary>
    public void Factor(int[] head, List<int> dropped)
    {
        Clear();
        Array.Copy(head, _columns, _size);
        for (var p = 0; p < _size; p++)
        {
            if (_columns[p] >= _variables) Pivot(_columns[p] - _variables, p, 1);
        }
        _logicals = _pivots;
        CountElements();
        PivotColumnSingletons();
        PivotRowSingletons();
        if (_pivots < _size) EliminateNucleus();
        dropped.Clear();
        for (var p = 0; p < _size; p++)
        {
            if (_positionRow[p] >= 0) head[_positionRow[p]] = _columns[p];
            else dropped.Add(_columns[p]);
        }
        for (var r = 0; _pivots < _size; r++)
        {
            if (_rowDone[r]) continue;
            head[r] = _variables + r;
            _rowDone[r] = true;
            _diagonal[r] = 1;
            _order[_pivots++] = r;
        }
        ArrangeUpper();
    }

    private void Clear()
    {
        (_pivots, _lower.Count, _upper.Count, _eta.Count) = (0, 0, 0, 0);
        _lowerPivot.Clear();
        _lowerStart.Clear();
        _upperRow.Clear();
        _etaPivot.Clear();
        _etaStart.Clear();
        _etaValue.Clear();
        Array.Fill(_positionRow, -1);
        Array.Clear(_rowDone);
    }

    private void Pivot(int row, int position, double value)
    {
        _positionRow[position] = row;
        _rowDone[row] = true;
        _diagonal[row] = value;
        _order[_pivots++] = row;
    }

    private void AddUpper(int row, int position, double value)
    {
        _upperRow.Add(row);
        _upper.Add(position, value);
    }

    /// <summary>Counts the elements of the columns that wait in rows that wait, and lists the rows' columns.</summary>
    private void CountElements()
    {
        Array.Clear(_rowCount);
        Array.Clear(_rowListStart);
        for (var p = 0; p < _size; p++)
        {
            if (_positionRow[p] >= 0) continue;
            var count = 0;
            for (var e = _start[_columns[p]]; e < _start[_columns[p] + 1]; e++)
            {
                if (_rowDone[_row[e]]) continue;
                count++;
                _rowCount[_row[e]]++;
            }
            _columnCount[p] = count;
        }
        var total = 0;
        for (var r = 0; r < _size; r++)
        {
            total += _rowCount[r];
            _rowListStart[r] = total; // its end; filling moves it to its start
        }
        _rowListStart[_size] = total;
        if (_rowList.Length < total) _rowList = new int[Math.Max(total, 2 * _rowList.Length)];
        for (var p = 0; p < _size; p++)
        {
            if (_positionRow[p] >= 0) continue;
            for (var e = _start[_columns[p]]; e < _start[_columns[p] + 1]; e++)
            {
                if (!_rowDone[_row[e]]) _rowList[--_rowListStart[_row[e]]] = p;
            }
        }
    }

    private void PivotColumnSingletons()
    {
        for (var p = 0; p < _size; p++)
        {
            if (_positionRow[p] < 0 && _columnCount[p] == 1) _singletons.Push(p);
        }
        while (_singletons.TryPop(out var p))
        {
            var (row, value) = (-1, 0.0);
            for (var e = _start[_columns[p]]; e < _start[_columns[p] + 1]; e++)
            {
                if (!_rowDone[_row[e]]) (row, value) = (_row[e], _value[e]);
            }
            if (row < 0 || Math.Abs(value) < SmallestPivot) continue; // another column took the row, or it is none
            AddUpperOf(p);
            Pivot(row, p, value);
            for (var l = _rowListStart[row]; l < _rowListStart[row + 1]; l++)
            {
                var other = _rowList[l];
                if (_positionRow[other] < 0 && --_columnCount[other] == 1) _singletons.Push(other);
            }
        }
    }

    private void PivotRowSingletons()
    {
        for (var r = 0; r < _size; r++)
        {
            if (_rowDone[r]) continue;
            var count = 0;
            for (var l = _rowListStart[r]; l < _rowListStart[r + 1]; l++) count += _positionRow[_rowList[l]] < 0 ? 1 : 0;
            _rowCount[r] = count;
            if (count == 1) _singletons.Push(r);
        }
        while (_singletons.TryPop(out var row))
        {
            if (_rowDone[row] || _rowCount[row] != 1) continue;
            var p = -1;
            for (var l = _rowListStart[row]; l < _rowListStart[row + 1] && p < 0; l++)
            {
                if (_positionRow[_rowList[l]] < 0) p = _rowList[l];
            }
            var pivot = 0.0;
            for (var e = _start[_columns[p]]; e < _start[_columns[p] + 1]; e++)
            {
                if (_row[e] == row) pivot = _value[e];
            }
            if (Math.Abs(pivot) < SmallestPivot) continue;
            AddUpperOf(p);
            Pivot(row, p, pivot);
            BeginLower(row);
            for (var e = _start[_columns[p]]; e < _start[_columns[p] + 1]; e++)
            {
                var other = _row[e];
                if (_rowDone[other]) continue;
                _lower.Add(other, _value[e] / pivot);
                if (--_rowCount[other] == 1) _singletons.Push(other);
            }
        }
    }

    /// <summary>The elements of a column in rows whose pivots are taken belong to U as they stand.</summary>
    private void AddUpperOf(int position)
    {
        for (var e = _start[_columns[position]]; e < _start[_columns[position] + 1]; e++)
        {
            if (_rowDone[_row[e]]) AddUpper(_row[e], position, _value[e]);
        }
    }

    private void BeginLower(int row)
    {
        _lowerPivot.Add(row);
        _lowerStart.Add(_lower.Count);
    }

    private void EliminateNucleus()
    {
        _nucleus.Clear();
        for (var p = 0; p < _size; p++)
        {
            if (_positionRow[p] >= 0) continue;
            AddUpperOf(p);
            for (var e = _start[_columns[p]]; e < _start[_columns[p] + 1]; e++)
            {
                if (!_rowDone[_row[e]]) _nucleus.Add(_row[e], p, _value[e]);
            }
        }
        _nucleus.Begin();
        while (_nucleus.FindPivot(out var row, out var position, out var value))
        {
            Pivot(row, position, value);
            BeginLower(row);
            _nucleus.Eliminate(row, position, value, this);
        }
    }

    /// <summary>Sorts U by the rows of its columns' pivots and by its rows.</summary>
    private void ArrangeUpper()
    {
        Array.Clear(_upperColumnStart);
        Array.Clear(_upperRowStart);
        for (var e = 0; e < _upper.Count; e++)
        {
            var column = _positionRow[_upper.Index[e]];
            if (column < 0) continue;
            _upperColumnStart[column]++;
            _upperRowStart[_upperRow[e]]++;
        }
        int byColumn = 0, byRow = 0;
        for (var r = 0; r < _size; r++)
        {
            _upperColumnStart[r] = byColumn += _upperColumnStart[r];
            _upperRowStart[r] = byRow += _upperRowStart[r];
        }
        (_upperColumnStart[_size], _upperRowStart[_size]) = (byColumn, byRow);
        _upperByColumn.Grow(byColumn);
        _upperByRow.Grow(byRow);
        for (var e = 0; e < _upper.Count; e++)
        {
            var column = _positionRow[_upper.Index[e]];
            if (column < 0) continue;
            var (row, value) = (_upperRow[e], _upper.Value[e]);
            var place = --_upperColumnStart[column];
            (_upperByColumn.Index[place], _upperByColumn.Value[place]) = (row, value);
            place = --_upperRowStart[row];
            (_upperByRow.Index[place], _upperByRow.Value[place]) = (column, value);
        }
    }
}
