using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiveGrains.Core;

internal sealed unsafe partial class Recommender
{
    // The sum is below MaxCandidates by what heat has for certain; what the others leave over is heat's too, up to its own number.
    private const int FromHistory = 40;
    private const int FromHosts = 30;
    private const int FromCategories = 60;
    private const int FromCoVisits = 80;
    private const int FromInterest = 50;
    private const int FromSegment = 20;
    private const int FromSegmentOfStranger = 60;
    private const int FromExploration = 20;
    private const int FromExplorationOfStranger = 40;
    private const int FromHeat = 60;
    private const int FirstLook = 4096;
    private const int CosineBins = 1024;

    private struct Candidate
    {
        public uint Item;
        public CandidateSource Sources;
        public ItemRecord* Record;
        public ScoredItem Interest;
        /// <summary>Its place in the history; −1: it was never touched.</summary>
        public int Touched;
        public float SegmentVisits;
        /// <summary>Of the user's interest and the item; NaN: not computed yet.</summary>
        public float Cosine;
    }

    private readonly KindIndex[] _kinds = new KindIndex[InterestItem.Kinds];
    private readonly List<Candidate> _candidates = new(MaxCandidates);
    private readonly ItemPlaces _placeOf = new();
    private readonly ItemPlaces _touched = new();
    private readonly HistoryEntry[] _history = new HistoryEntry[HistoryStore.MostItems];
    // What each entry of the history counts now.
    private readonly float[] _weights = new float[HistoryStore.MostItems];
    private readonly CategoryLeaders _leaders = new();
    private readonly List<(uint Category, float Share)> _lastCategories = [];
    private readonly InterestKind[] _oneKind = new InterestKind[1];
    private static readonly InterestKind[] _allKinds = [InterestKind.Room, InterestKind.Product, InterestKind.Video];
    private readonly CandidateScores _coVisits = new();
    private readonly ScoredRow[] _rows = new ScoredRow[FromInterest];
    private readonly ScoredItem[] _scored = new ScoredItem[FromCoVisits];
    private readonly float[] _user = new float[FeatureVector.Dimensions];
    private readonly float[] _cosines = new float[MaxCandidates];
    private readonly int[] _cosineBins = new int[CosineBins];

    /// <summary>Looks again at what is available and hot, some thousand items of each kind at a call.</summary>
    public void Refresh(int slice)
    {
        for (var kind = InterestKind.Room; kind <= InterestKind.Video; kind++) Refresh(kind, slice);
    }

    /// <summary>The same for some items of one kind; true when all of it were seen and its lists are new.</summary>
    public bool Refresh(InterestKind kind, int slice) => _kinds[(int)kind].Refresh(_items, kind, slice);

    /// <summary>The hottest available items of a kind at the last refresh, hottest first.</summary>
    public ReadOnlySpan<uint> Hottest(InterestKind kind) => _kinds[(int)kind].Hot;

