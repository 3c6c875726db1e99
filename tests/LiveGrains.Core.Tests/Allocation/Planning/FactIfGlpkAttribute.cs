namespace LiveGrains.Core.Tests.Allocation.Planning;

/// <summary>A test that asks `glpsol`; skipped in one line where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FactIfGlpkAttribute : FactAttribute
{
    /// <summary>Looks for it.</summary>
    public FactIfGlpkAttribute() => Skip = IndependentSolver.Missing;
}
