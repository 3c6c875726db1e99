namespace LiveGrains.Core;

/// <summary>What a shown candidate may lead to; each is predicted by weights of its own.</summary>
internal enum Objective
{
    /// <summary>The viewer stays.</summary>
    Watch,
    /// <summary>The viewer likes, comments, shares, follows or gives.</summary>
    Interact,
    /// <summary>The viewer pays.</summary>
    Pay,
}
