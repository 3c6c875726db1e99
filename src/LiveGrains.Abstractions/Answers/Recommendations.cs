using System.Text.Json.Serialization;

namespace LiveGrains;

/// <summary>A kind of items.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ItemKind>))]
public enum ItemKind
{
    [JsonStringEnumMemberName("room")] Room,
    [JsonStringEnumMemberName("product")] Product,
    [JsonStringEnumMemberName("video")] Video,
    /// <summary>All of them, mixed.</summary>
    [JsonStringEnumMemberName("all")] All,
}

/// <summary>What is asked: `GET /v1/users/{user}/recommendations`.</summary>
public sealed record RecommendationQuery
{
    /// <summary>Default rooms.</summary>
    public ItemKind Kind { get; init; } = ItemKind.Room;
    /// <summary>1 to 50, default 20.</summary>
    public int Limit { get; init; } = 20;
    /// <summary>Only products of this room; null: any.</summary>
    public string? Room { get; init; }
    /// <summary>Also products that the user paid for. Default no.</summary>
    public bool Bought { get; init; }
    /// <summary>Also what the user touched in the last half hour. Default yes: most of live viewing is coming back.</summary>
    public bool Seen { get; init; } = true;
    /// <summary>Several rooms of one host. Default no.</summary>
    public bool SameHost { get; init; }
    /// <summary>0: as the score says, to 1: as different as can be. Default 0.3.</summary>
    public double Diversity { get; init; } = 0.3;
    /// <summary>With the source, every term, weight and rule of each item.</summary>
    public bool Explain { get; init; }
}

/// <summary>A list of recommended items, best first.</summary>
public sealed record RecommendationList
{
    public required string User { get; init; }
    public required ItemKind Kind { get; init; }
    public required IReadOnlyList<Recommendation> Items { get; init; }
    /// <summary>Candidates that were ranked.</summary>
    public required int Candidates { get; init; }
    /// <summary>Mean of 1 − cosine over the pairs of the list.</summary>
    public required double Diversity { get; init; }
    public required DateTimeOffset AsOf { get; init; }
}

/// <summary>One recommended item.</summary>
public sealed record Recommendation
{
    public required ItemKind Kind { get; init; }
    public required string Id { get; init; }
    public required string? Title { get; init; }
    public required string? Host { get; init; }
    public required string? Category { get; init; }
    /// <summary>Weighted sum of the objectives' probabilities.</summary>
    public required double Score { get; init; }
    /// <summary>Match × score ÷ Σ match × score of all candidates.</summary>
    public required double Probability { get; init; }
    /// <summary>Why; null unless asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RecommendationReasons? Explain { get; init; }
}

/// <summary>How a recommendation came about.</summary>
/// <param name="Sources">What proposed the item: `interest`, `coVisits`, `repeat`, `follow`, `host`, `category`, `segment`, `heat`, `exploration`, `room`.</param>
/// <param name="Match">Cosine of interest and item, brought to 0 to 1.</param>
/// <param name="Objectives">Probabilities of `watch`, `interact` and `pay`, and what each counts.</param>
/// <param name="Terms">Every term with its value and, for each objective, its weight; their products add up to the log-odds.</param>
/// <param name="Rules">Rules that changed the item's place or that it passed.</param>
public sealed record RecommendationReasons(IReadOnlyList<string> Sources, double Match, IReadOnlyList<ObjectiveReason> Objectives, IReadOnlyList<TermReason> Terms, IReadOnlyList<string> Rules)
{
    /// <summary>The slot under the policy of traffic; null: there is no policy.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SlotExplanation? Traffic { get; init; }
}

/// <summary>Why a slot went to an item, in the units of the policy's objective: value + bound − price + boost + guarantee is the score.</summary>
/// <param name="Policy">Version of the policy.</param>
/// <param name="Value">Expected value of the impression.</param>
/// <param name="Bound">What is added because little is known of it.</param>
/// <param name="Price">Price of caps less that of floors.</param>
/// <param name="Boost">Price of its boosts.</param>
/// <param name="Guarantee">Price of its guarantees.</param>
/// <param name="Propensity">How probable it was that this item gets this slot.</param>
public sealed record SlotExplanation(long Policy, double Value, double Bound, double Price, double Boost, double Guarantee, double Propensity);

/// <summary>One objective of the ranking.</summary>
public sealed record ObjectiveReason(string Name, double Probability, double Weight);

/// <summary>One term of the ranking.</summary>
public sealed record TermReason(string Name, double Value, double Watch, double Interact, double Pay);

/// <summary>What a term counts for each objective, in log-odds.</summary>
public sealed record TermWeights(string Name, double Watch, double Interact, double Pay);

/// <summary>Items that go with one: `GET /v1/{rooms|products|videos}/{id}/similar`.</summary>
public sealed record SimilarItems(ItemKind Kind, string Id, IReadOnlyList<SimilarItem> Items);

/// <summary>One of them; scores are comparable within one answer.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Title">Its title.</param>
/// <param name="Score">Together.</param>
/// <param name="CoVisits">The part that users who came to both say.</param>
/// <param name="Attributes">The part that category, tags, title and host say.</param>
public sealed record SimilarItem(string Id, string? Title, double Score, double CoVisits, double Attributes);

/// <summary>The ranker: `GET /v1/model`.</summary>
/// <param name="Terms">Weights by term.</param>
/// <param name="Objectives">What each objective counts and how well it is predicted.</param>
/// <param name="Items">Items that can be recommended when they are available.</param>
/// <param name="Impressions">Impressions of recommended items learned from.</param>
/// <param name="Waiting">Recommended items whose window of ten minutes is not over.</param>
/// <param name="Visits">Visits that co-visits were learned from.</param>
/// <param name="Dropped">Parts of the feed that were left out because learning was behind.</param>
/// <param name="Bytes">Memory of the models.</param>
/// <param name="Segments">Segments of users and what share of the visits is theirs, decayed by half in a day.</param>
/// <param name="Groups">Groups of users with the same static features.</param>
public sealed record RankingModel(
    IReadOnlyList<TermWeights> Terms, IReadOnlyList<ObjectiveModel> Objectives, long Items, long Impressions, long Waiting, long Visits, long Dropped, long Bytes,
    IReadOnlyList<SegmentShare> Segments, long Groups);

/// <summary>A segment's share of the visits.</summary>
public sealed record SegmentShare(int Segment, double Share);

/// <summary>One objective of the model.</summary>
/// <param name="Name">`watch`, `interact` or `pay`.</param>
/// <param name="Weight">What its probability counts in the score.</param>
/// <param name="Examples">Examples learned from.</param>
/// <param name="LogLoss">Progressive: each prediction was made before its example was learned from. Null before the first.</param>
/// <param name="CalibrationError">Expected calibration error over ten buckets.</param>
/// <param name="PredictedRate">Mean prediction.</param>
/// <param name="ObservedRate">Mean outcome.</param>
public sealed record ObjectiveModel(string Name, double Weight, long Examples, double? LogLoss, double? CalibrationError, double? PredictedRate, double? ObservedRate);
