using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// The items of each category that users come to now, counted with every visit and decayed by half in <see cref="HalfLifeSeconds"/>.
/// Each item has its count, eight bytes; a category has a list of its heaviest, at most <see cref="Most"/>, which is exact: a count
/// grows only with a visit, and that is when the item is compared with the list's last. One thread.
/// </summary>
internal sealed class CategoryLeaders
{
    /// <summary>Most items of a category.</summary>
    public const int Most = 64;

    /// <summary>An evening: what led yesterday says little of tonight.</summary>
    public const float HalfLifeSeconds = 6 * 3600;

    // A list that was decayed less than 1/64 of a half-life ago is taken as it is, see CoVisits.
    private const uint FreshSeconds = (uint)(HalfLifeSeconds / 64);

    // Visits added to every category's, so that a few do not make a strong opinion.
    private const float Shrinkage = 4;

    private sealed class Leaders
    {
        public uint[] Items = new uint[4];
        public float[] Weights = new float[4];
        public int Count;
        public float All;
        public uint TimeSeconds;
    }

    private struct Count
    {
        public float Weight;
        public uint TimeSeconds;

        // Histories that are told again after a restart come user by user, not by time.
        public void Add(float strength, uint timeSeconds)
        {
            Weight = At(timeSeconds) + strength * ExponentialDecay.Factor(ExponentialDecay.Elapsed(timeSeconds, TimeSeconds), HalfLifeSeconds);
            TimeSeconds = Math.Max(TimeSeconds, timeSeconds);
        }

        public readonly float At(uint nowSeconds) => Weight * ExponentialDecay.Factor(ExponentialDecay.Elapsed(TimeSeconds, nowSeconds), HalfLifeSeconds);
    }

    private readonly Dictionary<uint, Leaders> _ofCategory = [];
    private readonly Count[][] _counts = [[], [], []];
    private readonly Count[] _ofKind = new Count[InterestItem.Kinds];

    /// <summary>Counts a visit.</summary>
    /// <param name="kind">The item's kind; each has its own lists.</param>
    /// <param name="category">Its category; 0: none, which has no list.</param>
    /// <param name="item">The item.</param>
    /// <param name="timeSeconds">When, seconds since 1970 UTC.</param>
    /// <param name="strength">What the visit is worth.</param>
    public void Visit(InterestKind kind, uint category, uint item, uint timeSeconds, float strength)
    {
        ref var count = ref CountOf(item);
        count.Add(strength, timeSeconds);
        _ofKind[(int)kind].Add(strength, timeSeconds);
        if (category == 0) return;
        ref var leaders = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofCategory, InterestItem.Of(kind, category), out _);
        leaders ??= new Leaders { TimeSeconds = timeSeconds };
        Decay(leaders, timeSeconds);
        leaders.All += strength * ExponentialDecay.Factor(ExponentialDecay.Elapsed(timeSeconds, leaders.TimeSeconds), HalfLifeSeconds);
        var at = leaders.Items.AsSpan(0, leaders.Count).IndexOf(item);
        if (at < 0) at = Place(leaders, item, count.Weight);
        else leaders.Weights[at] = count.Weight;
        if (at < 0) return;
        // Heaviest first; of equals the one that was there first.
        var (items, weights, weight) = (leaders.Items, leaders.Weights, leaders.Weights[at]);
        for (; at > 0 && weights[at - 1] < weight; at--) (items[at], weights[at]) = (items[at - 1], weights[at - 1]);
        (items[at], weights[at]) = (item, weight);
    }

    /// <summary>A category's leaders, heaviest first.</summary>
    public ReadOnlySpan<uint> Of(InterestKind kind, uint category) =>
        _ofCategory.TryGetValue(InterestItem.Of(kind, category), out var leaders) ? leaders.Items.AsSpan(0, leaders.Count) : default;

    /// <summary>An item's share of its category's visits, 0 to 1.</summary>
    public float ShareOfCategory(InterestKind kind, uint category, uint item, uint nowSeconds)
    {
        var weight = Weight(item, nowSeconds);
        if (weight == 0 || !_ofCategory.TryGetValue(InterestItem.Of(kind, category), out var leaders)) return 0;
        var all = leaders.All * ExponentialDecay.Factor(ExponentialDecay.Elapsed(leaders.TimeSeconds, nowSeconds), HalfLifeSeconds);
        return Math.Min(1, weight / (all + Shrinkage));
    }

    /// <summary>An item's share of the visits to its kind, 0 to 1.</summary>
    public float ShareOfKind(uint item, uint nowSeconds) =>
        Math.Min(1, Weight(item, nowSeconds) / (_ofKind[(int)InterestItem.Kind(item)].At(nowSeconds) + Shrinkage));

    private float Weight(uint item, uint nowSeconds)
    {
        var counts = _counts[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        return row < counts.Length ? counts[row].At(nowSeconds) : 0;
    }

    private ref Count CountOf(uint item)
    {
        ref var counts = ref _counts[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        if (row >= counts.Length) Array.Resize(ref counts, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(row + 1));
        return ref counts[row];
    }

    // The place of an item that is not in the list; −1: the list is full and nobody is weaker.
    private static int Place(Leaders leaders, uint item, float weight)
    {
        if (leaders.Count == Most)
        {
            var weakest = Most - 1;
            if (leaders.Weights[weakest] >= weight) return -1;
            (leaders.Items[weakest], leaders.Weights[weakest]) = (item, weight);
            return weakest;
        }

        if (leaders.Count == leaders.Items.Length)
        {
            Array.Resize(ref leaders.Items, leaders.Count * 2);
            Array.Resize(ref leaders.Weights, leaders.Count * 2);
        }

        (leaders.Items[leaders.Count], leaders.Weights[leaders.Count]) = (item, weight);
        return leaders.Count++;
    }

    private static void Decay(Leaders leaders, uint timeSeconds)
    {
        var elapsed = ExponentialDecay.Elapsed(leaders.TimeSeconds, timeSeconds);
        if (elapsed <= FreshSeconds) return;
        var factor = ExponentialDecay.Factor(elapsed, HalfLifeSeconds);
        leaders.All *= factor;
        foreach (ref var weight in leaders.Weights.AsSpan(0, leaders.Count)) weight *= factor;
        leaders.TimeSeconds = timeSeconds;
    }
}
