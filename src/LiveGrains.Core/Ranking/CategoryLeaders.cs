using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// The items of each category that users come to now, counted with every visit and decayed by half in <see cref="LeaderList.HalfLifeSeconds"/>.
/// Each item has its count, eight bytes; a category has a list of its heaviest, at most <see cref="LeaderList.Most"/>, which is exact: a count
/// grows only with a visit, and that is when the item is compared with the list's last. One thread.
/// </summary>
internal sealed class CategoryLeaders
{
    private struct Count
    {
        public float Weight;
        public uint TimeSeconds;

        // Histories that are told again after a restart come user by user, not by time.
        public void Add(float strength, uint timeSeconds)
        {
            Weight = At(timeSeconds) + strength * ExponentialDecay.Factor(ExponentialDecay.Elapsed(timeSeconds, TimeSeconds), LeaderList.HalfLifeSeconds);
            TimeSeconds = Math.Max(TimeSeconds, timeSeconds);
        }

        public readonly float At(uint nowSeconds) => Weight * ExponentialDecay.Factor(ExponentialDecay.Elapsed(TimeSeconds, nowSeconds), LeaderList.HalfLifeSeconds);
    }

    private readonly Dictionary<uint, LeaderList> _ofCategory = [];
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
        leaders ??= new LeaderList(timeSeconds);
        leaders.Count(timeSeconds, strength);
        var at = leaders.Items.IndexOf(item);
        if (at >= 0) leaders.Put(at, item, count.Weight);
        else if (!leaders.IsFull) leaders.Put(leaders.Items.Length, item, count.Weight);
        else if (leaders.Weights[^1] < count.Weight) leaders.Put(LeaderList.Most - 1, item, count.Weight);
    }

    /// <summary>A category's leaders, heaviest first.</summary>
    public ReadOnlySpan<uint> Of(InterestKind kind, uint category) =>
        _ofCategory.TryGetValue(InterestItem.Of(kind, category), out var leaders) ? leaders.Items : default;

    /// <summary>The visits to a category's items, all together, and those added so that a few do not make a strong opinion.</summary>
    public float OfCategory(InterestKind kind, uint category, uint nowSeconds) =>
        LeaderList.Shrinkage + (_ofCategory.TryGetValue(InterestItem.Of(kind, category), out var leaders) ? leaders.AllAt(nowSeconds) : 0);

    /// <summary>The visits to a kind's items, all together, and those added so that a few do not make a strong opinion.</summary>
    public float OfKind(InterestKind kind, uint nowSeconds) => LeaderList.Shrinkage + _ofKind[(int)kind].At(nowSeconds);

    /// <summary>Brings an item's count into the cache.</summary>
    public unsafe void Prefetch(uint item)
    {
        var counts = _counts[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        if (Sse.IsSupported && row < counts.Length) Sse.Prefetch0(Unsafe.AsPointer(ref counts[row]));
    }

    /// <summary>The visits to an item.</summary>
    public float OfItem(uint item, uint nowSeconds)
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
}
