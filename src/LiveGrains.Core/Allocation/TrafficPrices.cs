namespace LiveGrains.Core;

/// <summary>What a group's rules mean for the next impression of it.</summary>
/// <param name="Floor">Price of floors, in mean values of an impression; added to the value.</param>
/// <param name="Boost">Price of the boosts that run, added to the value.</param>
/// <param name="Guarantee">Price of the guarantee that runs, added to the value.</param>
/// <param name="Wanted">Impressions until boost and guarantee are delivered; then they end.</param>
/// <param name="Left">Impressions until a cap is reached; <see cref="int.MaxValue"/>: no cap.</param>
/// <param name="Steady">Share of the impressions that caps leave until their windows end.</param>
/// <param name="Soon">Share that may be used up in the coming minutes.</param>
internal readonly record struct GroupPrice(float Floor, float Boost, float Guarantee, int Wanted, int Left, float Steady, float Soon)
{
    /// <summary>A group without rules.</summary>
    public static GroupPrice None { get; } = new(0, 0, 0, 0, int.MaxValue, 1, 1);

    /// <summary>True: it has a cap.</summary>
    public bool IsCapped => Left != int.MaxValue;
}

/// <summary>To which groups an item belongs; −1: to none of the kind.</summary>
internal readonly record struct TrafficItem(uint Item, int Own, int Host, int Category);

/// <summary>All prices as of the end of a second. Immutable: for any thread.</summary>
/// <param name="Version">Of the policy.</param>
/// <param name="Second">Impressions up to this second of the clock, exclusive, are in it.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Items">By number of the ledger; only grows under one <see cref="Epoch"/>.</param>
/// <param name="ItemCount">How many of them there are.</param>
/// <param name="Groups">By number of the ledger.</param>
/// <param name="Epoch">Another one when numbers mean other items than before.</param>
/// <param name="Changes">Counts changes of <paramref name="Items"/>.</param>
internal sealed record TrafficPrices(long Version, long Second, TrafficPolicy Policy, TrafficItem[] Items, int ItemCount, GroupPrice[] Groups, long Epoch, long Changes)
{
    /// <summary>True: rooms that are not among the items have no slots, because the allocator has not told of them yet.</summary>
    public bool HoldsUnknown { get; init; }
}
