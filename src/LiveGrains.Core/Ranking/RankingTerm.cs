namespace LiveGrains.Core;

/// <summary>The terms of a candidate's score, in the order in which the ranker takes them; `explain` shows them by these names.</summary>
internal enum RankingTerm
{
    /// <summary>Always 1.</summary>
    Bias,
    /// <summary>Cosine of the user's interest and the item, −1 to 1.</summary>
    Interest,
    /// <summary>What users with the same last items came to, against the strongest candidate, 0 to 1.</summary>
    CoVisits,
    /// <summary>Tokens shared with the last items, against the strongest candidate, 0 to 1.</summary>
    Attributes,
    /// <summary>How much the user did with this very item: ln(1 + decayed strength) ÷ 3.</summary>
    Repeat,
    /// <summary>1 ÷ (1 + hours since the user's last touch of the item).</summary>
    Recency,
    /// <summary>1: the user follows the room.</summary>
    Followed,
    /// <summary>Share of the user's interest that went to the same host, 0 to 1.</summary>
    Host,
    /// <summary>Share of the user's interest that went to the same category, 0 to 1.</summary>
    Category,
    /// <summary>ln(1 + heat) ÷ that of the hottest available item of the kind, 0 to 1.</summary>
    Heat,
    /// <summary>ln(1 + online) ÷ 12.</summary>
    Online,
    /// <summary>Views (clicks, plays) of an impression, smoothed, 0 to 1.</summary>
    EnterRate,
    /// <summary>Interactions of a view, smoothed, 0 to 1.</summary>
    InteractionRate,
    /// <summary>Payments of a view, smoothed, times ten, 0 to 1.</summary>
    PayRate,
    /// <summary>What is not known of the item: the width of the upper confidence bound of the enter rate, 0 to 1. Its weights are set, not learned.</summary>
    Exploration,
    /// <summary>Dislikes of a view, smoothed, times ten, 0 to 1.</summary>
    Negative,
    /// <summary>ln(1 + 10,000 x) ÷ ln 10,001, x being the share of the user's last items that are of the item's category times the item's share of the visits there now, and its share of all visits to its kind, 0 to 1.</summary>
    CategoryVisits,
    /// <summary>ln(1 + 100 x) ÷ ln 101, x being the item's share of the visits of the user's segment, 0 to 1. Who has little history has parts of several segments, as their group has.</summary>
    SegmentVisits,
    /// <summary>What is not known of the user: the width of the upper confidence bound of the match, 0 to 1. Its weights are set, not learned.</summary>
    UserExploration,
    /// <summary>x ÷ (1 + x), x being what the user disliked, reported (1 each) and left at once (¼) of the same host, and a quarter of that of the same category, decayed; 0 to 1.</summary>
    Aversion,
    /// <summary>2^(−days) since the user left this very item at once, if that was the last that they did with it; 0 to 1.</summary>
    QuickLeave,
    /// <summary>30 ÷ (30 + seconds watched of a view, smoothed) − ⅓: 0 for the usual minute, up to ⅔ when nobody stays; 0 for products.</summary>
    ShortWatch,
}

/// <summary>Where a candidate came from.</summary>
[Flags]
internal enum CandidateSource
{
    None = 0, Interest = 1, CoVisits = 2, Repeat = 4, Follow = 8, Heat = 16, Exploration = 32, Host = 64, Room = 128, Category = 256,
    Segment = 512,
}
