using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// What is worth watching now, for a user: candidates from several sources, a linear model over their terms, then rules and
/// diversity. Items are those of an <see cref="IItemSource"/>; histories come with each question, so that an answer
/// knows everything the user did before it was asked. It learns from what a shard's feed tells. One thread.
/// </summary>
/// <remarks>Files: this one has learning and the way of a question; <c>Candidates</c> finds them, <c>Terms</c> describes them, <c>Segments</c> knows users like the user.</remarks>
internal sealed unsafe partial class Recommender : IDisposable
{
    /// <summary>Most candidates of a question.</summary>
    public const int MaxCandidates = 300;

    /// <summary>Most items of an answer.</summary>
    public const int MaxItems = Core.Diversity.MaxPicks;

    /// <summary>What a touch within so many seconds is to "seen in this session".</summary>
    public const int SeenSeconds = 1800;

    internal const int Terms = 22;

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
    // The same by room, so that a question needs no search.
    private List<uint>?[] _roomsOfSameHost = new List<uint>?[64];
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
        _segments.Merged = MergeSegments;
    }

    /// <summary>The weights and how well they predict.</summary>
    public FtrlProximal Ranker => _ranker;

    /// <summary>Impressions of recommended items and what followed.</summary>
    public ImpressionLearner Learner => _learner;

    /// <summary>What follows what.</summary>
    public InterestModel Interest => _interest;

    /// <summary>Bytes of memory.</summary>
    public long MemoryBytes => _arena.Bytes + _kinds.Sum(k => k.MemoryBytes) + _groups.MemoryBytes;

    /// <inheritdoc/>
    public void Dispose()
    {
        _arena.Dispose();
        foreach (var kind in _kinds) kind.Dispose();
    }

    /// <summary>A user came to an item that is new to them.</summary>
    /// <param name="before">What the user touched before, oldest first.</param>
    /// <param name="item">The item.</param>
    /// <param name="timeSeconds">When, seconds since 1970 UTC.</param>
    /// <param name="strength">What the visit is worth.</param>
    /// <param name="user">Who, shard ≪ 32 | row; 0: nobody whose group matters.</param>
    /// <param name="isPast">Told again after a restart: what models remember by themselves they do not learn twice.</param>
    public void Visit(ReadOnlySpan<HistoryEntry> before, uint item, uint timeSeconds, float strength, ulong user = 0, bool isPast = false)
    {
        _interest.CoVisits.Learn(before, item, timeSeconds, strength);
        VisitOfSegment(user, before, item, timeSeconds, strength, isPast);
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
        if (InterestItem.Kind(item) == InterestKind.Room) SetHost(item, record->Host);
    }

    /// <summary>The best items for a user. Allocates nothing.</summary>
    /// <param name="user">Which user, for learning from what they do with the list; 0: nobody's list.</param>
    /// <param name="history">The user's items, oldest first.</param>
    /// <param name="nowSeconds">The clock, seconds since 1970 UTC.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="features">What else is known of the user.</param>
    /// <param name="into">Takes the list; null: the recommender's own, which is good until the next question.</param>
    public RecommendedList Recommend(ulong user, ReadOnlySpan<HistoryEntry> history, uint nowSeconds, RecommendationRequest request, StaticFeatures features = default,
        RecommendedList? into = null)
    {
        _userFeatures = features;
        Collect(history, nowSeconds, request);
        ScoreCandidates(history, nowSeconds);
        return Choose(user, nowSeconds, request, into);
    }

    /// <summary>The second step of a question: the terms of the candidates that <see cref="Collect"/> found, and their scores.</summary>
    internal void ScoreCandidates(ReadOnlySpan<HistoryEntry> history, uint nowSeconds)
    {
        var count = _candidates.Count;
        DescribeCandidates(history, nowSeconds);
        var probabilities = _probabilities.AsSpan(0, count * FtrlProximal.Objectives);
        _ranker.Score(_terms.AsSpan(0, count * Stride), probabilities);
        for (var i = 0; i < count; i++)
            _scores[i] = Objectives.Watch * probabilities[i] + Objectives.Interact * probabilities[count + i] + Objectives.Pay * probabilities[2 * count + i];
    }

    /// <summary>The third step: rules, diversity and the list.</summary>
    internal RecommendedList Choose(ulong user, uint nowSeconds, RecommendationRequest request, RecommendedList? into = null)
    {
        var count = _candidates.Count;
        if (request.IsPriced) PriceCandidates(nowSeconds);
        // Deep enough to find something else, not so deep that it is bad.
        var pool = Order(Math.Min(Core.Diversity.MaxCandidates, request.Limit * 4 + 10), request);
        if (request.IsPriced) pool = Showable(pool);
        Span<int> picks = stackalloc int[MaxItems];
        picks = picks[..Diversify(pool, picks[..request.Limit], request.Lambda, out var distance)];
        if (request.IsPriced) picks = picks[..GiveAway(user, picks, pool, request, nowSeconds)];
        // Match times score, of all candidates: what the item's share would be if lists were drawn by it.
        var all = 0f;
        for (var i = 0; i < count; i++) all += Match(i) * _scores[i];
        var list = into ?? _list;
        list.Clear(count, distance);
        foreach (var pick in picks)
        {
            var at = _order[pick];
            ref var item = ref list.Add();
            item.Item = _candidates[at].Item;
            item.Score = request.IsPriced ? _reasons[at].Score : _scores[at];
            item.Traffic = request.IsPriced ? _reasons[at] : default;
            item.Probability = all > 0 ? Match(at) * _scores[at] / all : 0;
            item.Sources = _candidates[at].Sources;
            item.PlaceByScore = _placesByScore[pick];
            _terms.AsSpan(at * Stride, Terms).CopyTo(item.Terms);
            for (var objective = 0; objective < FtrlProximal.Objectives; objective++) item.Objectives.AsSpan()[objective] = _probabilities[objective * count + at];
            if (user != 0) _learner.Served(user, item.Item, item.Terms, nowSeconds);
        }

        return list;
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

    // The best candidates by score, as many as wanted, without those that a rule leaves out. Says how many.
    private int Order(int wanted, RecommendationRequest request)
    {
        var keys = _keys.AsSpan(0, _candidates.Count);
        // Positive floats are in the order of their bits; of equals the lower number first.
        for (var i = 0; i < keys.Length; i++) keys[i] = (ulong)~BitConverter.SingleToUInt32Bits(_scores[i]) << 32 | _candidates[i].Item;
        var count = 0;
        var sorted = 0;
        _hosts.Clear();
        for (var i = 0; i < keys.Length && count < wanted; i++)
        {
            if (i == sorted) sorted += PartialSort.SortSmallest(keys[i..], wanted - count);
            var item = (uint)keys[i];
            var at = _placeOf[item];
            var host = HostOf(at);
            if (request.HostOnce && host != 0 && !_hosts.Add(host, 0)) continue;
            _order[count] = at;
            _placesByScore[count++] = i + 1;
        }

        return count;
    }

    private int Diversify(int pool, Span<int> picks, float lambda, out double distance)
    {
        Span<float> relevance = stackalloc float[pool];
        var vectors = _pooled.AsSpan(0, pool * FeatureVector.Dimensions);
        for (var i = 0; i < pool; i++)
        {
            relevance[i] = _scores[_order[i]];
            VectorOf(_candidates[_order[i]].Item, vectors.Slice(i * FeatureVector.Dimensions, FeatureVector.Dimensions));
        }

        var picked = _diversity.Pick(relevance, vectors, picks, lambda: lambda);
        distance = Core.Diversity.IntraListDistance(vectors, picks[..picked]);
        return picked;
    }

    private void SetHost(uint room, uint host)
    {
        var row = InterestItem.Row(room);
        if (row >= (uint)_roomsOfSameHost.Length) Array.Resize(ref _roomsOfSameHost, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(row + 1));
        _roomsOfSameHost[row] = null;
        if (host == 0) return;
        ref var rooms = ref CollectionsMarshal.GetValueRefOrAddDefault(_roomsOfHost, host, out _);
        rooms ??= [];
        if (!rooms.Contains(room)) rooms.Add(room);
        // Most hosts have one room, and then there is nothing to look at.
        if (rooms.Count < 2) return;
        _roomsOfSameHost[row] = rooms;
        var first = rooms[0];
        if (rooms.Count == 2 && _items.Item(first)->Host == host) _roomsOfSameHost[InterestItem.Row(first)] = rooms;
    }

    private List<uint>? RoomsOfSameHost(uint room)
    {
        var row = InterestItem.Row(room);
        return row < (uint)_roomsOfSameHost.Length ? _roomsOfSameHost[row] : null;
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
