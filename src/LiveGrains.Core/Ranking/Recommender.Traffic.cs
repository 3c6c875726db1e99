using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>How a slot came about under a policy of traffic; in the units of the policy's objective.</summary>
internal struct SlotReason
{
    /// <summary>Expected value of the impression.</summary>
    public float Value;
    /// <summary>What is added to it because little is known.</summary>
    public float Bound;
    /// <summary>Price of caps less that of floors.</summary>
    public float Price;
    public float Boost;
    public float Guarantee;
    /// <summary>How probable it was that this item gets this slot.</summary>
    public float Propensity;
    /// <summary>True: by chance, to learn.</summary>
    public bool IsExplored;
    /// <summary>Version of the policy; 0: none.</summary>
    public long Version;

    public readonly float Score => Value + Bound - Price + Boost + Guarantee;
}

/// <summary>What a policy forbids, in the recommender's numbers.</summary>
internal sealed record TrafficExclusionSet(HashSet<uint> Items, HashSet<uint> Hosts, HashSet<uint> Categories);

internal sealed unsafe partial class Recommender
{
    // Of the mean value of a slot: the newest counts for so much.
    private const float NewestOfScale = 0.005f;
    // What a visit and a payment are taken for as long as an item has few of them, and for how many of these.
    private const float UsualSeconds = 60;
    private const float UsualVisits = 20;
    private const float UsualPayment = 2_000;
    private const float UsualPayments = 5;

    // Candidates whose lines of the cache are on their way while one is looked at.
    private const int ValuesAhead = 8;
    private const int PricesAhead = 8;

    private readonly SlotPrices _slotPrices = new();
    private readonly ValueModel _values = new();
    private readonly SlotReason[] _reasons = new SlotReason[MaxCandidates];
    private readonly SlotOutcome[] _outcomes = new SlotOutcome[MaxCandidates];
    private readonly uint[] _competitors = new uint[MaxCandidates];
    private readonly float[] _priced = new float[MaxCandidates];
    private ServedSlots? _served;
    private TrafficExclusionSet _excluded = new([], [], []);
    private float _scale;
    private int _segment;
    private ulong _decisions;
    private long _givenAway;
    private long _explored;

    /// <summary>Slots given away under a policy.</summary>
    public ServedSlots ServedSlots => _served ??= new ServedSlots(_slotPrices, _values);

    /// <summary>Mean value of an impression, in the units of the policy's objective; prices are in it.</summary>
    public float ValueScale => _scale;

    /// <summary>Prices of caps by group of the ledger, in mean values of an impression.</summary>
    public float[] CapPrices => _slotPrices.CapPrices();

    /// <summary>Share of the slots under a policy that were given away by chance; null: there were none.</summary>
    public double? ExploredShare => _givenAway == 0 ? null : (double)_explored / _givenAway;

    /// <summary>Takes newer prices of traffic.</summary>
    public void TakePrices(TrafficPrices prices, Func<uint, uint> numberOf, Func<TrafficPolicy, TrafficExclusionSet> excludedBy)
    {
        if (prices.Version != _slotPrices.Prices.Version) _excluded = excludedBy(prices.Policy);
        _slotPrices.Take(prices, numberOf);
    }

    /// <summary>Slots of a group of the ledger that were given away and are in no price yet.</summary>
    public int ReservedOf(int group) => _slotPrices.ReservedOf(group);

    /// <summary>A user did something with an item; nothing without a policy.</summary>
    public void HappenedToSlot(ulong user, uint item, EventType type, uint nowSeconds) => _served?.Happened(user, item, type, nowSeconds);

