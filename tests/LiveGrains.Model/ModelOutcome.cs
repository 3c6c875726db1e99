namespace LiveGrains.Model;

/// <summary>What became of an event.</summary>
public enum ModelOutcome
{
    /// <summary>Counted.</summary>
    Accepted,
    /// <summary>Seen before; nothing but the counter of duplicates changed.</summary>
    Duplicate,
    /// <summary>Against the contract; nothing changed.</summary>
    Rejected,
}
