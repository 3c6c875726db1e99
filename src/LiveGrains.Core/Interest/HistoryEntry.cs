using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>What a user did with an item, once is enough.</summary>
[Flags]
internal enum HistoryFlags : ushort
{
    None = 0,
    /// <summary>The user said that it is not for them.</summary>
    Disliked = 1,
    /// <summary>The user reported it.</summary>
    Reported = 2,
    /// <summary>The user paid for it, or gave money in it.</summary>
    Bought = 4,
    /// <summary>The user watched or opened it.</summary>
    Seen = 8,
    /// <summary>The user liked or shared it.</summary>
    Liked = 16,
    /// <summary>The user follows it.</summary>
    Followed = 32,
    /// <summary>The last that the user did with it was to leave at once.</summary>
    Left = 64,

    /// <summary>Must not be recommended again, so it must not be forgotten either.</summary>
    Unwanted = Disliked | Reported,
}

/// <summary>What an item is; the two high bits of an item's number.</summary>
internal enum InterestKind : uint
{
    Room = 0,
    Product = 1,
    Video = 2,
}

/// <summary>Numbers of items in histories and co-visits: the kind in the two high bits, the row's number in the other 30.</summary>
internal static class InterestItem
{
    /// <summary>Kinds that there are.</summary>
    public const int Kinds = 3;

    private const int RowBits = 30;
    private const uint RowMask = (1u << RowBits) - 1;

    /// <summary>The number of a kind's row, 0 &lt; row &lt; 2^30.</summary>
    public static uint Of(InterestKind kind, uint row) => (uint)kind << RowBits | row;

    public static InterestKind Kind(uint item) => (InterestKind)(item >> RowBits);

    public static uint Row(uint item) => item & RowMask;
}

/// <summary>One item of a user's history: 12 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct HistoryEntry
{
    /// <summary>As <see cref="InterestItem"/> numbers it.</summary>
    public uint Item;
    /// <summary>The last touch, seconds since 1970 UTC.</summary>
    public uint TimeSeconds;
    /// <summary>Sum of the strengths of all touches, decayed to <see cref="TimeSeconds"/>.</summary>
    public Half Weight;
    public HistoryFlags Flags;

    /// <summary>What the entry counts at a moment, in visits: its weight, or what a dislike takes away, decayed by its age.</summary>
    public readonly float WeightAt(uint nowSeconds) =>
        ((Flags & HistoryFlags.Unwanted) != 0 ? -UserAnswers.DislikeWeight : (float)Weight)
        * ExponentialDecay.Factor(ExponentialDecay.Elapsed(TimeSeconds, nowSeconds), ShardState.InterestHalfLifeSeconds);
}

/// <summary>What a touch found.</summary>
/// <param name="WasNew">The item was not in the history.</param>
/// <param name="Gap">How many items were touched after the item's touch before this one; the length of the history before when it was new.</param>
/// <param name="ElapsedSeconds">Since the item's touch before this one; 0 when it was new.</param>
internal readonly record struct HistoryTouch(bool WasNew, int Gap, uint ElapsedSeconds);