    // Scores become value − price + boost + guarantee, moved so that all are above 0; what may not be shown has 0.
    private void PriceCandidates(uint nowSeconds)
    {
        var policy = _slotPrices.Prices.Policy;
        ServedSlots.Settle(nowSeconds);
        _segment = SegmentAtMost();
        var candidates = CollectionsMarshal.AsSpan(_candidates);
        var sum = 0f;
        for (var i = -ValuesAhead; i < candidates.Length; i++)
        {
            if (i + ValuesAhead < candidates.Length) _values.Prefetch(candidates[i + ValuesAhead].Item, _segment);
            if (i < 0) continue;
            // Needed as soon as all values are known.
            _slotPrices.PrefetchItem(candidates[i].Item);
            ValueOf(i, candidates[i].Item, policy, nowSeconds);
            sum += _reasons[i].Value;
        }

        if (_scale == 0 && candidates.Length > 0) _scale = Math.Max(float.Epsilon, sum / candidates.Length);
        var lowest = float.MaxValue;
        for (var i = -2 * PricesAhead; i < candidates.Length; i++)
        {
            if (i + 2 * PricesAhead < candidates.Length) _slotPrices.PrefetchGroups(candidates[i + 2 * PricesAhead].Item);
            if (i >= -PricesAhead && i + PricesAhead < candidates.Length) _slotPrices.PrefetchRules(candidates[i + PricesAhead].Item);
            if (i < 0) continue;
            ref var reason = ref _reasons[i];
            var price = _slotPrices.Of(candidates[i].Item);
            reason.Price = price.Price * _scale;
            reason.Boost = price.Boost * _scale;
            reason.Guarantee = price.Guarantee * _scale;
            lowest = Math.Min(lowest, reason.Score);
            _scores[i] = MayBeShown(candidates[i]) ? 1 : 0;
        }

        var above = 1e-3f * _scale + 1e-6f;
        for (var i = 0; i < candidates.Length; i++)
        {
            if (_scores[i] != 0) _scores[i] = _reasons[i].Score - lowest + above;
        }
    }

    private bool MayBeShown(in Candidate candidate) => !IsExcluded(candidate) && _slotPrices.Allows(candidate.Item);

    private bool IsExcluded(in Candidate candidate) =>
        _excluded.Items.Contains(candidate.Item) || (candidate.Record->Host != 0 && _excluded.Hosts.Contains(candidate.Record->Host))
        || (candidate.Record->Category != 0 && _excluded.Categories.Contains(candidate.Record->Category));

    private void ValueOf(int candidate, uint item, TrafficPolicy policy, uint nowSeconds)
    {
        const int Objectives = FtrlProximal.Objectives;
        Span<float> expected = stackalloc float[Objectives];
        Span<float> means = stackalloc float[Objectives];
        Span<float> deviations = stackalloc float[Objectives];
        for (var o = 0; o < Objectives; o++) expected[o] = _probabilities[o * _candidates.Count + candidate];
        _values.Estimate(item, _segment, expected, nowSeconds, means, deviations);
        ref readonly var numbers = ref _numbers[candidate];
        var seconds = InterestItem.Kind(item) == InterestKind.Product ? 0 : (numbers.WatchMs / 1000f + UsualSeconds * UsualVisits) / (numbers.Views + UsualVisits);
        var payment = (numbers.Paid + UsualPayment * UsualPayments) / (numbers.Pays + UsualPayments);
        var watch = (float)policy.Objective.WatchSeconds * seconds;
        var interact = (float)policy.Objective.Interactions;
        var pay = (float)policy.Objective.PaidAmount * payment;
        var value = watch * means[0] + interact * means[1] + pay * means[2];
        var variance = Square(watch * deviations[0]) + Square(interact * deviations[1]) + Square(pay * deviations[2]);
        _reasons[candidate] = new SlotReason { Value = value, Bound = (float)policy.Exploration.Bound * MathF.Sqrt(variance), Propensity = 1, Version = _slotPrices.Prices.Version };
    }

    private static float Square(float x) => x * x;

    private int SegmentAtMost()
    {
        var most = 0;
        for (var i = 1; i < _segmentShares.Length; i++)
        {
            if (_segmentShares[i] > _segmentShares[most]) most = i;
        }

        return _segmentShares[most] > 0 ? most + 1 : 0;
    }

    // Those in the order that may be shown: they stand before all others.
    private int Showable(int pool)
    {
        while (pool > 0 && _scores[_order[pool - 1]] == 0) pool--;
        return pool;
    }

