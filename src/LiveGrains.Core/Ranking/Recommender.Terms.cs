namespace LiveGrains.Core;

internal sealed unsafe partial class Recommender
{
    private readonly float[] _terms = new float[MaxCandidates * Stride];
    private readonly float[] _probabilities = new float[MaxCandidates * FtrlProximal.Objectives];
    private readonly float[] _scores = new float[MaxCandidates];
    private readonly int[] _places = new int[MaxCandidates];
    private readonly float[] _pooled = new float[Core.Diversity.MaxCandidates * FeatureVector.Dimensions];
    private readonly HashSet<uint> _hosts = [];
    private readonly Dictionary<uint, float> _hostShares = [];
    private readonly Dictionary<uint, float> _categoryShares = [];
    private readonly float[] _logOfImpressions = new float[InterestItem.Kinds];
    private readonly float[] _inverseLogOfHeat = new float[InterestItem.Kinds];
    private const float LogOf10001 = 9.2104404f;
    private double _lastDiversity;

    /// <summary>What the platform wants of a shown item.</summary>
    public ObjectiveWeights Objectives { get; set; } = ObjectiveWeights.Default;

    private void DescribeCandidates(ReadOnlySpan<HistoryEntry> history, uint nowSeconds)
    {
        Shares(history, nowSeconds);
        float mostCoVisits = 0, mostAttributes = 0;
        for (var i = 0; i < InterestItem.Kinds; i++) Scale(i);
        foreach (var candidate in _candidates)
        {
            mostCoVisits = Math.Max(mostCoVisits, candidate.Interest.CoVisits);
            mostAttributes = Math.Max(mostAttributes, candidate.Interest.Attributes);
        }

        for (var i = 0; i < _candidates.Count; i++)
        {
            var candidate = _candidates[i];
            var terms = _terms.AsSpan(i * Stride, Terms);
            var info = _items.Item(candidate.Item);
            Set(terms, RankingTerm.Bias, 1);
            Set(terms, RankingTerm.Interest, _kinds[(int)InterestItem.Kind(candidate.Item)].TryVector(InterestItem.Row(candidate.Item), out var vector) ? FeatureVector.Dot(_user, vector) : 0);
            Set(terms, RankingTerm.CoVisits, mostCoVisits > 0 ? candidate.Interest.CoVisits / mostCoVisits : 0);
            Set(terms, RankingTerm.Attributes, mostAttributes > 0 ? candidate.Interest.Attributes / mostAttributes : 0);
            Touched(terms, candidate.Touched, nowSeconds);
            Set(terms, RankingTerm.Host, info->Host != 0 ? _hostShares.GetValueOrDefault(info->Host) : 0);
            Set(terms, RankingTerm.Category, info->Category != 0 ? _categoryShares.GetValueOrDefault(info->Category) : 0);
            Set(terms, RankingTerm.CategoryVisits, (float)PortableMath.Log(1 + 10_000 * ShareOfVisits(candidate.Item, info->Category, nowSeconds)) / LogOf10001);
            Engagement(terms, candidate.Item);
        }
    }

    // How the next visit is spread over items if it stays in one of the last categories, smoothed with how all visits are spread:
    // interpolation with the less specific model (Jelinek and Mercer 1980).
    private float ShareOfVisits(uint item, uint category, uint nowSeconds)
    {
        var share = _leaders.ShareOfKind(item, nowSeconds);
        foreach (var (last, part) in _lastCategories)
        {
            if (last == category) share += part * _leaders.ShareOfCategory(InterestItem.Kind(item), category, item, nowSeconds);
        }

        return Math.Min(1, share);
    }

    private static void Touched(Span<float> terms, in HistoryEntry entry, uint nowSeconds)
    {
        var was = entry.Item != 0;
        var age = ExponentialDecay.Elapsed(entry.TimeSeconds, nowSeconds);
        Set(terms, RankingTerm.Repeat, was ? (float)PortableMath.Log(1 + entry.WeightAt(nowSeconds)) / 3 : 0);
        Set(terms, RankingTerm.Recency, was ? 1 / (1 + age / 3600f) : 0);
        Set(terms, RankingTerm.Followed, (entry.Flags & HistoryFlags.Followed) != 0 ? 1 : 0);
    }

    private void Engagement(Span<float> terms, uint item)
    {
        var numbers = _items.Numbers(item);
        float shown = numbers.Impressions, views = numbers.Views;
        Set(terms, RankingTerm.Heat, Math.Min(1, (float)PortableMath.Log(1 + numbers.Heat) * _inverseLogOfHeat[(int)InterestItem.Kind(item)]));
        Set(terms, RankingTerm.Online, (float)PortableMath.Log(1 + numbers.Online) / 12);
        // Smoothed towards what is usual: one in ten comes, one in ten of those interacts, one in a hundred pays. The rarer it is the
        // more views it takes to know: two of what is counted, or a single payment would make the best item of all.
        // Without impressions the rate is not known, however many came.
        Set(terms, RankingTerm.EnterRate, shown == 0 ? 0.1f : Math.Min(1, (views + 2) / (Math.Max(shown, views) + 20)));
        Set(terms, RankingTerm.InteractionRate, Math.Min(1, (numbers.Interactions + 2) / (views + 20)));
        Set(terms, RankingTerm.PayRate, Math.Min(1, 10 * (numbers.Pays + 2) / (views + 200)));
        Set(terms, RankingTerm.Negative, Math.Min(1, 10 * (numbers.Dislikes + 0.2f) / (views + 200)));
        // UCB1 (Auer et al. 2002): √(2 ln N ÷ n), at most 1.
        Set(terms, RankingTerm.Exploration, Math.Min(1, MathF.Sqrt(2 * _logOfImpressions[(int)InterestItem.Kind(item)] / (shown + 10))));
    }

    private void Scale(int kind)
    {
        _logOfImpressions[kind] = (float)PortableMath.Log(1 + _kinds[kind].Impressions);
        // Hot is hot for this platform and this kind: a thousand clicks are much for a product and little for a room.
        _inverseLogOfHeat[kind] = _kinds[kind].Hot is [var hottest, ..] ? 1 / (float)PortableMath.Log(2 + _items.Numbers(hottest).Heat) : 0;
    }

    // How a user's interest is spread over hosts and categories.
    private void Shares(ReadOnlySpan<HistoryEntry> history, uint nowSeconds)
    {
        _hostShares.Clear();
        _categoryShares.Clear();
        float all = 0;
        foreach (ref readonly var entry in history)
        {
            if ((entry.Flags & HistoryFlags.Unwanted) != 0) continue;
            var weight = entry.WeightAt(nowSeconds);
            var info = _items.Item(entry.Item);
            all += weight;
            if (info->Host != 0) _hostShares[info->Host] = _hostShares.GetValueOrDefault(info->Host) + weight;
            if (info->Category != 0) _categoryShares[info->Category] = _categoryShares.GetValueOrDefault(info->Category) + weight;
        }

        if (all <= 0) return;
        foreach (var key in _hostShares.Keys) _hostShares[key] /= all;
        foreach (var key in _categoryShares.Keys) _categoryShares[key] /= all;
    }

    private static void Set(Span<float> terms, RankingTerm term, float value) => terms[(int)term] = value;
}
