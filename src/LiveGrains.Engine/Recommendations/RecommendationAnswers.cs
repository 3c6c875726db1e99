using LiveGrains.Core;

namespace LiveGrains.Engine.Recommendations;

/// <summary>Lists and models as answers show them.</summary>
internal static class RecommendationAnswers
{
    private static readonly string[] _termNames = [.. Enum.GetNames<RankingTerm>().Select(Camel)];
    private static readonly string[] _objectiveNames = [.. Enum.GetNames<Objective>().Select(Camel)];

    /// <summary>Throws <see cref="ErrorCode.InvalidParameter"/> for what is out of range.</summary>
    public static void Check(RecommendationQuery query)
    {
        if (query.Limit is < 1 or > Recommender.MaxItems) throw new LiveGrainsException(ErrorCode.InvalidParameter, $"limit must be from 1 to {Recommender.MaxItems}.");
        if (!(query.Diversity is >= 0 and <= 1)) throw new LiveGrainsException(ErrorCode.InvalidParameter, "diversity must be from 0 to 1.");
    }

    /// <summary>A list.</summary>
    public static RecommendationList List(string user, RecommendationQuery query, RankedList ranked, long clockMs) => new()
    {
        User = user,
        Kind = query.Room == null ? query.Kind : ItemKind.Product,
        Items = [.. ranked.List.Items.Select((item, place) => new Recommendation
        {
            Kind = Kind(item.Item),
            Id = ranked.Texts[place].Id,
            Title = ranked.Texts[place].Title,
            Host = ranked.Texts[place].Host,
            Category = ranked.Texts[place].Category,
            Score = Shown(item.Score),
            Probability = Shown(item.Probability),
            Explain = query.Explain ? Reasons(item, place + 1, ranked.Texts[place].Host != null, query, ranked.Weights!, ranked.Objectives) : null,
        })],
        Candidates = ranked.List.Candidates,
        Diversity = ranked.List.Diversity,
        AsOf = AnswerValues.Time(clockMs),
    };

    /// <summary>The model. On the recommender's thread.</summary>
    public static RankingModel Model(Recommender recommender, ItemDirectory items, RecommendationRunner runner, uint nowSeconds)
    {
        var weights = Weights(recommender.Ranker);
        var objectives = Objectives(recommender.Objectives).Select((o, i) =>
        {
            var check = recommender.Ranker.Check((Objective)i);
            var any = check.Observations > 0;
            return new ObjectiveModel(o.Name, o.Weight, check.Observations, any ? check.LogLoss : null, any ? check.Error : null, any ? check.PredictedRate : null, any ? check.ObservedRate : null);
        });
        return new RankingModel(
            [.. _termNames.Select((name, i) => new TermWeights(name, Shown(weights[0][i]), Shown(weights[1][i]), Shown(weights[2][i])))], [.. objectives],
            items.Owned, recommender.Learner.Examples, recommender.Learner.Open, runner.Visits, runner.Dropped, recommender.MemoryBytes + items.MemoryBytes,
            [.. Enumerable.Range(1, recommender.Segments.Count).Select(segment => new SegmentShare(segment, Shown(recommender.Segments.Share(segment, nowSeconds))))], recommender.Groups.Count);
    }

    /// <summary>What the models know, for a status whose counters are the runner's. On the recommender's thread.</summary>
    public static RecommenderStatus Status(Recommender recommender, ItemDirectory items) => new()
    {
        Questions = new QuestionDurations([], [], 0),
        QueueBytes = 0,
        Dropped = 0,
        Visits = 0,
        Items = items.Owned,
        Impressions = recommender.Learner.Examples,
        Waiting = recommender.Learner.Open,
        Segments = recommender.Segments.Count,
        Groups = recommender.Groups.Count,
        Bytes = recommender.MemoryBytes + items.MemoryBytes,
        Objectives = [.. _objectiveNames.Select((name, i) =>
            new ObjectiveStatus(name, recommender.Learner.Positives((Objective)i), Known(recommender.Ranker.Check((Objective)i).LogLoss), Known(recommender.Ranker.Check((Objective)i).Error)))],
    };