    /// <summary>The first step of a question: finds the candidates.</summary>
    internal void Collect(ReadOnlySpan<HistoryEntry> history, uint nowSeconds, RecommendationRequest request)
    {
        _candidates.Clear();
        _placeOf.Clear();
        _touched.Clear();
        _interest.Prefetch(history);
        history.CopyTo(_history);
        for (var i = 0; i < history.Length; i++)
        {
            _touched[history[i].Item] = i;
            _weights[i] = history[i].WeightAt(nowSeconds);
            _kinds[(int)InterestItem.Kind(history[i].Item)].PrefetchVector(InterestItem.Row(history[i].Item));
            _items.Prefetch(history[i].Item);
        }

        var hasInterest = UserVector(history);
        SegmentShares(history, hasInterest, nowSeconds);
        _interest.Score(history, nowSeconds, _coVisits, request.Kind);
        if (request.Only is { } only)
        {
            foreach (var item in only.Order()) Add(item, CandidateSource.Room, nowSeconds, request);
        }

        // What a user did before says most, so its candidates come first where room is short.
        FromWhatWasTouched(history, nowSeconds, request);
        if (request.Kind is { } one) _oneKind[0] = one;
        var kinds = request.Kind == null ? _allKinds : _oneKind;
        LastCategories(history);
        foreach (var kind in kinds) FromLastCategories(kind, FromCategories / kinds.Length, nowSeconds, request);
        var found = _coVisits.Best(new FittingItem(this, nowSeconds, request), _scored);
        foreach (var scored in _scored.AsSpan(0, found)) Add(scored.Item, CandidateSource.CoVisits, nowSeconds, request);
        foreach (var kind in kinds)
        {
            if (hasInterest) FromInterestOf(kind, FromInterest / kinds.Length, nowSeconds, request);
            // In the first moments nothing has been looked at yet.
            if (_kinds[(int)kind].Hot.Length == 0) _kinds[(int)kind].Refresh(_items, kind, FirstLook);
            FromSegments(kind, (hasInterest ? FromSegment : FromSegmentOfStranger) / kinds.Length, nowSeconds, request);
            AddSome(_kinds[(int)kind].Unknown, (FromExploration + FromExplorationOfStranger / (1 + history.Length)) / kinds.Length, CandidateSource.Exploration, nowSeconds, request);
        }

        foreach (var kind in kinds) AddSome(_kinds[(int)kind].Hot, FromHeat / kinds.Length, CandidateSource.Heat, nowSeconds, request);
        foreach (var kind in kinds) SegmentVisits(kind);
        foreach (ref var candidate in CollectionsMarshal.AsSpan(_candidates))
        {
            candidate.Interest = _coVisits[candidate.Item];
            candidate.Touched = _touched[candidate.Item];
        }
    }

    private void FromInterestOf(InterestKind kind, int most, uint nowSeconds, RecommendationRequest request)
    {
        var near = _kinds[(int)kind].Top(_user, _rows.AsSpan(0, most), new FittingRow(this, kind, nowSeconds, request), LeastOfNearest(kind, most));
        foreach (var row in _rows.AsSpan(0, near))
        {
            var item = InterestItem.Of(kind, (uint)row.Row);
            if (Add(item, CandidateSource.Interest, nowSeconds, request)) CollectionsMarshal.AsSpan(_candidates)[^1].Cosine = row.Score;
        }
    }

    // What the last of the nearest reaches at least: as many candidates of the kind that there are already are as near, and they
    // fit. Most of the nearest are among them, so that the scan of all items has little left to compare.
    private float LeastOfNearest(InterestKind kind, int most)
    {
        var count = 0;
        Array.Clear(_cosineBins);
        foreach (ref var candidate in CollectionsMarshal.AsSpan(_candidates))
        {
            if (InterestItem.Kind(candidate.Item) != kind || !_kinds[(int)kind].TryVector(InterestItem.Row(candidate.Item), out var vector)) continue;
            candidate.Cosine = FeatureVector.Dot(_user, vector);
            _cosines[count++] = candidate.Cosine;
            _cosineBins[CosineBin(candidate.Cosine)]++;
        }

        if (count < most) return float.MinValue;
        var bin = CosineBins - 1;
        for (var above = _cosineBins[bin]; above < most; above += _cosineBins[bin]) bin--;
        var least = float.MaxValue;
        foreach (var cosine in _cosines.AsSpan(0, count))
        {
            if (CosineBin(cosine) >= bin) least = Math.Min(least, cosine);
        }

        return least;
    }

    private static int CosineBin(float cosine) => Math.Clamp((int)((cosine + 1) * (CosineBins / 2)), 0, CosineBins - 1);

    // The categories of the last items, a later item's above an earlier one's, as co-visits take them; shares sum up to 1.
    private void LastCategories(ReadOnlySpan<HistoryEntry> history)
    {
        _lastCategories.Clear();
        var options = InterestOptions.Sequences;
        float worth = 1, all = 0;
        var left = options.SpeakingItems;
        for (var i = history.Length - 1; i >= 0 && left > 0; i--)
        {
            if ((history[i].Flags & HistoryFlags.Unwanted) != 0) continue;
            left--;
            var category = _items.Item(history[i].Item)->Category;
            if (category != 0)
            {
                var at = _lastCategories.Count - 1;
                while (at >= 0 && _lastCategories[at].Category != category) at--;
                if (at < 0) _lastCategories.Add((category, worth));
                else _lastCategories[at] = (category, _lastCategories[at].Share + worth);
                all += worth;
            }

            worth *= options.Recency;
        }

        foreach (ref var category in CollectionsMarshal.AsSpan(_lastCategories)) category.Share /= all;
    }

