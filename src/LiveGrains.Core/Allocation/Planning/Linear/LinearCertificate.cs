namespace LiveGrains.Core;

/// <summary>
/// How far a solution is from a proof of its optimality, from the program's own numbers and nothing of the solver: a point that
/// keeps all constraints has a value; prices of the right signs bound every point's value from above (weak duality); where the two meet, both are
/// optimal.
/// </summary>
/// <param name="PrimalInfeasibility">The most by which a bound is missed, of max(1, |bound|).</param>
/// <param name="DualInfeasibility">The largest reduced value or price whose sign asks for a bound that is not there.</param>
/// <param name="RelativeGap">(bound of the prices − value of the point) ÷ max(1, |value|); about 0 at the optimum.</param>
internal readonly record struct LinearCertificate(double PrimalInfeasibility, double DualInfeasibility, double RelativeGap)
{
    /// <summary>Checks values and prices against a program.</summary>
    public static LinearCertificate Of(LinearProgram program, ReadOnlySpan<double> values, ReadOnlySpan<double> prices)
    {
        var activities = new double[program.Constraints];
        double value = 0, bound = 0, missed = 0, wrong = 0;
        for (var j = 0; j < program.Variables; j++)
        {
            var reduced = program.Objective[j];
            for (var k = program.Starts[j]; k < program.Starts[j + 1]; k++)
            {
                activities[program.Rows[k]] += program.Values[k] * values[j];
                reduced -= program.Values[k] * prices[program.Rows[k]];
            }
            value += program.Objective[j] * values[j];
            missed = Math.Max(missed, Missed(values[j], program.Lower[j], program.Upper[j]));
            Add(reduced, program.Lower[j], program.Upper[j], ref bound, ref wrong);
        }
        for (var i = 0; i < program.Constraints; i++)
        {
            missed = Math.Max(missed, Missed(activities[i], program.ConstraintLower(i), program.ConstraintUpper(i)));
            Add(prices[i], program.ConstraintLower(i), program.ConstraintUpper(i), ref bound, ref wrong);
        }
        return new(missed, wrong, (bound - value) / Math.Max(1, Math.Abs(value)));
    }

    /// <summary>By how much, of max(1, |bound|), a number is outside its bounds; at most 0 inside.</summary>
    public static double Missed(double number, double lower, double upper) =>
        Math.Max(double.IsInfinity(lower) ? 0 : (lower - number) / Math.Max(1, Math.Abs(lower)), double.IsInfinity(upper) ? 0 : (number - upper) / Math.Max(1, Math.Abs(upper)));

    private static void Add(double price, double lower, double upper, ref double bound, ref double wrong)
    {
        var at = price > 0 ? upper : lower;
        if (price == 0) return;
        if (double.IsInfinity(at)) wrong = Math.Max(wrong, Math.Abs(price));
        else bound += price * at;
    }
}
