namespace LiveGrains.Core;

/// <summary>
/// Where the ranker's weights begin, as log-odds, so that lists are sensible before anything is learned. Set by hand so that the
/// next clicked products of a shop and the next rooms of a simulated platform both come early (docs/recommendations.md has how, and what
/// it measures). What they say: people return first of all to what they just had, then come to what is like it, and to what others
/// come to in the same categories, where ten times the share of the visits is e^1 times the odds.
/// </summary>
internal static class RankingPriors
{
    /// <summary>Weights of <see cref="RankingTerm"/> for watch, interact and pay, one after the other.</summary>
    public static ReadOnlySpan<float> Weights =>
    [
        // Bias Interest CoVisits Attributes Repeat Recency Followed Host Category Heat Online EnterRate InteractionRate PayRate Exploration Negative CategoryVisits SegmentVisits UserExploration Aversion QuickLeave ShortWatch
        -5.5f, 1.6f, 1.6f, 0.6f, 1.8f, 2.0f, 1.2f, 0.8f, 1.2f, 2.0f, 0.4f, 3.0f, 0.3f, 0.2f, 1.2f, -2.0f, 4.0f, 2.0f, 0.5f, -1.5f, -2.5f, -1.0f,
        -6.5f, 1.2f, 1.0f, 0.4f, 1.8f, 1.5f, 1.6f, 1.0f, 1.0f, 0.8f, 0.3f, 1.0f, 2.5f, 0.2f, 0.3f, -2.0f, 2.5f, 1.0f, 0.2f, -1.5f, -2.0f, -0.5f,
        -8.5f, 1.2f, 1.2f, 0.4f, 1.2f, 1.5f, 0.8f, 0.8f, 1.0f, 0.5f, 0.1f, 0.5f, 0.3f, 3.0f, 0.2f, -2.0f, 2.5f, 1.0f, 0.1f, -1.5f, -2.0f, -0.3f,
    ];
}
