using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// What is worth watching now, for a user: candidates from several sources, a linear model over their terms, then rules and
/// diversity. Items are those of an <see cref="IItemSource"/>; histories come with each question, so that an answer
/// knows everything the user did before it was asked. It learns from what a shard's feed tells. One thread.
/// </summary>
/// <remarks>Files: this one has learning and the way of a question; <c>Candidates</c> finds them, <c>Terms</c> describes them.</remarks>
internal sealed unsafe partial class Recommender : IDisposable
{
    /// <summary>Most candidates of a question.</summary>
    public const int MaxCandidates = 300;

    /// <summary>Most items of an answer.</summary>
    public const int MaxItems = Core.Diversity.MaxPicks;

    /// <summary>What a touch within so many seconds is to "seen in this session".</summary>
    public const int SeenSeconds = 1800;

    internal const int Terms = 17;

    // Floats from one candidate's terms to the next, as the ranker takes them.
    private const int Stride = 32;

    private readonly IItemSource _items;
    private readonly NativeArena _arena = new();
    private readonly BlobArena _blobs;
    private readonly ItemFeatures _features;
    private readonly InterestModel _interest;
    private readonly FtrlProximal _ranker;
    private readonly Diversity _diversity;
    private readonly ImpressionLearner _learner;
    private readonly HashIndex _tokens;
    private readonly Dictionary<uint, List<uint>> _roomsOfHost = [];
    private readonly ulong[] _keys = new ulong[MaxCandidates];
    private uint _tokenCount;

    /// <summary>Makes a recommender that knows no items yet.</summary>
    public Recommender(IItemSource items)
    {
        _items = items;
        _blobs = new BlobArena(_arena);
        _features = new ItemFeatures(_arena, _blobs);
        _interest = new InterestModel(_arena, InterestOptions.Sequences with { WeightHalfLifeSeconds = ShardState.InterestHalfLifeSeconds });
        _ranker = new FtrlProximal(Terms, new FtrlOptions { PriorStrength = 100 }, RankingPriors.Weights);
        _diversity = new Diversity(_arena);
        _learner = new ImpressionLearner(_ranker);
        _tokens = new HashIndex(_arena);
        for (var i = 0; i < InterestItem.Kinds; i++) _kinds[i] = new KindIndex();
    }

    /// <summary>The weights and how well they predict.</summary>
    public FtrlProximal Ranker => _ranker;

    /// <summary>Impressions of recommended items and what followed.</summary>
    public ImpressionLearner Learner => _learner;

    /// <summary>What follows what.</summary>
    public InterestModel Interest => _interest;

    /// <summary>Bytes of native memory.</summary>
    public long MemoryBytes => _arena.Bytes + _kinds.Sum(k => k.MemoryBytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        _arena.Dispose();
        foreach (var kind in _kinds) kind.Dispose();
    }

    /// <summary>A user came to an item that is new to them.</summary>
    public void Visit(ReadOnlySpan<HistoryEntry> before, uint item, uint timeSeconds, float strength)
    {
        _interest.CoVisits.Learn(before, item, timeSeconds, strength);
        // Each user counts once, whatever they came for.
        _leaders.Visit(InterestItem.Kind(item), _items.Item(item)->Category, item, timeSeconds, Math.Min(1, strength));
    }

    /// <summary>An item is new or has other text.</summary>
    public void Describe(uint item, in ItemText text)
    {
        var record = _items.Item(item);
        if (record->Tokens == 0 && text.Category.IsEmpty && text.Tags.IsEmpty && text.Title.IsEmpty && text.Host.IsEmpty) return;
        record->Tokens = _features.Describe(record->Tokens, text);
        Span<float> vector = stackalloc float[FeatureVector.Dimensions];
        _features.Vector(record->Tokens, vector);
        _kinds[(int)InterestItem.Kind(item)].SetVector(InterestItem.Row(item), vector);
        SetAttributes(item, _features.TokensOf(record->Tokens));
        if (record->Host == 0 || InterestItem.Kind(item) != InterestKind.Room) return;
        ref var rooms = ref CollectionsMarshal.GetValueRefOrAddDefault(_roomsOfHost, record->Host, out _);
        rooms ??= [];
        if (!rooms.Contains(item)) rooms.Add(item);
    }

