namespace LiveGrains.Core;

/// <summary>How <see cref="Diversity"/> weighs a candidate against those already picked.</summary>
internal enum DiversityMethod
{
    /// <summary>Maximal marginal relevance: by the most similar one alone (Carbonell and Goldstein, SIGIR 1998).</summary>
    MarginalRelevance,

    /// <summary>Determinantal point process: by the volume that all of them span (Chen, Zhang and Zhou, NeurIPS 2018).</summary>
    Determinant,
}
