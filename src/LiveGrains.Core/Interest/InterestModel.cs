using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

/// <summary>
/// What users come to next: their histories, the co-visits counted from them as they grow, and the items' attributes. Learns
/// each event once, in order; the next question knows it. A recommendation adds, over the last items of a history,
/// <code>recency^age · successors(item, candidate) ÷ (touches(item)^¾ · touches(candidate)^¼)</code>, raises the sum by the
/// cosine between the attributes of these items and the candidate's, because a pair of two like items is seldom a chance,
/// and adds the cosine times √touches(candidate) for candidates that no pair speaks for. The same state gives the same
/// answers; one thread, or copies of the state.
/// </summary>
internal sealed class InterestModel
{
    private readonly InterestOptions _options;
    private readonly Successor[] _successors;
    private readonly CandidateScores _scores = new();
    private float[] _profile = new float[256];
    private readonly List<uint> _profileTokens = [];

    /// <summary>Makes an empty model.</summary>
    public InterestModel(NativeArena arena, InterestOptions options)
    {
        _options = options;
        Histories = new HistoryStore(arena, options.HistoryItems);
        CoVisits = new CoVisits(arena, options.CoVisits);
        Attributes = new AttributeIndex(arena);
        _successors = new Successor[CoVisits.MostSuccessors];
    }

    /// <summary>What each user touched.</summary>
    public HistoryStore Histories { get; }

    /// <summary>Which items follow which.</summary>
    public CoVisits CoVisits { get; }

    /// <summary>Which items have which tokens.</summary>
    public AttributeIndex Attributes { get; }

    /// <summary>Bytes of memory.</summary>
    public long Bytes => Histories.Bytes + CoVisits.Bytes + Attributes.Bytes;

    /// <summary>
    /// A user touched an item. Co-visits learn from it when the item is new to the history; an unwanted item (disliked,
    /// reported) is remembered, but nothing is learned from it.
    /// </summary>
    /// <param name="history">The user's history; 0 is none yet.</param>
    /// <param name="item">As <see cref="InterestItem"/> numbers it.</param>
    /// <param name="timeSeconds">When, seconds since 1970 UTC.</param>
    /// <param name="strength">What the touch is worth; 1 is an ordinary visit.</param>
    /// <param name="flags">What the user did.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HistoryTouch Touch(ref uint history, uint item, uint timeSeconds, float strength, HistoryFlags flags = HistoryFlags.None)
    {
        var touch = Histories.Touch(ref history, item, timeSeconds, strength, flags, _options.WeightHalfLifeSeconds);
        if (touch.WasNew && (flags & HistoryFlags.Unwanted) == 0) CoVisits.Learn(Histories.Entries(history)[..^1], item, timeSeconds, strength);
        return touch;
    }

    /// <summary>First of three steps ahead of <see cref="Touch"/>: the user's block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchHistory(uint history) => Histories.Prefetch(history);

    /// <summary>Second step, when the block is there: the heads of the items whose successors will change.</summary>
    public void PrefetchItems(uint history, uint item)
    {
        Histories.PrefetchLast(history);
        var entries = Histories.Entries(history);
        if (HistoryStore.Find(entries, item) < 0) CoVisits.PrefetchHeads(entries, item);
    }

    /// <summary>Third step, when the heads are there: the lines that will be written.</summary>
    public void PrefetchPairs(uint history, uint item)
    {
        var entries = Histories.Entries(history);
        if (HistoryStore.Find(entries, item) < 0) CoVisits.PrefetchPairs(entries, item);
    }

    /// <summary>Says what an item's tokens are, in place of what was said before.</summary>
    public void SetAttributes(uint item, ReadOnlySpan<uint> tokens) => Attributes.Set(item, tokens);

