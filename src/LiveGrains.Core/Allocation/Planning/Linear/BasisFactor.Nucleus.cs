namespace LiveGrains.Core;

internal sealed partial class BasisFactor
{
    /// <summary>
    /// What is left of a basis without singletons. Rows hold columns and values, columns hold rows only; both are lists by length, so
    /// that the pivot with the least (row length − 1)·(column length − 1) is found near the front (four lists are looked at). A pivot is at
    /// least a tenth of its row's largest element.
    /// </summary>
    private sealed class Nucleus(int size)
    {
        private const double Threshold = 0.1, Dropped = 1e-14;
        private const int ListsLookedAt = 4;

        private readonly Lines _rows = new(size), _columns = new(size);
        private readonly double[] _rowLargest = new double[size], _pivotRow = new double[size];
        private readonly int[] _stamp = new int[size];
        private int _stamps;

        public void Clear()
        {
            _rows.Clear();
            _columns.Clear();
        }

        public void Add(int row, int column, double value)
        {
            _rows.Touch(row);
            _columns.Touch(column);
            _added.Add((row, column, value));
        }

        private readonly List<(int Row, int Column, double Value)> _added = [];

        /// <summary>Arranges what was added.</summary>
        public void Begin()
        {
            foreach (var (row, column, _) in _added)
            {
                _rows.Lengths[row]++;
                _columns.Lengths[column]++;
            }
            _rows.Arrange();
            _columns.Arrange();
            foreach (var (row, column, value) in _added)
            {
                _rows.Append(row, column, value);
                _columns.Append(column, row, 0);
            }
            _added.Clear();
            foreach (var row in _rows.Touched) _rowLargest[row] = -1;
            _rows.LinkAll();
            _columns.LinkAll();
        }

        public bool FindPivot(out int row, out int column, out double value)
        {
            (row, column, value) = (-1, -1, 0);
            var best = long.MaxValue;
            var looked = 0;
            for (var length = 1; length <= size && (long)(length - 1) * (length - 1) < best; length++)
            {
                for (var c = _columns.First[length]; c >= 0; c = _columns.Next[c])
                {
                    for (var e = 0; e < length; e++)
                    {
                        var r = _columns.Index(c, e);
                        var cost = (long)(_rows.Lengths[r] - 1) * (length - 1);
                        if (cost >= best) continue;
                        var element = _rows.Value(r, _rows.Find(r, c));
                        if (!IsAccepted(r, element)) continue;
                        (best, row, column, value) = (cost, r, c, element);
                    }
                    if (++looked >= ListsLookedAt && row >= 0) return true;
                }
                for (var r = _rows.First[length]; r >= 0; r = _rows.Next[r])
                {
                    for (var e = 0; e < length; e++)
                    {
                        var c = _rows.Index(r, e);
                        var cost = (long)(length - 1) * (_columns.Lengths[c] - 1);
                        if (cost >= best || !IsAccepted(r, _rows.Value(r, e))) continue;
                        (best, row, column, value) = (cost, r, c, _rows.Value(r, e));
                    }
                    if (++looked >= ListsLookedAt && row >= 0) return true;
                }
            }
            return row >= 0;
        }

        private bool IsAccepted(int row, double value)
        {
            if (_rowLargest[row] < 0)
            {
                var largest = 0.0;
                for (var e = 0; e < _rows.Lengths[row]; e++) largest = Math.Max(largest, Math.Abs(_rows.Value(row, e)));
                _rowLargest[row] = largest;
            }
            var size = Math.Abs(value);
            return size >= SmallestPivot && size >= Threshold * _rowLargest[row];
        }

        /// <summary>Takes the pivot's row and column out, subtracts the row from those with an element in the column; L and U go to the factor.</summary>
        public void Eliminate(int row, int column, double value, BasisFactor factor)
        {
            for (var e = 0; e < _rows.Lengths[row]; e++)
            {
                var c = _rows.Index(row, e);
                if (c == column) continue;
                factor.AddUpper(row, c, _rows.Value(row, e));
                _pivotRow[c] = _rows.Value(row, e);
                _columns.Remove(c, _columns.Find(c, row));
            }
            for (var e = 0; e < _columns.Lengths[column]; e++)
            {
                var other = _columns.Index(column, e);
                if (other == row) continue;
                var place = _rows.Find(other, column);
                var times = _rows.Value(other, place) / value;
                _rows.Remove(other, place);
                factor._lower.Add(other, times);
                Subtract(row, column, other, times);
                _rowLargest[other] = -1;
                _rows.Relink(other);
            }
            for (var e = 0; e < _rows.Lengths[row]; e++)
            {
                var c = _rows.Index(row, e);
                if (c != column) _columns.Relink(c);
            }
            _rows.Unlink(row);
            _columns.Unlink(column);
        }

