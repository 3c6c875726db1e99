using System.Runtime.InteropServices;

namespace LiveGrains.Core;

internal sealed unsafe partial class Recommender
{
    private readonly float[] _terms = new float[MaxCandidates * Stride];
    private readonly float[] _probabilities = new float[MaxCandidates * FtrlProximal.Objectives];
    private readonly float[] _scores = new float[MaxCandidates];
    private readonly int[] _order = new int[MaxCandidates];
    private readonly int[] _placesByScore = new int[MaxCandidates];
    private readonly RecommendedList _list = new();
    private readonly float[] _pooled = new float[Core.Diversity.MaxCandidates * FeatureVector.Dimensions];
    private readonly NumberSums _hosts = new();
    private readonly NumberSums _hostShares = new();
    private readonly NumberSums _categoryShares = new();
    private readonly NumberSums _hostAversions = new();
    private readonly NumberSums _categoryAversions = new();
    private readonly ItemNumbers[] _numbers = new ItemNumbers[MaxCandidates];
    private readonly double[] _logs = new double[LogsOfCandidate * MaxCandidates];
    private readonly float[] _logOfImpressions = new float[InterestItem.Kinds];
    private readonly float[] _inverseLogOfHeat = new float[InterestItem.Kinds];
    private readonly float[] _visitsOfKind = new float[InterestItem.Kinds];
    // By last category and kind.
    private readonly List<float> _visitsOfCategory = [];
    private const float LogOf10001 = 9.2104404f;
    private const float LogOf101 = 4.6151205f;
    private const int LogsOfCandidate = 5;

    /// <summary>What the platform wants of a shown item.</summary>
    public ObjectiveWeights Objectives { get; set; } = ObjectiveWeights.Default;

    private void DescribeCandidates(ReadOnlySpan<HistoryEntry> history, uint nowSeconds)
    {
        Shares(history, nowSeconds);
        float mostCoVisits = 0, mostAttributes = 0;
        for (var i = 0; i < InterestItem.Kinds; i++) Scale(i);
        var candidates = CollectionsMarshal.AsSpan(_candidates);
        foreach (ref readonly var candidate in candidates)
        {
            mostCoVisits = Math.Max(mostCoVisits, candidate.Interest.CoVisits);
            mostAttributes = Math.Max(mostAttributes, candidate.Interest.Attributes);
        }

        CountsOfCategories(nowSeconds);
        Logarithms(candidates, nowSeconds);
        for (var i = 0; i < candidates.Length; i++)
        {
            ref readonly var candidate = ref candidates[i];
            var terms = _terms.AsSpan(i * Stride, Terms);
            var logs = _logs.AsSpan(i * LogsOfCandidate, LogsOfCandidate);
            var info = candidate.Record;
            Set(terms, RankingTerm.Bias, 1);
            Set(terms, RankingTerm.Interest, CosineOf(candidate));
            Set(terms, RankingTerm.CoVisits, mostCoVisits > 0 ? candidate.Interest.CoVisits / mostCoVisits : 0);
            Set(terms, RankingTerm.Attributes, mostAttributes > 0 ? candidate.Interest.Attributes / mostAttributes : 0);
            Touched(terms, candidate.Touched, (float)logs[2], nowSeconds);
            Set(terms, RankingTerm.Host, info->Host != 0 ? _hostShares[info->Host] : 0);
            Set(terms, RankingTerm.Category, info->Category != 0 ? _categoryShares[info->Category] : 0);
            Set(terms, RankingTerm.CategoryVisits, (float)logs[3] / LogOf10001);
            Set(terms, RankingTerm.SegmentVisits, candidate.SegmentVisits > 0 ? (float)logs[4] / LogOf101 : 0);
            Negative(terms, candidate, nowSeconds);
            Set(terms, RankingTerm.UserExploration, MatchBound(terms[(int)RankingTerm.Interest], history.Length));
            Engagement(terms, (int)InterestItem.Kind(candidate.Item), _numbers[i], (float)logs[0], (float)logs[1]);
        }
    }

    // The logarithms of all candidates' terms in one go; a candidate's are those of heat, viewers, what the user did with it,
    // visits of its category and of the user's segments.
    private void Logarithms(ReadOnlySpan<Candidate> candidates, uint nowSeconds)
    {
        for (var i = 0; i < candidates.Length; i++)
        {
            ref readonly var candidate = ref candidates[i];
            _numbers[i] = _items.Numbers(candidate.Item);
            var logs = _logs.AsSpan(i * LogsOfCandidate, LogsOfCandidate);
            logs[0] = 1 + _numbers[i].Heat;
            logs[1] = 1 + _numbers[i].Online;
            logs[2] = candidate.Touched >= 0 ? 1 + _weights[candidate.Touched] : 1;
            logs[3] = 1 + 10_000 * ShareOfVisits(candidate.Item, candidate.Record->Category, nowSeconds);
            logs[4] = 1 + 100 * candidate.SegmentVisits;
        }

        VectorMath.Log(_logs.AsSpan(0, candidates.Length * LogsOfCandidate));
    }

    // How the next visit is spread over items if it stays in one of the last categories, smoothed with how all visits are spread:
    // interpolation with the less specific model (Jelinek and Mercer 1980).
    private float ShareOfVisits(uint item, uint category, uint nowSeconds)
    {
        var visits = _leaders.OfItem(item, nowSeconds);
        if (visits == 0) return 0;
        var kind = (int)InterestItem.Kind(item);
        var share = Math.Min(1, visits / _visitsOfKind[kind]);
        for (var i = 0; i < _lastCategories.Count; i++)
        {
            if (_lastCategories[i].Category == category) share += _lastCategories[i].Share * Math.Min(1, visits / _visitsOfCategory[i * InterestItem.Kinds + kind]);
        }

        return Math.Min(1, share);
    }

