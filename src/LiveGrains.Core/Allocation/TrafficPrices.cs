namespace LiveGrains.Core;

/// <summary>What a group's rules mean for the next impression of it.</summary>
/// <param name="Price">Caps less floors, in mean values of an impression; taken from the value.</param>
/// <param name="Boost">Price of the boosts that run, added to the value.</param>
/// <param name="Guarantee">Price of the guarantee that runs, added to the value.</param>
/// <param name="Wanted">Impressions until boost and guarantee are delivered; then they end.</param>
/// <param name="Left">Impressions until a cap is reached; <see cref="int.MaxValue"/>: no cap.</param>
internal readonly record struct GroupPrice(float Price, float Boost, float Guarantee, int Wanted, int Left)
{
    /// <summary>A group without rules.</summary>
    public static GroupPrice None { get; } = new(0, 0, 0, 0, int.MaxValue);
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
internal sealed record TrafficPrices(long Version, long Second, TrafficPolicy Policy, TrafficItem[] Items, int ItemCount, GroupPrice[] Groups, long Epoch, long Changes);
