using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
    private readonly List<ProfileToken> _profile = [];
    private int[] _profilePlaces = new int[256];
    private float[] _touches = [];
    private float[] _inverseLengths = [];

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

    /// <summary>Brings what <see cref="Score"/> reads of co-visits on its way from memory.</summary>
    public void Prefetch(ReadOnlySpan<HistoryEntry> history)
    {
        for (var i = Math.Max(0, history.Length - _options.SpeakingItems); i < history.Length; i++) CoVisits.PrefetchSuccessors(history[i].Item);
    }

    /// <summary>The scores of all candidates for a user. The scores are cleared first.</summary>
    /// <param name="history">The user's items, oldest first.</param>
    /// <param name="timeSeconds">Now, seconds since 1970 UTC.</param>
    /// <param name="scores">Takes the candidates.</param>
    /// <param name="only">The kind of the candidates; null: all kinds. It changes no score.</param>
    public void Score(ReadOnlySpan<HistoryEntry> history, uint timeSeconds, CandidateScores scores, InterestKind? only = null)
    {
        scores.Clear(only);
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
        Weigh(timeSeconds, scores);
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
        scores.AddCoVisits(_successors.AsSpan(0, count), recency * QuarterPower.Inverse(CoVisits.Totals(item, timeSeconds).Touches + _options.Shrinkage, _options.SourceQuarters));
    }

    private void AddToProfile(uint item, float worth)
    {
        worth *= Attributes.InverseLength(item);
        if (worth == 0) return;
        foreach (ref readonly var pair in Attributes.Tokens(item))
        {
            if (pair.Token >= _profilePlaces.Length) Array.Resize(ref _profilePlaces, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(pair.Token + 1));
            ref var place = ref _profilePlaces[pair.Token];
            if (place == 0)
            {
                _profile.Add(new ProfileToken { Token = pair.Token, TokenWeight = Attributes.Weight(pair.Token) });
                place = _profile.Count;
            }

            ref var token = ref CollectionsMarshal.AsSpan(_profile)[place - 1];
            token.Weight += worth * AttributeIndex.Frequency(pair.Times) * token.TokenWeight;
        }
    }

    private void AddAttributes(CandidateScores scores)
    {
        float square = 0;
        foreach (ref readonly var token in CollectionsMarshal.AsSpan(_profile)) square += token.Weight * token.Weight;
        var inverseLength = square > 0 ? 1 / MathF.Sqrt(square) : 0;
        foreach (ref readonly var token in CollectionsMarshal.AsSpan(_profile))
        {
            _profilePlaces[token.Token] = 0;
            var worth = token.Weight * inverseLength * token.TokenWeight;
            if (worth != 0) scores.AddAttributes(Attributes.Items(token.Token), worth);
        }

        _profile.Clear();
    }

    // What often touched candidates lose and what like ones gain, eight candidates at a time.
    private void Weigh(uint timeSeconds, CandidateScores scores)
    {
        var coVisits = scores.CoVisits;
        var attributes = scores.Attributes;
        if (_touches.Length < coVisits.Length) _touches = new float[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)coVisits.Length)];
        if (_inverseLengths.Length < _touches.Length) _inverseLengths = new float[_touches.Length];
        CoVisits.CopyTouches(scores.Items, timeSeconds, _touches);
        Attributes.CopyInverseLengths(scores.Items, _inverseLengths);
        for (var i = 0; i < coVisits.Length; i += Vector256<float>.Count)
        {
            var touches = Vector256.Create(_touches.AsSpan(i));
            var inverseLength = Vector256.Create(_inverseLengths.AsSpan(i));
            var attribute = Vector256.Create(attributes[i..]);
            var factor = QuarterPower.Inverse(touches + Vector256.Create(_options.Shrinkage), _options.TargetQuarters)
                * (Vector256<float>.One + Vector256.Create(_options.AttributeBoost) * (attribute * inverseLength));
            (Vector256.Create(coVisits[i..]) * factor).CopyTo(coVisits[i..]);
            (attribute * (Vector256.Create(_options.AttributeWeight) * Vector256.Sqrt(touches + Vector256<float>.One) * inverseLength)).CopyTo(attributes[i..]);
        }
    }

    private struct ProfileToken
    {
        public uint Token;
        /// <summary>What it says of an item that it has the token.</summary>
        public float TokenWeight;
        /// <summary>How much the last items have of it.</summary>
        public float Weight;
    }
}
