namespace LiveGrains.Core;

/// <summary>
/// The prices as the request path uses them: what an item's price is now, and whether a cap has room for it. Prices of promises come from the ledger, those
/// of caps from the demand that is seen here. Slots that were given away and not yet counted are set against caps and targets, so that no cap
/// is passed between two prices. One thread.
/// </summary>
internal sealed class SlotPrices
{
    private readonly int[][] _places = [[], [], []];
    private readonly Queue<(long Second, int Place)> _shown = new();
    private readonly DemandCurves _demand = new();
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
        var price = PriceOf(groups.Own) + PriceOf(groups.Host) + PriceOf(groups.Category);
        return own.Wanted > 0 && _reserved[groups.Own] < own.Wanted ? new SlotPrice(price, own.Boost, own.Guarantee) : new SlotPrice(price, 0, 0);
    }

    /// <summary>True while no cap would be passed by one more impression of the item.</summary>
    public bool Allows(uint item)
    {
        var place = PlaceOf(item);
        if (place < 0) return !_prices.HoldsUnknown || InterestItem.Kind(item) != InterestKind.Room;
        ref readonly var groups = ref _prices.Items[place];
        return HasRoom(groups.Own) && HasRoom(groups.Host) && HasRoom(groups.Category);
    }

    /// <summary>A list was made. Each candidate says at which price of its group's cap it would still have had a slot; what a cap turned away is demand as well.</summary>
    /// <param name="items">The candidates, a few hundred at most.</param>
    /// <param name="scores">With all prices, finite.</param>
    /// <param name="outcomes">What became of each.</param>
    /// <param name="scale">The mean value of an impression, in the scores' unit; above 0.</param>
    public void Competed(ReadOnlySpan<uint> items, ReadOnlySpan<float> scores, ReadOnlySpan<SlotOutcome> outcomes, float scale)
    {
        Span<Rivals> rivals = [new(), new(), new()];
        Span<TrafficItem> groups = stackalloc TrafficItem[items.Length];
        var given = 0;
        var lowest = float.MaxValue;
        for (var i = 0; i < items.Length; i++)
        {
            if (outcomes[i] == SlotOutcome.Given) given++;
            if (outcomes[i] != SlotOutcome.None) lowest = Math.Min(lowest, scores[i]);
            groups[i] = PlaceOf(items[i]) is >= 0 and var place ? _prices.Items[place] : new TrafficItem(items[i], -1, -1, -1);
            for (var over = 0; over < rivals.Length; over++) rivals[over].Add(GroupOf(groups[i], over), scores[i], outcomes[i]);
        }

        if (given == 0) return;
        _demand.Given(_prices.Second, given);
        for (var i = 0; i < items.Length; i++)
        {
            if (outcomes[i] == SlotOutcome.None) continue;
            for (var over = 0; over < rivals.Length; over++)
            {
                var group = GroupOf(groups[i], over);
                if (!Group(group).IsCapped) continue;
                // A price is of the whole group: what counts is who else is there.
                var needed = outcomes[i] == SlotOutcome.Given ? Math.Clamp(rivals[over].BestWithout(group), lowest, scores[i]) : rivals[over].LastWith(group);
                _demand.Add(group, _prices.Second, (scores[i] - needed) / scale + CapPriceOf(group));
            }
        }
    }

    /// <summary>The prices of caps by group, as they held last.</summary>
    public float[] CapPrices()
    {
        var prices = new float[_prices.Groups.Length];
        for (var group = 0; group < prices.Length; group++) prices[group] = _demand.LastPriceOf(group);
        return prices;
    }

    /// <summary>Slots of a group that were given away and are in no price yet.</summary>
    public int ReservedOf(int group) => group < _reserved.Length ? _reserved[group] : 0;

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
        _demand.Clear();
        Array.Clear(_reserved);
        _known = 0;
        _changes = -1;
    }

    private GroupPrice Group(int number) => number < 0 || number >= _prices.Groups.Length ? GroupPrice.None : _prices.Groups[number];

    private float PriceOf(int number) => CapPriceOf(number) - Group(number).Floor;

    private float CapPriceOf(int number) => Group(number) is { IsCapped: true } group ? _demand.PriceOf(number, _prices.Second, group.Steady, group.Soon) : 0;

    // Of rooms and products, hosts, categories; −1: none.
    private static int GroupOf(in TrafficItem item, int over) => over == 0 ? item.Own : over == 1 ? item.Host : item.Category;

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

/// <summary>What became of a candidate for a list.</summary>
internal enum SlotOutcome : byte
{
    /// <summary>It would not have had a slot at any price.</summary>
    None,
    /// <summary>A cap turned it away.</summary>
    HeldBack,
    /// <summary>Others had higher scores.</summary>
    Lost,
    /// <summary>It has a slot.</summary>
    Given,
}

/// <summary>The last of those who have a slot and the best of those who lost, of any group but one.</summary>
internal struct Rivals()
{
    private (int Group, float Score, float Other) _last = (-2, float.PositiveInfinity, float.PositiveInfinity);
    private (int Group, float Score, float Other) _best = (-2, float.NegativeInfinity, float.NegativeInfinity);

    /// <summary>Takes a candidate of a group; −1: of none.</summary>
    public void Add(int group, float score, SlotOutcome outcome)
    {
        if (outcome == SlotOutcome.Given)
        {
            if (score < _last.Score) _last = (group, score, IsSame(group, _last.Group) ? _last.Other : _last.Score);
            else if (!IsSame(group, _last.Group)) _last.Other = Math.Min(_last.Other, score);
        }
        else if (outcome == SlotOutcome.Lost)
        {
            if (score > _best.Score) _best = (group, score, IsSame(group, _best.Group) ? _best.Other : _best.Score);
            else if (!IsSame(group, _best.Group)) _best.Other = Math.Max(_best.Other, score);
        }
    }

    /// <summary>The lowest score with a slot outside a group; infinite: none.</summary>
    public readonly float LastWith(int group) => IsSame(group, _last.Group) ? _last.Other : _last.Score;

    /// <summary>The highest score without a slot outside a group; negative infinite: none.</summary>
    public readonly float BestWithout(int group) => IsSame(group, _best.Group) ? _best.Other : _best.Score;

    private static bool IsSame(int group, int other) => group >= 0 && group == other;
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