    /// <summary>A user's segment; null: nothing is known of the user, or nobody is.</summary>
    public static UserSegment? Segment(SegmentOfUser segment) => segment.Number == 0
        ? null
        : new UserSegment(segment.Number, Shown(segment.Share), segment.IsFromInterest ? SegmentBasis.Interest : SegmentBasis.Features, segment.IsFromInterest ? Shown(segment.Cosine) : null);

    /// <summary>What people read of the items of a list. On the recommender's thread.</summary>
    public static ItemTexts[] Texts(RecommendedList list, ItemDirectory items) =>
        [.. list.Items.Select(i => new ItemTexts(items.Id(i.Item), items.Text(i.Item, Members.Title), items.Text(i.Item, Members.Host), items.Text(i.Item, Members.Category)))];

    /// <summary>Copies of the weights by objective and term. On the recommender's thread.</summary>
    public static float[][] Weights(FtrlProximal ranker) =>
        [ranker.Weights(Objective.Watch).ToArray(), ranker.Weights(Objective.Interact).ToArray(), ranker.Weights(Objective.Pay).ToArray()];

    private static RecommendationReasons Reasons(RecommendedItem item, int place, bool hasHost, RecommendationQuery query, float[][] weights, ObjectiveWeights objectives)
    {
        var sources = Enum.GetValues<CandidateSource>().Where(s => s != CandidateSource.None && (item.Sources & s) != 0).Select(s => Camel(s.ToString()));
        var terms = item.Terms.Select((value, i) => new TermReason(_termNames[i], Shown(value), Shown(weights[0][i]), Shown(weights[1][i]), Shown(weights[2][i])));
        var rules = new List<string> { "available", "not disliked or reported" };
        if (!query.Bought && item.Item >> 30 == (uint)InterestKind.Product) rules.Add("not bought");
        if (!query.Seen) rules.Add("not seen in the last half hour");
        if (!query.SameHost && hasHost) rules.Add("best of its host");
        if (item.Traffic.IsExplored) rules.Add("by chance, to learn");
        if (item.PlaceByScore != place) rules.Add($"diversity and hosts: place {item.PlaceByScore} by score, {place} in the list");
        return new RecommendationReasons([.. sources], Shown((1 + item.Terms[(int)RankingTerm.Interest]) / 2), [.. Objectives(objectives).Select((o, i) => new ObjectiveReason(o.Name, Shown(item.Objectives[i]), o.Weight))], [.. terms], rules) { Traffic = Slot(item.Traffic) };
    }

    private static SlotExplanation? Slot(in SlotReason reason) => reason.Version == 0
        ? null
        : new SlotExplanation(reason.Version, Shown(reason.Value), Shown(reason.Bound), Shown(reason.Price), Shown(reason.Boost), Shown(reason.Guarantee), Shown(reason.Propensity));

    private static (string Name, double Weight)[] Objectives(ObjectiveWeights weights) =>
        [(_objectiveNames[0], weights.Watch), (_objectiveNames[1], weights.Interact), (_objectiveNames[2], weights.Pay)];

    private static ItemKind Kind(uint item) => InterestItem.Kind(item) switch { InterestKind.Room => ItemKind.Room, InterestKind.Product => ItemKind.Product, _ => ItemKind.Video };

    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    // A float's digits and no more, so that 0.3 is not 0.30000001192092896.
    private static double Shown(float value) => Math.Round((double)value, 6);

    private static string Camel(string name) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name);
}

/// <summary>A list, the texts of its items, and the weights that made it, when reasons are wanted.</summary>
internal sealed record RankedList(RecommendedList List, IReadOnlyList<ItemTexts> Texts, float[][]? Weights, ObjectiveWeights Objectives);

/// <summary>What people read of an item.</summary>
internal readonly record struct ItemTexts(string Id, string? Title, string? Host, string? Category);