    // The visits that an item's share is of: the same for all candidates of a kind.
    private void CountsOfCategories(uint nowSeconds)
    {
        _visitsOfCategory.Clear();
        for (var kind = InterestKind.Room; kind <= InterestKind.Video; kind++) _visitsOfKind[(int)kind] = _leaders.OfKind(kind, nowSeconds);
        foreach (var (category, _) in _lastCategories)
        {
            for (var kind = InterestKind.Room; kind <= InterestKind.Video; kind++) _visitsOfCategory.Add(_leaders.OfCategory(kind, category, nowSeconds));
        }
    }

    private float CosineOf(in Candidate candidate)
    {
        if (!float.IsNaN(candidate.Cosine)) return candidate.Cosine;
        return _kinds[(int)InterestItem.Kind(candidate.Item)].TryVector(InterestItem.Row(candidate.Item), out var vector) ? FeatureVector.Dot(_user, vector) : 0;
    }

    private void Touched(Span<float> terms, int place, float logOfWeight, uint nowSeconds)
    {
        var was = place >= 0;
        Set(terms, RankingTerm.Repeat, was ? logOfWeight / 3 : 0);
        Set(terms, RankingTerm.Recency, was ? 1 / (1 + ExponentialDecay.Elapsed(_history[place].TimeSeconds, nowSeconds) / 3600f) : 0);
        Set(terms, RankingTerm.Followed, was && (_history[place].Flags & HistoryFlags.Followed) != 0 ? 1 : 0);
    }

    private void Engagement(Span<float> terms, int kind, in ItemNumbers numbers, float logOfHeat, float logOfOnline)
    {
        float shown = numbers.Impressions, views = numbers.Views;
        Set(terms, RankingTerm.Heat, Math.Min(1, logOfHeat * _inverseLogOfHeat[kind]));
        Set(terms, RankingTerm.Online, logOfOnline / 12);
        // Smoothed towards what is usual: one in ten comes, one in ten of those interacts, one in a hundred pays. The rarer it is the
        // more views it takes to know: two of what is counted, or a single payment would make the best item of all.
        Set(terms, RankingTerm.EnterRate, KindIndex.EnterRate(shown, views));
        Set(terms, RankingTerm.InteractionRate, Math.Min(1, (numbers.Interactions + 2) / (views + 20)));
        Set(terms, RankingTerm.PayRate, Math.Min(1, 10 * (numbers.Pays + 2) / (views + 200)));
        Set(terms, RankingTerm.Negative, Math.Min(1, 10 * (numbers.Dislikes + 0.2f) / (views + 200)));
        Set(terms, RankingTerm.Exploration, Math.Min(1, KindIndex.EnterBound(_logOfImpressions[kind], shown)));
        // Smoothed by ten views of a minute.
        Set(terms, RankingTerm.ShortWatch, kind == (int)InterestKind.Product ? 0 : 30 / (30 + (numbers.WatchMs / 1000f + 600) / (views + 10)) - 1 / 3f);
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
        _hostAversions.Clear();
        _categoryAversions.Clear();
        float all = 0;
        for (var i = 0; i < history.Length; i++)
        {
            if ((history[i].Flags & (HistoryFlags.Unwanted | HistoryFlags.Left)) != 0) Avert(history[i], nowSeconds);
            if ((history[i].Flags & HistoryFlags.Unwanted) != 0) continue;
            var info = _items.Item(history[i].Item);
            all += _weights[i];
            if (info->Host != 0) _hostShares.Add(info->Host, _weights[i]);
            if (info->Category != 0) _categoryShares.Add(info->Category, _weights[i]);
        }

        if (all <= 0) return;
        _hostShares.Divide(all);
        _categoryShares.Divide(all);
    }

    // What a user did not want speaks against what has the same host or category.
    private void Avert(in HistoryEntry entry, uint nowSeconds)
    {
        var worth = ((entry.Flags & HistoryFlags.Unwanted) != 0 ? 1 : 0.25f) * ExponentialDecay.Factor(ExponentialDecay.Elapsed(entry.TimeSeconds, nowSeconds), ShardState.InterestHalfLifeSeconds);
        var info = _items.Item(entry.Item);
        if (info->Host != 0) _hostAversions.Add(info->Host, worth);
        if (info->Category != 0) _categoryAversions.Add(info->Category, worth / 4);
    }

    private void Negative(Span<float> terms, in Candidate candidate, uint nowSeconds)
    {
        float aversion = 0;
        var info = candidate.Record;
        if (info->Host != 0) aversion += _hostAversions[info->Host];
        if (info->Category != 0) aversion += _categoryAversions[info->Category];
        Set(terms, RankingTerm.Aversion, aversion / (1 + aversion));
        var left = candidate.Touched >= 0 && (_history[candidate.Touched].Flags & HistoryFlags.Left) != 0;
        Set(terms, RankingTerm.QuickLeave, left ? ExponentialDecay.Factor(ExponentialDecay.Elapsed(_history[candidate.Touched].TimeSeconds, nowSeconds), 86_400) : 0);
    }

    // How far the match of a user with n items may be off: the bound of a linear bandit (LinUCB, Li et al., WWW 2010) that has seen
    // n times the direction of the user's interest, √(xᵀ(I + n u uᵀ)⁻¹x) = √(1 − cos² n ÷ (n + 1)), which fades as the user gets known.
    private static float MatchBound(float cosine, int n) => MathF.Sqrt(Math.Max(0, 1 - cosine * cosine * n / (n + 1)) / (1 + n));

    private static void Set(Span<float> terms, RankingTerm term, float value) => terms[(int)term] = value;
}
