namespace LiveGrains;

/// <summary>The exact optimum of a <see cref="TrafficPlanRequest"/>, with its proof, or why there is none.</summary>
public sealed record TrafficPlan
{
    /// <summary>`optimal`, or `infeasible` when the bounds contradict each other.</summary>
    public required string Status { get; init; }

    /// <summary>Expected value of all planned impressions.</summary>
    public required double Value { get; init; }

    /// <summary>Impressions that there are.</summary>
    public required double Impressions { get; init; }

    /// <summary>Impressions that are planned; the others are worth nothing to any room that may have more.</summary>
    public required double Planned { get; init; }

    /// <summary>Each segment.</summary>
    public required IReadOnlyList<PlannedSegment> Segments { get; init; }

    /// <summary>Each room, in the order of the request; none when infeasible.</summary>
    public required IReadOnlyList<PlannedRoom> Rooms { get; init; }

    /// <summary>Each group: those of the request, then hosts and categories where they are bounded; none when infeasible.</summary>
    public required IReadOnlyList<PlannedGroup> Groups { get; init; }

    /// <summary>What all guarantees and floors together cost; null when there are none or the plan is infeasible.</summary>
    public PlannedGuarantees? Guarantees { get; init; }

    /// <summary>Bounds that contradict each other, none of which could be left out; empty when optimal.</summary>
    public required IReadOnlyList<PlanConflict> Conflict { get; init; }

    /// <summary>Impressions by which the bounds of <see cref="Conflict"/> are missed at the least; 0 when optimal.</summary>
    public required double Shortfall { get; init; }

    /// <summary>`networkSimplex` where groups are nested or apart, else `simplex`.</summary>
    public required string Method { get; init; }

    /// <summary>How far the plan is from a proof that nothing is better, computed from the request's numbers; null when infeasible.</summary>
    public PlanCertificate? Certificate { get; init; }
}

/// <summary>A segment in a plan.</summary>
/// <param name="Segment">Its name.</param>
/// <param name="Impressions">Impressions that it has.</param>
/// <param name="Planned">Impressions that are planned.</param>
/// <param name="Price">What one impression more would add to the value.</param>
public sealed record PlannedSegment(string Segment, double Impressions, double Planned, double Price);

/// <summary>A room in a plan.</summary>
/// <param name="Room">Its id.</param>
/// <param name="Impressions">Impressions that it gets.</param>
/// <param name="Share">Their share of all.</param>
/// <param name="Value">Their expected value.</param>
/// <param name="Price">What one impression more of the bound that holds would add to the value: above 0 of a cap, below 0 of a guarantee.</param>
/// <param name="Binds">`atMost` or `atLeast` when that bound has a price; null otherwise.</param>
/// <param name="GuaranteeCostAtMost">What its guarantee costs at most: price × impressions of the guarantee. Without it the value would be higher by no more.</param>
/// <param name="Segments">Where the impressions come from.</param>
public sealed record PlannedRoom(
    string Room, double Impressions, double Share, double Value, double Price, string? Binds, double GuaranteeCostAtMost, IReadOnlyList<PlannedCell> Segments);

/// <summary>Impressions of a segment for a room.</summary>
/// <param name="Segment">The segment.</param>
/// <param name="Impressions">How many, above 0.</param>
public sealed record PlannedCell(string Segment, double Impressions);

/// <summary>A group in a plan.</summary>
/// <param name="Name">Its name; `host:` or `category:` and the name for those bounds of each.</param>
/// <param name="Impressions">Impressions that its rooms get.</param>
/// <param name="Share">Their share of all.</param>
/// <param name="Price">What one impression more of the bound that holds would add to the value: above 0 of a cap, below 0 of a floor.</param>
/// <param name="Binds">`atMost` or `atLeast` when that bound has a price; null otherwise.</param>
/// <param name="GuaranteeCostAtMost">What its floor costs at most: price × impressions of the floor.</param>
public sealed record PlannedGroup(string Name, double Impressions, double Share, double Price, string? Binds, double GuaranteeCostAtMost);

/// <summary>What all guarantees and floors cost together: the value of the best plan without them less this one's.</summary>
/// <param name="Cost">In value.</param>
/// <param name="CostPerThousand">Of 1,000 of all impressions.</param>
/// <param name="Share">Of the value without them, 0 to 1; null when that is 0.</param>
public sealed record PlannedGuarantees(double Cost, double CostPerThousand, double? Share);

/// <summary>A bound that takes part in a contradiction.</summary>
/// <param name="Kind">`segment`, `room` or `group`.</param>
/// <param name="Name">Which.</param>
/// <param name="Bound">`atMost` or `atLeast`; of a segment `impressions`.</param>
/// <param name="Impressions">What it says.</param>
public sealed record PlanConflict(string Kind, string Name, string Bound, double Impressions);

/// <summary>The proof of an optimum, by weak duality.</summary>
/// <param name="PrimalInfeasibility">The most by which a bound is missed, of max(1, bound).</param>
/// <param name="DualInfeasibility">The largest price with a sign that its bound cannot have.</param>
/// <param name="RelativeGap">Between the plan's value and the bound that its prices give for any plan.</param>
public sealed record PlanCertificate(double PrimalInfeasibility, double DualInfeasibility, double RelativeGap);