        private void Subtract(int row, int column, int other, double times)
        {
            var stamp = ++_stamps;
            for (var e = 0; e < _rows.Lengths[row]; e++) _stamp[_rows.Index(row, e)] = stamp;
            _stamp[column] = 0;
            for (var e = _rows.Lengths[other] - 1; e >= 0; e--)
            {
                var c = _rows.Index(other, e);
                if (_stamp[c] != stamp) continue;
                _stamp[c] = 0;
                var left = _rows.Value(other, e) - times * _pivotRow[c];
                if (Math.Abs(left) >= Dropped)
                {
                    _rows.SetValue(other, e, left);
                    continue;
                }
                _rows.Remove(other, e);
                _columns.Remove(c, _columns.Find(c, other));
            }
            for (var e = 0; e < _rows.Lengths[row]; e++)
            {
                var c = _rows.Index(row, e);
                if (_stamp[c] != stamp) continue;
                _rows.Append(other, c, -times * _pivotRow[c]);
                _columns.Append(c, other, 0);
            }
        }
    }

    /// <summary>Rows or columns of the nucleus: lists that grow, in one arena, linked by their lengths.</summary>
    private sealed class Lines(int size)
    {
        private readonly int[] _place = new int[size], _room = new int[size], _previous = new int[size], _linkedLength = new int[size];
        private readonly bool[] _touched = new bool[size];
        private SparseEntries _arena = new(64);
        private int _used;

        public readonly List<int> Touched = [];
        public readonly int[] Lengths = new int[size], Next = new int[size], First = NewHeads(size);

        public void Clear()
        {
            foreach (var line in Touched) (_touched[line], Lengths[line]) = (false, 0);
            Touched.Clear();
            Array.Fill(First, -1);
            _used = 0;
        }

        public void Touch(int line)
        {
            if (_touched[line]) return;
            _touched[line] = true;
            Touched.Add(line);
        }

        /// <summary>Gives each line the room of its length and some, and empties it.</summary>
        public void Arrange()
        {
            foreach (var line in Touched)
            {
                _room[line] = Lengths[line] + 4;
                _place[line] = _used;
                _used += _room[line];
                Lengths[line] = 0;
            }
            _arena.Grow(_used);
        }

        public void LinkAll()
        {
            foreach (var line in Touched) Link(line);
        }

        public int Index(int line, int element) => _arena.Index[_place[line] + element];

        public double Value(int line, int element) => _arena.Value[_place[line] + element];

        public void SetValue(int line, int element, double value) => _arena.Value[_place[line] + element] = value;

        public int Find(int line, int index) => Array.IndexOf(_arena.Index, index, _place[line], Lengths[line]) - _place[line];

        public void Remove(int line, int element)
        {
            var (place, last) = (_place[line] + element, _place[line] + --Lengths[line]);
            (_arena.Index[place], _arena.Value[place]) = (_arena.Index[last], _arena.Value[last]);
        }

        public void Append(int line, int index, double value)
        {
            if (Lengths[line] == _room[line])
            {
                var room = 2 * _room[line] + 4;
                _arena.Grow(_used + room);
                Array.Copy(_arena.Index, _place[line], _arena.Index, _used, Lengths[line]);
                Array.Copy(_arena.Value, _place[line], _arena.Value, _used, Lengths[line]);
                (_place[line], _room[line]) = (_used, room);
                _used += room;
            }
            var place = _place[line] + Lengths[line]++;
            (_arena.Index[place], _arena.Value[place]) = (index, value);
        }

        public void Relink(int line)
        {
            if (_linkedLength[line] == Lengths[line]) return;
            Unlink(line);
            Link(line);
        }

        public void Unlink(int line)
        {
            if (_previous[line] >= 0) Next[_previous[line]] = Next[line];
            else First[_linkedLength[line]] = Next[line];
            if (Next[line] >= 0) _previous[Next[line]] = _previous[line];
        }

        private void Link(int line)
        {
            var length = Lengths[line];
            _linkedLength[line] = length;
            (Next[line], _previous[line]) = (First[length], -1);
            if (Next[line] >= 0) _previous[Next[line]] = line;
            First[length] = line;
        }

        private static int[] NewHeads(int size)
        {
            var heads = new int[size + 1];
            Array.Fill(heads, -1);
            return heads;
        }
    }
}
