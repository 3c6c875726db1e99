namespace LiveGrains.Core;

/// <summary>The outcome of solving a linear program.</summary>
internal sealed class LinearSolution
{
    /// <summary>What is known. Only of <see cref="LinearStatus.Optimal"/> the numbers are the optimum.</summary>
    public required LinearStatus Status { get; init; }

    /// <summary>c·x.</summary>
    public required double Objective { get; init; }

    /// <summary>x, one for each variable.</summary>
    public required double[] Values { get; init; }

    /// <summary>A·x, one for each constraint.</summary>
    public required double[] Activities { get; init; }

    /// <summary>
    /// Of each constraint what one unit more of its bound adds to the objective: ≥ 0 where the upper bound holds, ≤ 0 where the
    /// lower one does. Of an infeasible program multipliers that prove it (Farkas): with y these prices, the least of y·A·x over the
    /// bounds of x is above the most of y·r over the bounds L ≤ r ≤ U.
    /// </summary>
    public required double[] Prices { get; init; }

    /// <summary>Of each variable what one unit more of its bound adds to the objective.</summary>
    public required double[] ReducedValues { get; init; }

    /// <summary>By how much the point of an infeasible program misses its constraints in sum: the least there is where rows and columns needed no scaling; otherwise 0.</summary>
    public required double Shortfall { get; init; }

    /// <summary>Steps of the simplex method.</summary>
    public required int Steps { get; init; }

    /// <summary>Where everything stands.</summary>
    public required LinearBasis Basis { get; init; }
}