    /// <summary>The best candidates for a user, best first; says how many.</summary>
    /// <param name="history">The user's items, oldest first.</param>
    /// <param name="timeSeconds">Now, seconds since 1970 UTC.</param>
    /// <param name="filter">What may be recommended; null: everything. The history is not left out by itself: a room is visited again.</param>
    /// <param name="into">Where to put them.</param>
    public int Recommend(ReadOnlySpan<HistoryEntry> history, uint timeSeconds, Func<uint, bool>? filter, Span<ScoredItem> into)
    {
        Score(history, timeSeconds, _scores);
        return _scores.Best(filter, into);
    }

    /// <summary>What users come to after an item, best first; says how many.</summary>
    public int Similar(uint item, uint timeSeconds, Span<ScoredItem> into)
    {
        HistoryEntry only = new() { Item = item, TimeSeconds = timeSeconds, Weight = (Half)1 };
        return Recommend(new ReadOnlySpan<HistoryEntry>(in only), timeSeconds, other => other != item, into);
    }

    /// <summary>The scores of all candidates for a user. The scores are cleared first.</summary>
    public void Score(ReadOnlySpan<HistoryEntry> history, uint timeSeconds, CandidateScores scores)
    {
        scores.Clear();
        float recency = 1;
        float attributeRecency = 1;
        var speaking = 0;
        for (var i = history.Length - 1; i >= 0 && speaking < _options.SpeakingItems; i--)
        {
            if ((history[i].Flags & HistoryFlags.Unwanted) != 0) continue;
            AddSuccessors(history[i].Item, timeSeconds, recency, scores);
            AddToProfile(history[i].Item, attributeRecency);
            recency *= _options.Recency;
            attributeRecency *= _options.AttributeRecency;
            speaking++;
        }

        AddAttributes(scores);
        foreach (var item in scores.Items)
        {
            var touches = CoVisits.Totals(item, timeSeconds).Touches;
            var inverseLength = Attributes.InverseLength(item);
            var cosine = scores[item].Attributes * inverseLength;
            scores.Scale(
                item,
                QuarterPower.Inverse(touches + _options.Shrinkage, _options.TargetQuarters) * (1 + _options.AttributeBoost * cosine),
                _options.AttributeWeight * MathF.Sqrt(touches + 1) * inverseLength);
        }
    }

    public void Save(IStateSink sink)
    {
        Histories.Save(sink);
        CoVisits.Save(sink);
        Attributes.Save(sink);
    }

    public void Load(IStateSource source)
    {
        Histories.Load(source);
        CoVisits.Load(source);
        Attributes.Load(source);
    }

    private void AddSuccessors(uint item, uint timeSeconds, float recency, CandidateScores scores)
    {
        var count = CoVisits.CopySuccessors(item, timeSeconds, _successors);
        if (count == 0) return;
        var worth = recency * QuarterPower.Inverse(CoVisits.Totals(item, timeSeconds).Touches + _options.Shrinkage, _options.SourceQuarters);
        foreach (ref readonly var successor in _successors.AsSpan(0, count)) scores.AddCoVisits(successor.Item, worth * successor.Weight);
    }

    private void AddToProfile(uint item, float worth)
    {
        worth *= Attributes.InverseLength(item);
        if (worth == 0) return;
        foreach (ref readonly var pair in Attributes.Tokens(item))
        {
            if (pair.Token >= _profile.Length) Array.Resize(ref _profile, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(pair.Token + 1));
            ref var weight = ref _profile[pair.Token];
            if (weight == 0) _profileTokens.Add(pair.Token);
            weight += worth * AttributeIndex.Frequency(pair.Times) * Attributes.Weight(pair.Token);
        }
    }

    private void AddAttributes(CandidateScores scores)
    {
        float square = 0;
        foreach (var token in _profileTokens) square += _profile[token] * _profile[token];
        var inverseLength = square > 0 ? 1 / MathF.Sqrt(square) : 0;
        foreach (var token in _profileTokens)
        {
            var worth = _profile[token] * inverseLength * Attributes.Weight(token);
            _profile[token] = 0;
            if (worth == 0) continue;
            foreach (ref readonly var posting in Attributes.Items(token)) scores.AddAttributes(posting.Item, worth * posting.Frequency);
        }

        _profileTokens.Clear();
    }
}
