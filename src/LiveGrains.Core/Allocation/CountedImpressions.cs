namespace LiveGrains.Core;

/// <summary>
/// Which impressions a ledger counted lately, in their order. Shards that gave the slots away hear of it, and hold a slot until then: so it is
/// always either among those that are held or in the prices. Bounded: of who comes too late the oldest are forgotten, and those slots are held until
/// their time is over. One thread.
/// </summary>
internal sealed class CountedImpressions
{
    /// <summary>Impressions that are remembered.</summary>
    public const int Capacity = 1 << 17;

    private readonly CountedImpression[] _ring = new CountedImpression[Capacity];
    private long _next;

    /// <summary>Those before this one are in the prices of the second that runs.</summary>
    public long Settled { get; private set; }

    /// <summary>An impression was counted.</summary>
    /// <param name="user">Hash of the user.</param>
    /// <param name="place">Of the item in <see cref="TrafficPrices.Items"/>.</param>
    public void Add(ulong user, int place) => _ring[_next++ % Capacity] = new CountedImpression(user, place);

    /// <summary>A second is over: what was counted is in the prices from now on.</summary>
    public void Settle() => Settled = _next;

    /// <summary>Adds those from a number to <see cref="Settled"/> that a condition holds for.</summary>
    public void Read(long from, Predicate<ulong> isOf, List<CountedImpression> into)
    {
        for (var at = Math.Max(from, _next - Capacity); at < Settled; at++)
        {
            if (isOf(_ring[at % Capacity].User)) into.Add(_ring[at % Capacity]);
        }
    }
}

/// <summary>An impression: the hash of the user, and the place of the item.</summary>
internal readonly record struct CountedImpression(ulong User, long Place);
