namespace LiveGrains.Core;

/// <summary>Names a constraint of a <see cref="TrafficProblem"/>: supplies of the segments come first, then rooms, then groups.</summary>
/// <param name="Kind">What is bounded.</param>
/// <param name="Number">Which of its kind.</param>
internal readonly record struct TrafficConstraint(TrafficConstraintKind Kind, int Number)
{
    /// <summary>The constraint at a place of <see cref="TrafficSolution.Prices"/>.</summary>
    public static TrafficConstraint At(TrafficProblem problem, int place) =>
        place < problem.Segments ? new(TrafficConstraintKind.Supply, place)
        : place < problem.Segments + problem.Rooms ? new(TrafficConstraintKind.Room, place - problem.Segments)
        : new(TrafficConstraintKind.Group, place - problem.Segments - problem.Rooms);
}

/// <summary>What a constraint bounds.</summary>
internal enum TrafficConstraintKind
{
    /// <summary>The impressions of a segment.</summary>
    Supply,

    /// <summary>The impressions of a room.</summary>
    Room,

    /// <summary>The impressions of a group.</summary>
    Group,
}
