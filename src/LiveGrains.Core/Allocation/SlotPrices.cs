namespace LiveGrains.Core;

/// <summary>
/// The prices as the request path uses them: what an item's price is now, and whether a cap has room for it. Slots that were given
/// away and not yet counted are set against caps and targets, so that no cap is passed between two prices. One thread.
/// </summary>
internal sealed class SlotPrices
{
    private readonly int[][] _places = [[], [], []];
    private readonly Queue<(long Second, int Place)> _shown = new();
    private TrafficPrices _prices = new(0, long.MinValue, new TrafficPolicy(), [], 0, [], 0, -1);
    private int[] _reserved = [];
    private int _known;
    private long _changes = -1;

    /// <summary>The prices that hold.</summary>
    public TrafficPrices Prices => _prices;

    /// <summary>Takes newer prices.</summary>
    /// <param name="prices">The prices.</param>
    /// <param name="numberOf">The number of the ledger's item here.</param>
    public void Take(TrafficPrices prices, Func<uint, uint> numberOf)
    {
        if (ReferenceEquals(prices, _prices)) return;
        if (prices.Epoch != _prices.Epoch) Forget();
        if (prices.Changes != _changes)
        {
            // Items that were there may have moved to another host; those behind are new.
            for (var i = 0; i < prices.ItemCount; i++)
            {
                if (i < _known && ReferenceEquals(prices.Items, _prices.Items)) continue;
                Place(numberOf(prices.Items[i].Item)) = i + 1;
            }

            _known = prices.ItemCount;
            _changes = prices.Changes;
        }

        _prices = prices;
        if (_reserved.Length < prices.Groups.Length) Array.Resize(ref _reserved, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)prices.Groups.Length));
        while (_shown.TryPeek(out var shown) && shown.Second < prices.Second) Reserve(_shown.Dequeue().Place, -1);
    }

    /// <summary>What the rules mean for an item: its price, its boost, its guarantee, in mean values of an impression.</summary>
    public SlotPrice Of(uint item)
    {
        var place = PlaceOf(item);
        if (place < 0) return default;
        ref readonly var groups = ref _prices.Items[place];
        var own = Group(groups.Own);
        var price = own.Price + Group(groups.Host).Price + Group(groups.Category).Price;
        return own.Wanted > 0 && _reserved[groups.Own] < own.Wanted ? new SlotPrice(price, own.Boost, own.Guarantee) : new SlotPrice(price, 0, 0);
    }

    /// <summary>True while no cap would be passed by one more impression of the item.</summary>
    public bool Allows(uint item)
    {
        var place = PlaceOf(item);
        if (place < 0) return true;
        ref readonly var groups = ref _prices.Items[place];
        return HasRoom(groups.Own) && HasRoom(groups.Host) && HasRoom(groups.Category);
    }

    /// <summary>A slot was given to the item.</summary>
    public void Reserve(uint item) => Reserve(PlaceOf(item), 1);

    /// <summary>A slot that was given to the item is not shown any more.</summary>
    public void Release(uint item) => Reserve(PlaceOf(item), -1);

    /// <summary>A slot that was given to the item was shown in a second of the clock; prices of a later one have it counted.</summary>
    public void Shown(uint item, long second)
    {
        var place = PlaceOf(item);
        if (place < 0) return;
        if (second < _prices.Second) Reserve(place, -1);
        else _shown.Enqueue((second, place));
    }

    private void Forget()
    {
        foreach (var places in _places) places.AsSpan().Clear();
        _shown.Clear();
        Array.Clear(_reserved);
        _known = 0;
        _changes = -1;
    }

    private GroupPrice Group(int number) => number < 0 || number >= _prices.Groups.Length ? GroupPrice.None : _prices.Groups[number];

    private bool HasRoom(int number) => number < 0 || number >= _prices.Groups.Length || _reserved[number] < _prices.Groups[number].Left;

    private void Reserve(int place, int step)
    {
        if (place < 0) return;
        ref readonly var groups = ref _prices.Items[place];
        if (groups.Own >= 0) _reserved[groups.Own] += step;
        if (groups.Host >= 0) _reserved[groups.Host] += step;
        if (groups.Category >= 0) _reserved[groups.Category] += step;
    }

    private int PlaceOf(uint item)
    {
        var places = _places[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        return row < (uint)places.Length ? places[row] - 1 : -1;
    }

    private ref int Place(uint item)
    {
        ref var places = ref _places[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        if (row >= (uint)places.Length) Array.Resize(ref places, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(row + 1));
        return ref places[row];
    }
}

/// <summary>What the rules mean for one slot, in mean values of an impression.</summary>
/// <param name="Price">Caps less floors.</param>
/// <param name="Boost">Of boosts.</param>
/// <param name="Guarantee">Of guarantees.</param>
internal readonly record struct SlotPrice(float Price, float Boost, float Guarantee)
{
    /// <summary>What is added to the value.</summary>
    public float Sum => Boost + Guarantee - Price;
}
