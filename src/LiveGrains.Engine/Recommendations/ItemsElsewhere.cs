using System.Numerics;
using LiveGrains.Core;

namespace LiveGrains.Engine.Recommendations;

/// <summary>
/// What other engines told last of items whose shards they have: numbers, and for an item of which no event came here whether it is
/// available. Seconds old. One thread: the recommender's.
/// </summary>
internal sealed class ItemsElsewhere
{
    private readonly Told[][] _kinds = [.. Enumerable.Range(0, InterestItem.Kinds).Select(_ => new Told[64])];

    /// <summary>Notes what was told.</summary>
    public void Set(uint item, bool isAvailable, in ItemNumbers numbers)
    {
        ref var told = ref _kinds[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        if (row >= (uint)told.Length) Array.Resize(ref told, (int)BitOperations.RoundUpToPowerOf2(row + 1));
        told[row] = new Told(true, isAvailable, numbers);
    }

    /// <summary>True when the item was available; false also when nothing was told.</summary>
    public bool IsAvailable(uint item) => Of(item).IsAvailable;

    /// <summary>The numbers that were told.</summary>
    public bool TryNumbers(uint item, out ItemNumbers numbers)
    {
        var told = Of(item);
        numbers = told.Numbers;
        return told.IsKnown;
    }

    private Told Of(uint item)
    {
        var told = _kinds[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        return row < (uint)told.Length ? told[row] : default;
    }

    private readonly record struct Told(bool IsKnown, bool IsAvailable, ItemNumbers Numbers);
}