    // What users come to now in the categories of the user's last items: of each as many as its share.
    private void FromLastCategories(InterestKind kind, int most, uint nowSeconds, RecommendationRequest request)
    {
        foreach (var (category, part) in _lastCategories)
        {
            var left = (int)Math.Ceiling(most * part);
            var items = _leaders.Of(kind, category);
            Prefetch(items);
            foreach (var item in items)
            {
                if (left == 0) break;
                if (Add(item, CandidateSource.Category, nowSeconds, request)) left--;
            }
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
            if (hosts <= 0 || RoomsOfSameHost(entry.Item) is not { } rooms) continue;
            for (var r = rooms.Count - 1; r >= Math.Max(0, rooms.Count - 10); r--)
            {
                if (Add(rooms[r], CandidateSource.Host, nowSeconds, request)) hosts--;
            }
        }
    }

    private void Prefetch(ReadOnlySpan<uint> items)
    {
        foreach (var item in items) _items.Prefetch(item);
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
        var at = _placeOf[item];
        if (at >= 0)
        {
            CollectionsMarshal.AsSpan(_candidates)[at].Sources |= source;
            return false;
        }

        if (_candidates.Count == MaxCandidates || !Fits(item, nowSeconds, request)) return false;
        _placeOf[item] = _candidates.Count;
        _candidates.Add(new Candidate { Item = item, Sources = source, Record = _items.Item(item), Cosine = float.NaN });
        // Needed a little later, when the terms are computed.
        _kinds[(int)InterestItem.Kind(item)].PrefetchVector(InterestItem.Row(item));
        _items.PrefetchNumbers(item);
        _leaders.Prefetch(item);
        return true;
    }

    // The rules that hold whatever the score.
    private bool Fits(uint item, uint nowSeconds, RecommendationRequest request)
    {
        if (request.Kind is { } kind && InterestItem.Kind(item) != kind) return false;
        if (request.Only != null && !request.Only.Contains(item)) return false;
        var at = _touched[item];
        if (at >= 0)
        {
            ref readonly var touched = ref _history[at];
            if (request.OnlyNew || (touched.Flags & HistoryFlags.Unwanted) != 0) return false;
            if (request.WithoutBought && (touched.Flags & HistoryFlags.Bought) != 0 && InterestItem.Kind(item) == InterestKind.Product) return false;
            if (request.WithoutSeen && ExponentialDecay.Elapsed(touched.TimeSeconds, nowSeconds) < SeenSeconds) return false;
        }

        return _items.IsAvailable(item);
    }

    // Σ weight · 2^(−age ÷ half-life) · vector, a dislike with a minus, of length 1; false when nothing is known.
    private bool UserVector(ReadOnlySpan<HistoryEntry> history)
    {
        var sum = _user.AsSpan();
        sum.Clear();
        for (var i = 0; i < history.Length; i++) AddVector(sum, history[i].Item, _weights[i]);
        FeatureVector.Normalise(sum);
        return sum.ContainsAnyExcept(0f);
    }

    private void VectorOf(uint item, Span<float> into)
    {
        if (_kinds[(int)InterestItem.Kind(item)].TryVector(InterestItem.Row(item), out var vector)) vector.CopyTo(into);
        else into.Clear();
    }

    private readonly struct FittingItem(Recommender recommender, uint nowSeconds, RecommendationRequest request) : IItemFilter
    {
        public bool Allows(uint item) => recommender.Fits(item, nowSeconds, request);

        public void Prefetch(uint item) => recommender._items.Prefetch(item);
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
