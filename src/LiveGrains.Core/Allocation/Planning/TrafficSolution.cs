namespace LiveGrains.Core;

/// <summary>A plan of traffic with its proof, or why there is none.</summary>
internal sealed class TrafficSolution
{
    /// <summary>True when all constraints can be kept; the plan is then optimal.</summary>
    public required bool Feasible { get; init; }

    /// <summary>Value of all impressions of the plan.</summary>
    public required double Value { get; init; }

    /// <summary>Impressions, for each room and in a room for each segment.</summary>
    public required double[] Impressions { get; init; }

    /// <summary>
    /// Of each constraint (<see cref="TrafficConstraint"/>) what one impression more of its bound adds to the value: ≥ 0 of an upper bound that holds, ≤ 0 of a
    /// lower one.
    /// </summary>
    public required double[] Prices { get; init; }

    /// <summary>Of an infeasible problem constraints that contradict each other, none of which could be left out; otherwise empty.</summary>
    public required IReadOnlyList<TrafficConflict> Conflict { get; init; }

    /// <summary>Of an infeasible problem the impressions by which <see cref="Conflict"/> misses its bounds at the least; otherwise 0.</summary>
    public required double Shortfall { get; init; }

    /// <summary>How it was solved: by the network simplex method where groups are nested, else by the simplex method.</summary>
    public required bool ByNetwork { get; init; }

    /// <summary>Steps of the method.</summary>
    public required int Steps { get; init; }
}
