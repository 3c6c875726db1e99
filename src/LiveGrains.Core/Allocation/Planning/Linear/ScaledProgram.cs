namespace LiveGrains.Core;

/// <summary>
/// A linear program as a minimum with rows and columns multiplied by powers of two, so that their elements are near 1 in the geometric
/// mean; a matrix whose elements are within a factor of 16 stays as it is. Powers of two change no digit.
/// </summary>
internal sealed class ScaledProgram
{
    /// <summary>Starts of the columns, rows of the elements, scaled elements.</summary>
    public readonly int[] Start, Row;

    /// <summary>Scaled elements.</summary>
    public readonly double[] Value;

    /// <summary>Scaled costs, to be minimised, of all variables; those of the logical ones are 0.</summary>
    public readonly double[] Cost;

    /// <summary>Scaled bounds of all variables; of the logical one of a constraint they are those of minus its activity.</summary>
    public readonly double[] Lower, Upper;

    /// <summary>What a row was multiplied by, and a column: a value of the program is the scaled one times the column's.</summary>
    public readonly double[] RowScale, ColumnScale;

    /// <summary>What a scaled cost is multiplied by.</summary>
    public readonly double CostScale;

    /// <summary>The largest finite scaled bound.</summary>
    public readonly double LargestBound;

    private readonly double _largestObjective;

    public ScaledProgram(LinearProgram program)
    {
        var (n, m) = (program.Variables, program.Constraints);
        (Start, Row, Value) = (program.Starts.ToArray(), program.Rows.ToArray(), program.Values.ToArray());
        (RowScale, ColumnScale) = (new double[m], new double[n]);
        (Cost, Lower, Upper) = (new double[n + m], new double[n + m], new double[n + m]);
        Array.Fill(RowScale, 1);
        Array.Fill(ColumnScale, 1);
        Balance(m, n);
        var largest = 0.0;
        for (var j = 0; j < n; j++)
        {
            _largestObjective = Math.Max(_largestObjective, Math.Abs(program.Objective[j]));
            Cost[j] = -program.Objective[j] * ColumnScale[j];
            largest = Math.Max(largest, Math.Abs(Cost[j]));
            (Lower[j], Upper[j]) = (program.Lower[j] / ColumnScale[j], program.Upper[j] / ColumnScale[j]);
            for (var e = Start[j]; e < Start[j + 1]; e++) Value[e] *= RowScale[Row[e]] * ColumnScale[j];
        }
        CostScale = largest == 0 ? 1 : PowerOfTwo(largest);
        for (var j = 0; j < n; j++) Cost[j] /= CostScale;
        for (var i = 0; i < m; i++)
            (Lower[n + i], Upper[n + i]) = (-program.ConstraintUpper(i) * RowScale[i], -program.ConstraintLower(i) * RowScale[i]);
        foreach (var bound in Lower.Concat(Upper))
        {
            if (!double.IsInfinity(bound)) LargestBound = Math.Max(LargestBound, Math.Abs(bound));
        }
    }

    /// <summary>The scaled cost of a variable whose unscaled one is the largest there is: what is small is measured by it.</summary>
    public double CostOfUnit(int variable) =>
        _largestObjective / CostScale * (variable < ColumnScale.Length ? ColumnScale[variable] : 1 / RowScale[variable - ColumnScale.Length]);

    /// <summary>Sum of the squares of a variable's elements.</summary>
    public double SquareNorm(int variable)
    {
        if (variable >= ColumnScale.Length) return 1;
        var sum = 0.0;
        for (var e = Start[variable]; e < Start[variable + 1]; e++) sum += Value[e] * Value[e];
        return sum;
    }

    private void Balance(int rows, int columns)
    {
        const double Alike = 16;
        const int Passes = 4;
        double least = double.PositiveInfinity, most = 0;
        foreach (var value in Value) (least, most) = (Math.Min(least, Math.Abs(value)), Math.Max(most, Math.Abs(value)));
        if (most <= Alike * least) return;
        for (var pass = 0; pass < Passes; pass++)
        {
            var rowLeast = new double[rows];
            var rowMost = new double[rows];
            Array.Fill(rowLeast, double.PositiveInfinity);
            for (var j = 0; j < columns; j++)
            {
                for (var e = Start[j]; e < Start[j + 1]; e++)
                {
                    var size = Math.Abs(Value[e]) * ColumnScale[j];
                    (rowLeast[Row[e]], rowMost[Row[e]]) = (Math.Min(rowLeast[Row[e]], size), Math.Max(rowMost[Row[e]], size));
                }
            }
            for (var i = 0; i < rows; i++) RowScale[i] = rowMost[i] == 0 ? 1 : 1 / PowerOfTwo(Math.Sqrt(rowLeast[i] * rowMost[i]));
            for (var j = 0; j < columns; j++)
            {
                var (low, high) = (double.PositiveInfinity, 0.0);
                for (var e = Start[j]; e < Start[j + 1]; e++)
                {
                    var size = Math.Abs(Value[e]) * RowScale[Row[e]];
                    (low, high) = (Math.Min(low, size), Math.Max(high, size));
                }
                ColumnScale[j] = high == 0 ? 1 : 1 / PowerOfTwo(Math.Sqrt(low * high));
            }
        }
    }

    private static double PowerOfTwo(double size) => Math.ScaleB(1, Math.ILogB(size));
}