    /// <summary>The best items for a user.</summary>
    /// <param name="user">Which user, for learning from what they do with the list; 0: nobody's list.</param>
    /// <param name="history">The user's items, oldest first.</param>
    /// <param name="nowSeconds">The clock, seconds since 1970 UTC.</param>
    /// <param name="request">What is wanted.</param>
    public RecommendedList Recommend(ulong user, ReadOnlySpan<HistoryEntry> history, uint nowSeconds, RecommendationRequest request)
    {
        Collect(history, nowSeconds, request);
        var count = _candidates.Count;
        DescribeCandidates(history, nowSeconds);
        var probabilities = _probabilities.AsSpan(0, count * FtrlProximal.Objectives);
        _ranker.Score(_terms.AsSpan(0, count * Stride), probabilities);
        var order = Order(probabilities, request);
        var list = Diversify(order, request);
        var items = new RecommendedItem[list.Length];
        // Match times score, of all candidates: what the item's share would be if lists were drawn by it.
        var all = 0f;
        for (var i = 0; i < count; i++) all += Match(i) * _scores[i];
        for (var i = 0; i < items.Length; i++)
        {
            var at = list[i];
            var item = _candidates[at].Item;
            items[i] = new RecommendedItem
            {
                Item = item,
                Score = _scores[at],
                Probability = all > 0 ? Match(at) * _scores[at] / all : 0,
                Sources = _candidates[at].Sources,
                Terms = _terms.AsSpan(at * Stride, Terms).ToArray(),
                Objectives = [probabilities[at], probabilities[count + at], probabilities[2 * count + at]],
                PlaceByScore = Array.IndexOf(_places, at, 0, count) + 1,
            };
            if (user != 0) _learner.Served(user, item, items[i].Terms, nowSeconds);
        }

        return new RecommendedList { Items = items, Candidates = count, Diversity = _lastDiversity };
    }

    /// <summary>What users come to after an item, then what is like it, best first.</summary>
    public List<ScoredItem> Similar(uint item, uint nowSeconds, int limit)
    {
        var kind = InterestItem.Kind(item);
        var scored = new ScoredItem[limit];
        var only = new HistoryEntry { Item = item, TimeSeconds = nowSeconds, Weight = (Half)1 };
        var found = _interest.Recommend(new ReadOnlySpan<HistoryEntry>(in only), nowSeconds, other => other != item && InterestItem.Kind(other) == kind && _items.IsAvailable(other), scored);
        var list = scored[..found].ToList();
        if (found == limit || !_kinds[(int)kind].TryVector(InterestItem.Row(item), out var vector)) return list;
        // Like by their features: below all that have been visited together.
        var rows = new ScoredRow[Math.Min(VectorIndex.MaxResults, limit + found + 1)];
        var near = _kinds[(int)kind].Top(vector, rows, new AvailableRow(this, kind));
        foreach (var row in rows.AsSpan(0, near))
        {
            var other = InterestItem.Of(kind, (uint)row.Row);
            if (list.Count == limit || row.Score <= 0) break;
            if (other != item && !list.Exists(s => s.Item == other)) list.Add(new ScoredItem(other, row.Score * 1e-3f, 0, row.Score));
        }

        return list;
    }

    private float Match(int candidate) => (1 + _terms[candidate * Stride + (int)RankingTerm.Interest]) / 2;

    // Places of candidates by score, without those that a rule leaves out.
    private List<int> Order(ReadOnlySpan<float> probabilities, RecommendationRequest request)
    {
        var count = _candidates.Count;
        for (var i = 0; i < count; i++)
        {
            _scores[i] = Objectives.Watch * probabilities[i] + Objectives.Interact * probabilities[count + i] + Objectives.Pay * probabilities[2 * count + i];
            _places[i] = i;
            // Positive floats are in the order of their bits; of equals the lower number first.
            _keys[i] = (ulong)~BitConverter.SingleToUInt32Bits(_scores[i]) << 32 | _candidates[i].Item;
        }

        Array.Sort(_keys, _places, 0, count);
        var order = new List<int>(count);
        _hosts.Clear();
        foreach (var at in _places.AsSpan(0, count))
        {
            var item = _candidates[at].Item;
            var host = InterestItem.Kind(item) == InterestKind.Room ? _items.Item(item)->Host : 0;
            if (request.HostOnce && host != 0 && !_hosts.Add(host)) continue;
            order.Add(at);
        }

        return order;
    }

    private int[] Diversify(List<int> order, RecommendationRequest request)
    {
        // Deep enough to find something else, not so deep that it is bad.
        var pool = Math.Min(order.Count, Math.Min(Core.Diversity.MaxCandidates, request.Limit * 4 + 10));
        Span<float> relevance = stackalloc float[pool];
        var vectors = _pooled.AsSpan(0, pool * FeatureVector.Dimensions);
        for (var i = 0; i < pool; i++)
        {
            relevance[i] = _scores[order[i]];
            VectorOf(_candidates[order[i]].Item, vectors.Slice(i * FeatureVector.Dimensions, FeatureVector.Dimensions));
        }

        Span<int> picks = stackalloc int[request.Limit];
        var picked = _diversity.Pick(relevance, vectors, picks, lambda: request.Lambda);
        _lastDiversity = Core.Diversity.IntraListDistance(vectors, picks[..picked]);
        var list = new int[picked];
        for (var i = 0; i < picked; i++) list[i] = order[picks[i]];
        return list;
    }

    private void SetAttributes(uint item, TokenList tokens)
    {
        Span<uint> numbers = stackalloc uint[Math.Min(tokens.Count, AttributeIndex.MostTokensOfItem)];
        for (var i = 0; i < numbers.Length; i++)
        {
            var key = KeyHash.Mix(tokens[i].Hash);
            var slot = _tokens.Find(key);
            numbers[i] = Number(slot, key);
        }

        _interest.SetAttributes(item, numbers);
    }

    private uint Number(HashSlot* slot, ulong key) => slot != null ? slot->Value : _tokens.Add(key, ++_tokenCount)->Value;
}
