namespace LiveGrains.Core;

/// <summary>Where a variable or a constraint's activity stands.</summary>
internal enum BasisState : byte
{
    /// <summary>At its lower bound.</summary>
    AtLower,

    /// <summary>At its upper bound.</summary>
    AtUpper,

    /// <summary>Without bounds, at 0.</summary>
    Free,

    /// <summary>Where the others put it: in the basis.</summary>
    Basic,
}