    // Puts a candidate by chance into one slot now and then, and gives slots away as long as caps have room. Says how many are left.
    private int GiveAway(ulong user, Span<int> picks, int pool, RecommendationRequest request, uint nowSeconds)
    {
        var policy = _slotPrices.Prices.Policy;
        Compete(picks, request.HostOnce);
        Explore(user, picks, pool, policy.Exploration.Share, nowSeconds);
        var count = 0;
        for (var i = 0; i < picks.Length; i++)
        {
            var pick = picks[i];
            // What came before it in this very list may have taken the last place under a cap.
            if (!_slotPrices.Allows(_candidates[_order[pick]].Item)) pick = NextAllowed(picks, pool);
            if (pick < 0) continue;
            var at = _order[pick];
            picks[count] = pick;
            ServedSlots.Served(user, _candidates[at].Item, count, _reasons[at].Propensity, _segment, nowSeconds, request.CountedAs);
            _scale += NewestOfScale * (_reasons[at].Value - _scale);
            if (_reasons[at].IsExplored) _explored++;
            _givenAway++;
            count++;
        }

        return count;
    }

    // Tells what became of each candidate, so that caps have their prices.
    private void Compete(ReadOnlySpan<int> picks, bool hostOnce)
    {
        _hosts.Clear();
        var outcomes = _outcomes.AsSpan(0, _candidates.Count);
        outcomes.Clear();
        foreach (var pick in picks)
        {
            var at = _order[pick];
            outcomes[at] = SlotOutcome.Given;
            if (hostOnce && HostOf(at) is var host and not 0) _hosts.Add(host, 0);
        }

        for (var at = 0; at < outcomes.Length; at++)
        {
            _competitors[at] = _candidates[at].Item;
            _priced[at] = _reasons[at].Score;
            // Another room of a host that is in the list has no slot at any price.
            if (outcomes[at] == SlotOutcome.Given || IsExcluded(_candidates[at]) || (hostOnce && HostOf(at) is var host and not 0 && !_hosts.Add(host, 0))) continue;
            outcomes[at] = _scores[at] == 0 ? SlotOutcome.HeldBack : SlotOutcome.Lost;
        }

        _slotPrices.Competed(_competitors.AsSpan(0, outcomes.Length), _priced.AsSpan(0, outcomes.Length), outcomes, _scale);
    }

    private uint HostOf(int candidate) => InterestItem.Kind(_candidates[candidate].Item) == InterestKind.Room ? _candidates[candidate].Record->Host : 0;

    private void Explore(ulong user, Span<int> picks, int pool, double share, uint nowSeconds)
    {
        var others = pool - picks.Length;
        if (share <= 0 || others <= 0 || picks.Length == 0) return;
        var chance = Math.Min(1, share * picks.Length);
        var hash = KeyHash.Mix(user ^ KeyHash.Mix(((ulong)nowSeconds << 32) + _decisions++));
        // Any slot of the list is drawn with the same probability, and any other candidate of the pool takes it.
        foreach (var pick in picks) _reasons[_order[pick]].Propensity = (float)(1 - chance / picks.Length);
        if ((hash >> 40) * (1.0 / (1 << 24)) >= chance) return;
        var slot = (int)((hash & 0xFFFFF) * (ulong)picks.Length >> 20);
        var nth = (int)((hash >> 20 & 0xFFFFF) * (ulong)others >> 20);
        var other = 0;
        for (; ; other++)
        {
            if (!picks.Contains(other) && nth-- == 0) break;
        }

        picks[slot] = other;
        ref var reason = ref _reasons[_order[other]];
        reason.IsExplored = true;
        reason.Propensity = (float)(chance / picks.Length / others);
    }

    private int NextAllowed(ReadOnlySpan<int> picks, int pool)
    {
        for (var other = 0; other < pool; other++)
        {
            if (!picks.Contains(other) && _slotPrices.Allows(_candidates[_order[other]].Item)) return other;
        }

        return -1;
    }
}
