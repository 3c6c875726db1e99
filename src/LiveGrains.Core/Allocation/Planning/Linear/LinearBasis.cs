namespace LiveGrains.Core;

/// <summary>Where each variable, then each constraint's activity, stands: enough to solve a similar program in few steps.</summary>
/// <param name="States">One for each variable and then for each constraint.</param>
internal sealed record LinearBasis(BasisState[] States);
