namespace LiveGrains;

/// <summary>What a plan of traffic is made from: the impressions there will be, the rooms with their expected values, and what must hold.</summary>
public sealed record TrafficPlanRequest
{
    /// <summary>Segments of viewers, or any cells of time and audience; at most 200.</summary>
    public required IReadOnlyList<PlanSegment> Segments { get; init; }

    /// <summary>Rooms; at most 50,000, and at most 1,000,000 times segments.</summary>
    public required IReadOnlyList<PlanRoom> Rooms { get; init; }

    /// <summary>Bounds of rooms together; null: none.</summary>
    public IReadOnlyList<PlanGroup>? Groups { get; init; }

    /// <summary>Bounds of every room.</summary>
    public PlanShares? EachRoom { get; init; }

    /// <summary>Bounds of all rooms of every host.</summary>
    public PlanShares? EachHost { get; init; }

    /// <summary>Bounds of all rooms of every category.</summary>
    public PlanShares? EachCategory { get; init; }
}

/// <summary>A segment of viewers.</summary>
/// <param name="Segment">Its name.</param>
/// <param name="Impressions">Impressions that it has to give, 0 to 10^12.</param>
public sealed record PlanSegment(string Segment, double Impressions);

/// <summary>A room that could be shown.</summary>
public sealed record PlanRoom
{
    /// <summary>The room's id.</summary>
    public required string Room { get; init; }

    /// <summary>Whose it is.</summary>
    public string? Host { get; init; }

    /// <summary>Where it belongs.</summary>
    public string? Category { get; init; }

    /// <summary>Expected value of an impression, one for each segment in their order, or one for all.</summary>
    public required IReadOnlyList<double> Values { get; init; }

    /// <summary>Impressions that it must get.</summary>
    public double AtLeast { get; init; }

    /// <summary>Impressions that it may get.</summary>
    public double? AtMost { get; init; }

    /// <summary>Impressions that it may get of any one segment.</summary>
    public double? AtMostPerSegment { get; init; }

    /// <summary>Segments that never see it; null: none.</summary>
    public IReadOnlyList<string>? Exclude { get; init; }
}

/// <summary>Rooms that are bounded together: those of a host, of a category, or a list.</summary>
public sealed record PlanGroup
{
    /// <summary>A name for answers.</summary>
    public required string Name { get; init; }

    /// <summary>All rooms of this host.</summary>
    public string? Host { get; init; }

    /// <summary>All rooms of this category.</summary>
    public string? Category { get; init; }

    /// <summary>These rooms.</summary>
    public IReadOnlyList<string>? Rooms { get; init; }

    /// <summary>Impressions that they must get.</summary>
    public double AtLeast { get; init; }

    /// <summary>Impressions that they may get.</summary>
    public double? AtMost { get; init; }

    /// <summary>The share of all impressions, 0 to 1, that they must get.</summary>
    public double AtLeastShare { get; init; }

    /// <summary>The share of all impressions, 0 to 1, that they may get.</summary>
    public double? AtMostShare { get; init; }
}

/// <summary>Shares of all impressions, 0 to 1.</summary>
public sealed record PlanShares
{
    /// <summary>The least share.</summary>
    public double AtLeast { get; init; }

    /// <summary>The most.</summary>
    public double? AtMost { get; init; }
}
