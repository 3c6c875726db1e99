namespace LiveGrains.Model;

/// <summary>The verdict on one event.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Rule">Of a refused event: the broken rule as a code (`invalid_count`); else null.</param>
/// <param name="Member">Of a refused event: the member at fault where there is one; else null.</param>
public readonly record struct ModelVerdict(ModelOutcome Outcome, string? Rule = null, string? Member = null)
{
    /// <summary>The event was counted.</summary>
    public bool IsAccepted => Outcome == ModelOutcome.Accepted;

    /// <summary>A refusal.</summary>
    public static ModelVerdict Rejected(string rule, string? member = null) => new(ModelOutcome.Rejected, rule, member);
}
