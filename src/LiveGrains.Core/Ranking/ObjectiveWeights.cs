namespace LiveGrains.Core;

/// <summary>What the platform wants of a shown item: weights of the probabilities of <see cref="Objective"/>, 0 or more.</summary>
/// <param name="Watch">Default 1.</param>
/// <param name="Interact">Default 1.</param>
/// <param name="Pay">Default 5: payments are rare.</param>
internal readonly record struct ObjectiveWeights(float Watch, float Interact, float Pay)
{
    /// <summary>The defaults.</summary>
    public static ObjectiveWeights Default => new(1, 1, 5);
}
