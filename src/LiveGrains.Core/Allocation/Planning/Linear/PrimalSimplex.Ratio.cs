namespace LiveGrains.Core;

internal sealed partial class PrimalSimplex
{
    private readonly List<(double Length, int Row, bool AtUpper)> _breakpoints = [];

    /// <summary>How far a step goes and which row's variable leaves at which of its bounds.</summary>
    private readonly record struct Ratio(int Row, double Length, bool AtUpper)
    {
        /// <summary>Nothing ends the step.</summary>
        public const int None = -1;

        /// <summary>The entering variable reaches its other bound first.</summary>
        public const int Flip = -2;
    }

    /// <summary>Phase 2: no bound is passed by more than the tolerance; of the rows that allow it the one with the largest element leaves.</summary>
    private Ratio RatioOfFeasible(int entering, int direction)
    {
        var longest = double.PositiveInfinity;
        for (var s = 0; s < _supports; s++)
        {
            var element = direction * _column[_support[s]];
            if (Math.Abs(element) < SmallestRatioElement) continue;
            longest = Math.Min(longest, (RoomOf(_head[_support[s]], element > 0) + _tolerance) / Math.Abs(element));
        }
        var range = _upper[entering] - _lower[entering];
        if (range <= longest) return double.IsInfinity(range) ? new(Ratio.None, 0, false) : new(Ratio.Flip, range, direction > 0);
        var (row, length, largest) = (Ratio.None, 0.0, 0.0);
        for (var s = 0; s < _supports; s++)
        {
            var element = direction * _column[_support[s]];
            if (Math.Abs(element) < SmallestRatioElement || Math.Abs(element) <= largest) continue;
            var ratio = RoomOf(_head[_support[s]], element > 0) / Math.Abs(element);
            if (ratio <= longest) (row, length, largest) = (_support[s], ratio, Math.Abs(element));
        }
        return row < 0 ? new(Ratio.None, 0, false) : new(row, Math.Max(0, length), direction * _column[row] < 0);
    }

    /// <summary>Room of a variable of the basis down to its lower bound, or up to its upper one.</summary>
    private double RoomOf(int variable, bool down) => down ? _x[variable] - _lower[variable] : _upper[variable] - _x[variable];

    /// <summary>
    /// Phase 1: the sum of infeasibilities falls at the rate <paramref name="slope"/>, and by less after each bound that is passed; the
    /// step ends where it falls no longer: where it would only stay, steps could go round in a circle.
    /// </summary>
    private Ratio RatioOfInfeasible(int entering, int direction, double slope)
    {
        _breakpoints.Clear();
        var largest = 0.0;
        for (var s = 0; s < _supports; s++)
        {
            var row = _support[s];
            var element = direction * _column[row];
            if (Math.Abs(element) < SmallestRatioElement) continue;
            largest = Math.Max(largest, Math.Abs(element));
            var variable = _head[row];
            var (x, low, high, size) = (_x[variable], _lower[variable], _upper[variable], Math.Abs(element));
            // A bound that was already passed in the step's direction is no breakpoint.
            if (element > 0)
            {
                if (x > high + _tolerance) _breakpoints.Add(((x - high) / size, row, true));
                if (x >= low - _tolerance && !double.IsInfinity(low)) _breakpoints.Add((Math.Max(0, (x - low) / size), row, false));
            }
            else
            {
                if (x < low - _tolerance) _breakpoints.Add(((low - x) / size, row, false));
                if (x <= high + _tolerance && !double.IsInfinity(high)) _breakpoints.Add((Math.Max(0, (high - x) / size), row, true));
            }
        }
        _breakpoints.Sort(static (a, b) => a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.Row.CompareTo(b.Row));
        var range = _upper[entering] - _lower[entering];
        var chosen = new Ratio(Ratio.None, 0, false);
        var chosenElement = 0.0;
        foreach (var (length, row, atUpper) in _breakpoints)
        {
            if (length > range) break;
            var element = Math.Abs(_column[row]);
            // Of the passed bounds the last with an element large enough to divide by.
            if (element >= 1e-3 * largest || element >= chosenElement) (chosen, chosenElement) = (new Ratio(row, length, atUpper), element);
            slope -= element;
            if (slope <= 1e-12) return chosen;
        }
        return double.IsInfinity(range) ? chosen : new(Ratio.Flip, range, direction > 0);
    }
}
