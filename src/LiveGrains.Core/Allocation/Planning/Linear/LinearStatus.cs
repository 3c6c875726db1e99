namespace LiveGrains.Core;

/// <summary>What is known of a linear program.</summary>
internal enum LinearStatus
{
    /// <summary>The solution is optimal.</summary>
    Optimal,

    /// <summary>No point keeps all constraints; the prices prove it (<see cref="LinearSolution.Prices"/>).</summary>
    Infeasible,

    /// <summary>There are points with any objective.</summary>
    Unbounded,

    /// <summary>The limit of steps was reached first, or the numbers are too badly scaled to go on.</summary>
    Unsolved,
}
