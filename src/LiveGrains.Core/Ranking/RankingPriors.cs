namespace LiveGrains.Core;

/// <summary>
/// Where the ranker's weights begin, as log-odds, so that lists are sensible before anything is learned. They were set by
/// hand between a conditional logit (which of the candidates is the next one) of an event file of a shop and what keeps
/// probabilities about right for the impressions of a simulated platform; docs/recommendations.md has how, and what it measures. What they say: people return first
/// of all to what they just had (e^3 times the odds), and then come to what others come to in the same categories, where ten times the
/// share of the visits is e^1 times the odds. What both terms of taste and the share of visits say is counted once.
/// </summary>
internal static class RankingPriors
{
    /// <summary>Weights of <see cref="RankingTerm"/> for watch, interact and pay, one after the other.</summary>
    public static ReadOnlySpan<float> Weights =>
    [
        // Bias Interest CoVisits Attributes Repeat Recency Followed Host Category Heat Online EnterRate InteractionRate PayRate Exploration Negative CategoryVisits
        -5.5f, 0.3f, 0.6f, 0.2f, 2.0f, 3.0f, 1.2f, 0.8f, 0.3f, 0.4f, 0.4f, 1.5f, 0.3f, 0.2f, 0.6f, -2.0f, 4.0f,
        -7.0f, 0.2f, 0.4f, 0.2f, 2.0f, 2.0f, 1.6f, 1.0f, 0.3f, 0.4f, 0.3f, 0.5f, 1.0f, 0.2f, 0.3f, -2.0f, 3.0f,
        -10.0f, 0.2f, 0.4f, 0.2f, 1.5f, 2.0f, 0.8f, 0.8f, 0.3f, 0.4f, 0.1f, 0.3f, 0.3f, 1.0f, 0.2f, -2.0f, 3.0f,
    ];
}
