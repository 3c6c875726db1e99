namespace LiveGrains.Core;

/// <summary>
/// Where the ranker's weights begin, as log-odds, so that lists are sensible before anything is learned: rates of live platforms
/// (about one impression in ten is entered, one viewer in ten interacts, one in a hundred pays), and what is known to matter most
/// there: to have watched before, and then to be what others of the same taste come to now. Items of the user's categories are
/// several times as likely as others, so that a share of 1 is worth a factor of about four in the odds.
/// </summary>
internal static class RankingPriors
{
    /// <summary>Weights of <see cref="RankingTerm"/> for watch, interact and pay, one after the other.</summary>
    public static ReadOnlySpan<float> Weights =>
    [
        // Bias Interest CoVisits Attributes Repeat Recency Followed Host Category Heat Online EnterRate InteractionRate PayRate Exploration Negative CategoryVisits SegmentVisits UserExploration Aversion QuickLeave ShortWatch
        -3.2f, 1.6f, 1.6f, 0.6f, 1.4f, 0.8f, 1.2f, 0.8f, 1.5f, 2.0f, 0.4f, 3.0f, 0.3f, 0.2f, 1.2f, -2.0f, 3.0f, 2.0f, 0.5f, -1.5f, -2.5f, -1.0f,
        -4.2f, 1.2f, 1.0f, 0.4f, 1.6f, 0.5f, 1.6f, 1.0f, 1.0f, 0.8f, 0.3f, 1.0f, 2.5f, 0.2f, 0.3f, -2.0f, 1.5f, 1.0f, 0.2f, -1.5f, -2.0f, -0.5f,
        -6.2f, 1.2f, 1.2f, 0.4f, 1.0f, 0.3f, 0.8f, 0.8f, 1.0f, 0.5f, 0.1f, 0.5f, 0.3f, 3.0f, 0.2f, -2.0f, 1.5f, 1.0f, 0.1f, -1.5f, -2.0f, -0.3f,
    ];
}
