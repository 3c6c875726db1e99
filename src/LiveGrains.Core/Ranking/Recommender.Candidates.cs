namespace LiveGrains.Core;

internal sealed unsafe partial class Recommender
{
    private const int FromInterest = 100;
    private const int FromCoVisits = 100;
    private const int FromHistory = 50;
    private const int FromHosts = 40;
    private const int FromHeat = 60;
    private const int FromExploration = 20;

    private struct Candidate
    {
        public uint Item;
        public CandidateSource Sources;
        public ScoredItem Interest;
        public HistoryEntry Touched;
    }

    private readonly KindIndex[] _kinds = new KindIndex[InterestItem.Kinds];
    private readonly List<Candidate> _candidates = new(MaxCandidates);
    private readonly Dictionary<uint, int> _placeOf = new(MaxCandidates);
    private readonly Dictionary<uint, HistoryEntry> _touched = [];
    private readonly CandidateScores _coVisits = new();
    private readonly ScoredRow[] _rows = new ScoredRow[FromInterest];
    private readonly ScoredItem[] _scored = new ScoredItem[FromCoVisits];
    private readonly float[] _user = new float[FeatureVector.Dimensions];

    /// <summary>Looks again at what is available and hot, some thousand items at a call.</summary>
    public void Refresh(int slice)
    {
        for (var kind = InterestKind.Room; kind <= InterestKind.Video; kind++) _kinds[(int)kind].Refresh(_items, kind, slice);
    }

    private void Collect(ReadOnlySpan<HistoryEntry> history, uint nowSeconds, RecommendationRequest request)
    {
        _candidates.Clear();
        _placeOf.Clear();
        _touched.Clear();
        foreach (ref readonly var entry in history) _touched[entry.Item] = entry;
        var hasInterest = UserVector(history, nowSeconds);
        _interest.Score(history, nowSeconds, _coVisits);
        if (request.Only is { } only)
        {
            foreach (var item in only.Order()) Add(item, CandidateSource.Room, nowSeconds, request);
        }

        // What a user did before says most, so its candidates come first where room is short.
        FromWhatWasTouched(history, nowSeconds, request);
        var found = _coVisits.Best(item => Fits(item, nowSeconds, request), _scored);
        foreach (var scored in _scored.AsSpan(0, found)) Add(scored.Item, CandidateSource.CoVisits, nowSeconds, request);
        var kinds = request.Kind is { } one ? new[] { one } : [InterestKind.Room, InterestKind.Product, InterestKind.Video];
        foreach (var kind in kinds)
        {
            if (hasInterest)
            {
                var near = _kinds[(int)kind].Top(_user, _rows.AsSpan(0, FromInterest / kinds.Length), new FittingRow(this, kind, nowSeconds, request));
                foreach (var row in _rows.AsSpan(0, near)) Add(InterestItem.Of(kind, (uint)row.Row), CandidateSource.Interest, nowSeconds, request);
            }

            AddSome(_kinds[(int)kind].Hot, FromHeat / kinds.Length, CandidateSource.Heat, nowSeconds, request);
            AddSome(_kinds[(int)kind].Unknown, FromExploration / kinds.Length, CandidateSource.Exploration, nowSeconds, request);
        }

        for (var i = 0; i < _candidates.Count; i++)
        {
            var candidate = _candidates[i];
            candidate.Interest = _coVisits[candidate.Item];
            _touched.TryGetValue(candidate.Item, out candidate.Touched);
            _candidates[i] = candidate;
        }
    }

