using System.Numerics;
using LiveGrains.Core;

namespace LiveGrains.Engine.Recommendations;

/// <summary>
/// What other engines told last of items whose shards they have: numbers, and for an item of which no event came here whether it is
/// available. Seconds old. One thread: the recommender's.
/// </summary>
internal sealed class ItemsElsewhere
{
    // A catalog event is on its way to several shards for less than that.
    private const int RoundsOfOwner = 3;

    private readonly Told[][] _kinds = [.. Enumerable.Range(0, InterestItem.Kinds).Select(_ => new Told[64])];

    /// <summary>Notes what was told, and whether the item is available by the catalog events that came here; null: none did.</summary>
    public void Set(uint item, bool isAvailable, bool? isAvailableHere, in ItemNumbers numbers)
    {
        ref var told = ref _kinds[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        if (row >= (uint)told.Length) Array.Resize(ref told, (int)BitOperations.RoundUpToPowerOf2(row + 1));
        told[row] = new Told(true, isAvailable, (isAvailableHere ?? isAvailable) == isAvailable ? 0 : Math.Min(RoundsOfOwner, told[row].Differs + 1), numbers);
    }

    /// <summary>
    /// True: the catalog events that came here say something else of the item than its shard, and have for some rounds. Two that were sent at once may
    /// have come here in another order than there; what holds there holds.
    /// </summary>
    public bool IsOtherwise(uint item) => Of(item).Differs == RoundsOfOwner;

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

    private readonly record struct Told(bool IsKnown, bool IsAvailable, int Differs, ItemNumbers Numbers);
}
