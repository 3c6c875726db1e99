using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// The prices as the request path uses them: what an item's price is now, and whether a cap has room for it. Prices of promises come from the ledger, those
/// of caps from the demand that is seen here. Slots that were given away and not yet counted are set against caps and targets, so that no cap
/// is passed between two prices. One thread.
/// </summary>
/// <remarks>
/// A list touches a line of the cache for each candidate and for each of its groups, which can be on their way from memory before they are needed
/// (<see cref="PrefetchItem"/>, then <see cref="PrefetchGroups"/>, then <see cref="PrefetchRules"/>). What prices mean for a group is put together when it is first asked for after they
/// came, so that taking them costs nothing for all the others.
/// </remarks>
internal sealed unsafe class SlotPrices
{
    // A price of a cap is read again after so many seconds.
    private const int PricedSeconds = 2;
    private static readonly GroupPrice _withoutRules = GroupPrice.None;

    private readonly LineAlignedRows<ItemGroups>[] _items = [new(), new(), new()];
    // By number of the ledger + 1. The first one has no rules: it is that of those who belong to none.
    private readonly LineAlignedRows<GroupRow> _groups = new();
    private readonly List<(long Second, SlotGroups Groups)> _shown = [];
    private readonly DemandCurves _demand = new();
    private TrafficPrices _prices = new(0, long.MinValue, new TrafficPolicy(), [], 0, [], 0, -1);
    private int _generation = 1;
    private int _known;
    private int _epoch;
    private long _changes = -1;

    // Of rooms and products, hosts, categories: number of the ledger + 1; 0: none. A fourth, 1 when the ledger has the item, so that a row lies in one line.
    [InlineArray(Dimensions + 1)]
    private struct ItemGroups
    {
        public const int Dimensions = 3;
        public const int Known = 3;

        private int _own;
    }

    [StructLayout(LayoutKind.Sequential, Size = 32)]
    private struct GroupRow
    {
        /// <summary>Of the prices that it was made of.</summary>
        public int Generation;
        /// <summary>Second of the clock in which the price of the cap was read, modulo 2^32.</summary>
        public int PricedAt;
        public float CapPrice;
        /// <summary>Of caps less floors.</summary>
        public float Price;
        /// <summary>Impressions until a cap is reached; <see cref="int.MaxValue"/>: no cap.</summary>
        public int Left;
        /// <summary>Impressions until boost and guarantee end.</summary>
        public int Wanted;
        /// <summary>Slots that were given away and are not yet counted in the prices.</summary>
        public int Reserved;

        public readonly bool IsCapped => Left != int.MaxValue;

        public readonly bool HasRoom => Reserved < Left;
    }

    /// <summary>Makes prices of a platform without a policy.</summary>
    public SlotPrices() => _groups.Grow(1);

    /// <summary>The prices that hold.</summary>
    public TrafficPrices Prices => _prices;

    /// <summary>Takes newer prices.</summary>
    /// <param name="prices">The prices.</param>
    /// <param name="numberOf">The number of the ledger's item here.</param>
    public void Take(TrafficPrices prices, Func<uint, uint> numberOf)
    {
        if (ReferenceEquals(prices, _prices)) return;
        if (prices.Epoch != _prices.Epoch) Forget();
        // First of all: numbers of groups that items have are never behind the rows.
        _groups.Grow(prices.Groups.Length + 1);
        if (prices.Changes != _changes)
        {
            // Items that were there may have moved to another host; those behind are new.
            for (var i = 0; i < prices.ItemCount; i++)
            {
                if (i < _known && ReferenceEquals(prices.Items, _prices.Items)) continue;
                Place(numberOf(prices.Items[i].Item), prices.Items[i], prices.Groups.Length);
            }

            _known = prices.ItemCount;
            _changes = prices.Changes;
        }

        _prices = prices;
        _generation++;
        CountShown();
    }

    // What the prices have counted is no longer reserved: some thousand slots of the second that is over, all over the memory.
    private void CountShown()
    {
        const int Ahead = 8;
        var counted = 0;
        for (; counted < _shown.Count && _shown[counted].Second < _prices.Second; counted++)
        {
            if (counted + Ahead < _shown.Count) Prefetch(_shown[counted + Ahead].Groups);
            Release(_shown[counted].Groups);
        }

        _shown.RemoveRange(0, counted);
    }

