namespace LiveGrains.Core;

/// <summary>A bound that takes part in a contradiction.</summary>
/// <param name="Constraint">The constraint.</param>
/// <param name="Lower">True for its lower bound.</param>
internal readonly record struct TrafficConflict(TrafficConstraint Constraint, bool Lower);