    private void FromWhatWasTouched(ReadOnlySpan<HistoryEntry> history, uint nowSeconds, RecommendationRequest request)
    {
        var left = FromHistory;
        var hosts = FromHosts;
        for (var i = history.Length - 1; i >= 0 && left > 0; i--)
        {
            ref readonly var entry = ref history[i];
            if ((entry.Flags & HistoryFlags.Unwanted) != 0) continue;
            var source = (entry.Flags & HistoryFlags.Followed) != 0 ? CandidateSource.Follow : CandidateSource.Repeat;
            if (Add(entry.Item, source, nowSeconds, request)) left--;
            if (InterestItem.Kind(entry.Item) != InterestKind.Room) continue;
            if (hosts <= 0 || !_roomsOfHost.TryGetValue(_items.Item(entry.Item)->Host, out var rooms)) continue;
            for (var r = rooms.Count - 1; r >= Math.Max(0, rooms.Count - 10); r--)
            {
                if (Add(rooms[r], CandidateSource.Host, nowSeconds, request)) hosts--;
            }
        }
    }

    private void AddSome(uint[] items, int most, CandidateSource source, uint nowSeconds, RecommendationRequest request)
    {
        foreach (var item in items)
        {
            if (most == 0) break;
            if (Add(item, source, nowSeconds, request)) most--;
        }
    }

    private bool Add(uint item, CandidateSource source, uint nowSeconds, RecommendationRequest request)
    {
        if (_placeOf.TryGetValue(item, out var at))
        {
            var known = _candidates[at];
            known.Sources |= source;
            _candidates[at] = known;
            return false;
        }

        if (_candidates.Count == MaxCandidates || !Fits(item, nowSeconds, request)) return false;
        _placeOf[item] = _candidates.Count;
        _candidates.Add(new Candidate { Item = item, Sources = source });
        return true;
    }

    // The rules that hold whatever the score.
    private bool Fits(uint item, uint nowSeconds, RecommendationRequest request)
    {
        if (request.Kind is { } kind && InterestItem.Kind(item) != kind) return false;
        if (request.Only != null && !request.Only.Contains(item)) return false;
        if (_touched.TryGetValue(item, out var touched))
        {
            if (request.OnlyNew || (touched.Flags & HistoryFlags.Unwanted) != 0) return false;
            if (request.WithoutBought && (touched.Flags & HistoryFlags.Bought) != 0 && InterestItem.Kind(item) == InterestKind.Product) return false;
            if (request.WithoutSeen && ExponentialDecay.Elapsed(touched.TimeSeconds, nowSeconds) < SeenSeconds) return false;
        }

        return _items.IsAvailable(item);
    }

    // Σ weight · 2^(−age ÷ half-life) · vector, a dislike with a minus, of length 1; false when nothing is known.
    private bool UserVector(ReadOnlySpan<HistoryEntry> history, uint nowSeconds)
    {
        var sum = _user.AsSpan();
        sum.Clear();
        foreach (ref readonly var entry in history)
        {
            if (!_kinds[(int)InterestItem.Kind(entry.Item)].TryVector(InterestItem.Row(entry.Item), out var vector)) continue;
            var weight = (entry.Flags & HistoryFlags.Unwanted) != 0 ? -UserAnswers.DislikeWeight : (float)entry.Weight;
            weight *= ExponentialDecay.Factor(ExponentialDecay.Elapsed(entry.TimeSeconds, nowSeconds), ShardState.InterestHalfLifeSeconds);
            for (var d = 0; d < sum.Length; d++) sum[d] += weight * vector[d];
        }

        FeatureVector.Normalise(sum);
        return sum.ContainsAnyExcept(0f);
    }

    private void VectorOf(uint item, Span<float> into)
    {
        if (_kinds[(int)InterestItem.Kind(item)].TryVector(InterestItem.Row(item), out var vector)) vector.CopyTo(into);
        else into.Clear();
    }

    private readonly struct FittingRow(Recommender recommender, InterestKind kind, uint nowSeconds, RecommendationRequest request) : IRowFilter
    {
        public bool Allows(int row) => recommender.Fits(InterestItem.Of(kind, (uint)row), nowSeconds, request);
    }

    private readonly struct AvailableRow(Recommender recommender, InterestKind kind) : IRowFilter
    {
        public bool Allows(int row) => recommender._items.IsAvailable(InterestItem.Of(kind, (uint)row));
    }
}