    /// <summary>Brings the item's place on its way from memory.</summary>
    public void PrefetchItem(uint item) => _items[(int)InterestItem.Kind(item)].Prefetch((int)InterestItem.Row(item));

    /// <summary>And what its groups have.</summary>
    public void PrefetchGroups(uint item)
    {
        var groups = GroupsOf(item);
        for (var over = 0; over < ItemGroups.Dimensions; over++) _groups.Prefetch(groups[over]);
    }

    /// <summary>And then the rules of those whose price is not known yet.</summary>
    public void PrefetchRules(uint item)
    {
        var groups = GroupsOf(item);
        for (var over = 0; over < ItemGroups.Dimensions; over++)
        {
            var number = groups[over];
            if (_groups[number]->Generation == _generation) continue;
            if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in RulesOf(number))));
            _demand.PrefetchPlace(number - 1);
        }
    }

    /// <summary>What the rules mean for an item: its price, its boost, its guarantee, in mean values of an impression.</summary>
    public SlotPrice Of(uint item)
    {
        var groups = GroupsOf(item);
        var own = Group(groups[0]);
        var price = own->Price + Group(groups[1])->Price + Group(groups[2])->Price;
        if (own->Reserved >= own->Wanted) return new SlotPrice(price, 0, 0);
        ref readonly var rules = ref RulesOf(groups[0]);
        return new SlotPrice(price, rules.Boost, rules.Guarantee);
    }

    /// <summary>True while no cap would be passed by one more impression of the item.</summary>
    public bool Allows(uint item)
    {
        var groups = GroupsOf(item);
        if (_prices.HoldsUnknown && groups[ItemGroups.Known] == 0 && InterestItem.Kind(item) == InterestKind.Room) return false;
        return Group(groups[0])->HasRoom && Group(groups[1])->HasRoom && Group(groups[2])->HasRoom;
    }

    /// <summary>A list was made. Each candidate says at which price of its group's cap it would still have had a slot; what a cap turned away is demand as well.</summary>
    /// <param name="items">The candidates, a few hundred at most.</param>
    /// <param name="scores">With all prices, finite.</param>
    /// <param name="outcomes">What became of each.</param>
    /// <param name="scale">The mean value of an impression, in the scores' unit; above 0.</param>
    public void Competed(ReadOnlySpan<uint> items, ReadOnlySpan<float> scores, ReadOnlySpan<SlotOutcome> outcomes, float scale)
    {
        Span<Rivals> rivals = [new(), new(), new()];
        Span<ItemGroups> groups = stackalloc ItemGroups[items.Length];
        Span<Demand> demands = stackalloc Demand[items.Length * ItemGroups.Dimensions];
        var wanted = 0;
        var given = 0;
        var lowest = float.MaxValue;
        for (var i = 0; i < items.Length; i++)
        {
            if (outcomes[i] == SlotOutcome.Given) given++;
            if (outcomes[i] != SlotOutcome.None) lowest = Math.Min(lowest, scores[i]);
            groups[i] = GroupsOf(items[i]);
            for (var over = 0; over < rivals.Length; over++) rivals[over].Add(groups[i][over], scores[i], outcomes[i]);
        }

        if (given == 0) return;
        _demand.Given(_prices.Second, given);
        for (var i = 0; i < items.Length; i++)
        {
            if (outcomes[i] == SlotOutcome.None) continue;
            for (var over = 0; over < rivals.Length; over++)
            {
                var number = groups[i][over];
                var group = Group(number);
                if (!group->IsCapped) continue;
                // A price is of the whole group: what counts is who else is there.
                var needed = outcomes[i] == SlotOutcome.Given ? Math.Clamp(rivals[over].BestWithout(number), lowest, scores[i]) : rivals[over].LastWith(number);
                var price = (scores[i] - needed) / scale + group->CapPrice;
                if (price > 0) demands[wanted++] = new Demand(number - 1, price);
            }
        }

        _demand.Add(demands[..wanted], _prices.Second);
    }

    /// <summary>The prices of caps by group, as they held last.</summary>
    public float[] CapPrices()
    {
        var prices = new float[_prices.Groups.Length];
        for (var group = 0; group < prices.Length; group++) prices[group] = _groups[group + 1]->CapPrice;
        return prices;
    }

    /// <summary>Slots of a group that were given away and are in no price yet.</summary>
    public int ReservedOf(int group) => group + 1 < _groups.Length ? _groups[group + 1]->Reserved : 0;

    /// <summary>A slot was given to the item. Returns what it is set against until it is released or counted: by then the item may have moved to another host.</summary>
    public SlotGroups Reserve(uint item)
    {
        var of = GroupsOf(item);
        for (var over = 0; over < ItemGroups.Dimensions; over++) _groups[of[over]]->Reserved++;
        return new SlotGroups(of[0], of[1], of[2], _epoch);
    }

    /// <summary>A slot that was given is not shown any more.</summary>
    public void Release(in SlotGroups groups)
    {
        // Its numbers mean others now, of which nothing is reserved.
        if (groups.Epoch != _epoch) return;
        _groups[groups.Own]->Reserved--;
        _groups[groups.Host]->Reserved--;
        _groups[groups.Category]->Reserved--;
    }

    /// <summary>A slot that was given was shown in a second of the clock; prices of a later one have it counted.</summary>
    public void Shown(in SlotGroups groups, long second)
    {
        if (second < _prices.Second) Release(groups);
        else _shown.Add((second, groups));
    }

    private void Forget()
    {
        foreach (var items in _items) items.Clear();
        _groups.Clear();
        _shown.Clear();
        _demand.Clear();
        _known = 0;
        _changes = -1;
        _epoch++;
    }

    private void Prefetch(in SlotGroups groups)
    {
        _groups.Prefetch(groups.Own);
        _groups.Prefetch(groups.Host);
        _groups.Prefetch(groups.Category);
    }

    private ref readonly GroupPrice RulesOf(int number) => ref (uint)(number - 1) < (uint)_prices.Groups.Length ? ref _prices.Groups[number - 1] : ref _withoutRules;

    private GroupRow* Group(int number)
    {
        var group = _groups[number];
        if (group->Generation != _generation) Refresh(group, number);
        return group;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refresh(GroupRow* group, int number)
    {
        ref readonly var rules = ref RulesOf(number);
        group->Generation = _generation;
        group->Left = rules.Left;
        group->Wanted = rules.Wanted;
        if (rules.IsCapped && (int)_prices.Second - group->PricedAt is < 0 or >= PricedSeconds && _demand.Knows(number - 1))
        {
            group->CapPrice = _demand.PriceOf(number - 1, _prices.Second, rules.Steady, rules.Soon);
            group->PricedAt = (int)_prices.Second;
        }

        group->Price = (rules.IsCapped ? group->CapPrice : 0) - rules.Floor;
    }

    private ItemGroups GroupsOf(uint item)
    {
        var items = _items[(int)InterestItem.Kind(item)];
        var row = (int)InterestItem.Row(item);
        return row < items.Length ? *items[row] : default;
    }

    private void Place(uint item, in TrafficItem groups, int count)
    {
        var items = _items[(int)InterestItem.Kind(item)];
        var row = (int)InterestItem.Row(item);
        items.Grow(row + 1);
        var place = items[row];
        (*place)[0] = NumberOf(groups.Own, count);
        (*place)[1] = NumberOf(groups.Host, count);
        (*place)[2] = NumberOf(groups.Category, count);
        (*place)[ItemGroups.Known] = 1;
    }

    // A group without a price is none.
    private static int NumberOf(int group, int count) => (uint)group < (uint)count ? group + 1 : 0;
}

/// <summary>The groups that a slot is set against.</summary>
/// <param name="Own">Row of the room's or product's group; 0: none.</param>
/// <param name="Host">Of the host.</param>
/// <param name="Category">Of the category.</param>
/// <param name="Epoch">In which these are their numbers.</param>
internal readonly record struct SlotGroups(int Own, int Host, int Category, int Epoch);

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
    private (int Group, float Score, float Other) _last = (-1, float.PositiveInfinity, float.PositiveInfinity);
    private (int Group, float Score, float Other) _best = (-1, float.NegativeInfinity, float.NegativeInfinity);

    /// <summary>Takes a candidate of a group; 0: of none.</summary>
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

    private static bool IsSame(int group, int other) => group > 0 && group == other;
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
