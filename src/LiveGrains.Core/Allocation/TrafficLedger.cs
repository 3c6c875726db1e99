using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// What a policy promised, what was delivered of it, and the price of each promise: a part of the state of one shard, a pure
/// function of the policies, impressions, catalog events and clocks of its log. One thread.
/// </summary>
/// <remarks>
/// Files: this one takes what happens; <c>Tick</c> moves prices at the end of each second that had impressions; <c>Rules</c> makes
/// rules out of a policy; <c>Storage</c> saves and loads.
/// </remarks>
internal sealed partial class TrafficLedger
{
    /// <summary>Most groups: rooms, hosts, categories and boosted products. What comes later is without rules.</summary>
    public const int MaxGroups = 1 << 20;

    /// <summary>Most rooms and boosted products that belong to groups.</summary>
    public const int MaxItems = 1 << 20;

    private readonly List<PricedGroup> _groups = [];
    private readonly Dictionary<(PricedGroupKind Kind, string Key), int> _numbers = [];
    private readonly Dictionary<uint, int> _places = [];
    private readonly List<int> _changed = [];
    private List<TrafficRule> _rules = [];
    private TrafficItem[] _items = new TrafficItem[64];
    private long[] _changedAt = new long[64]; // by number of the item: the count of changes at its last one
    private int _itemCount;
    private bool _itemsAreShared;
    private long _itemChanges;
    private readonly HashSet<uint> _live = [];
    private readonly int[] _liveGroups = new int[4];
    private long _pending;
    private long _second = long.MinValue;
    private double _rate;
    private double _rateWeight;
    private readonly DemandForecast _demand = new();
    private long _total;
    private long _lastSecond = long.MinValue;
    private long _nextEndMs = long.MaxValue;
    private TrafficPrices? _prices;

    /// <summary>Makes a ledger for the first policy.</summary>
    public TrafficLedger(TrafficPolicy policy, long version, long clockMs)
    {
        Policy = policy;
        AdvanceTo(clockMs);
        Replace(policy, version);
    }

    /// <summary>The policy that holds.</summary>
    public TrafficPolicy Policy { get; private set; }

    /// <summary>Its version.</summary>
    public long Version { get; private set; }

    /// <summary>Impressions counted.</summary>
    public long Total => _total + _pending;

    /// <summary>Impressions a second, lately.</summary>
    public double Rate => _rateWeight > 0 ? _rate / _rateWeight : 0;

    /// <summary>The rules of the policy.</summary>
    public IReadOnlyList<TrafficRule> Rules => _rules;

    /// <summary>All groups by number.</summary>
    public IReadOnlyList<PricedGroup> Groups => _groups;

    /// <summary>Where what is counted is noted for shards that give slots away elsewhere; null: nowhere. No part of the state.</summary>
    public CountedImpressions? Counted { get; set; }

    /// <summary>True: the item is on air (a room), or known (a product).</summary>
    public bool IsLive(uint item) => _live.Contains(item);

    /// <summary>An item is new or its host or category is another.</summary>
    /// <param name="item">As <see cref="InterestItem"/> numbers it.</param>
    /// <param name="id">Its id.</param>
    /// <param name="host">Its host; empty: none.</param>
    /// <param name="category">Its category; empty: none.</param>
    public void Describe(uint item, string id, string host, string category)
    {
        var isRoom = InterestItem.Kind(item) == InterestKind.Room;
        if ((!isRoom && !IsBoosted(id)) || (_itemCount == MaxItems && !_places.ContainsKey(item))) return;
        var place = new TrafficItem(
            item, Number(isRoom ? PricedGroupKind.Room : PricedGroupKind.Product, id),
            isRoom && host.Length > 0 ? Number(PricedGroupKind.Host, host) : -1, isRoom && category.Length > 0 ? Number(PricedGroupKind.Category, category) : -1);
        ref var at = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, item, out var known);
        if (known)
        {
            if (_items[at] == place) return;
            if (_live.Contains(item)) CountLive(_items[at], -1);
            ShareNothing();
            _items[at] = place;
        }
        else
        {
            if (_itemCount == _items.Length)
            {
                Array.Resize(ref _items, 2 * _itemCount);
                Array.Resize(ref _changedAt, 2 * _itemCount);
            }

            _items[_itemCount] = place;
            at = _itemCount++;
        }

        _changedAt[at] = ++_itemChanges;
        _prices = null;
        if (_live.Contains(item)) CountLive(place, 1);
    }

    /// <summary>A room that was described goes on air.</summary>
    public void GoOnAir(uint item, long clockMs)
    {
        if (!_places.TryGetValue(item, out var at) || !_live.Add(item)) return;
        _prices = null;
        var place = _items[at];
        CountLive(place, 1);
        for (var i = 0; i < _rules.Count; i++)
        {
            var rule = _rules[i];
            if (rule.Kind != TrafficRuleKind.Guarantee || place.Own < 0) continue;
            var lifetime = place.Host >= 0 ? Lifetime(_groups[place.Host]) : Lifetime(_groups[place.Own]);
            if (lifetime >= rule.HostBelow) continue;
            AddLine(i, place.Own, clockMs, clockMs + rule.WindowMs);
            _nextEndMs = Math.Min(_nextEndMs, clockMs + rule.WindowMs);
        }
    }

    /// <summary>A room goes off air: what it was guaranteed ends.</summary>
    public void GoOffAir(uint item)
    {
        if (!_live.Remove(item)) return;
        var place = _items[_places[item]];
        CountLive(place, -1);
        if (place.Own < 0) return;
        var lines = _groups[place.Own].Lines;
        // It ended before its time was over: nobody broke the promise.
        for (var i = lines.Count - 1; i >= 0; i--)
        {
            if (_rules[lines[i].Rule].Kind == TrafficRuleKind.Guarantee) EndGuarantee(_groups[place.Own], lines[i], isDue: false);
        }
    }

    /// <summary>Cards of an item were shown.</summary>
    /// <param name="item">The item.</param>
    /// <param name="count">How many.</param>
    /// <param name="clockMs">The clock.</param>
    /// <param name="user">Hash of the user who saw them.</param>
    public void Delivered(uint item, uint count, long clockMs, ulong user = 0)
    {
        AdvanceTo(clockMs);
        if (InterestItem.Kind(item) == InterestKind.Room) _pending += count;
        if (!_places.TryGetValue(item, out var at)) return;
        Counted?.Add(user, at);
        ref readonly var place = ref _items[at];
        Count(place.Own, count);
        Count(place.Host, count);
        Count(place.Category, count);
    }

    /// <summary>Items that belong to groups.</summary>
    public int ItemCount => _itemCount;

    /// <summary>Counts items that were described anew or otherwise, since the ledger is in memory.</summary>
    public long ItemChanges => _itemChanges;

    /// <summary>The item of a number.</summary>
    public TrafficItem ItemAt(int number) => _items[number];

    /// <summary>True when the item of a number was described after so many changes of items.</summary>
    public bool IsChangedSince(int number, long changes) => _changedAt[number] > changes;

    /// <summary>Tells what a host had before there was a ledger.</summary>
    public void HadBefore(uint item, long impressions)
    {
        if (impressions <= 0 || !_places.TryGetValue(item, out var at)) return;
        var place = _items[at];
        if (place.Own >= 0) _groups[place.Own].Lifetime += impressions;
        if (place.Host >= 0) _groups[place.Host].Lifetime += impressions;
    }

    /// <summary>Moves the clock on: seconds that are over are settled.</summary>
    public void AdvanceTo(long clockMs)
    {
        var second = FloorDivide(clockMs, 1000);
        if (second <= _second) return;
        if (_second != long.MinValue) Tick(second);
        Counted?.Settle();
        _second = second;
        _prices = null;
    }

    /// <summary>The prices as of the clock's second.</summary>
    public TrafficPrices Prices => _prices ??= Publish();

    private static long Lifetime(PricedGroup group) => group.Lifetime + group.Pending;

    private static long FloorDivide(long value, long by) => value >= 0 ? value / by : (value - (by - 1)) / by;

    private void Count(int number, uint count)
    {
        if (number < 0) return;
        var group = _groups[number];
        if (group.Pending == 0) _changed.Add(number);
        group.Pending += count;
    }

    private void CountLive(in TrafficItem place, int step)
    {
        CountLive(place.Own, step);
        CountLive(place.Host, step);
        CountLive(place.Category, step);
    }

    private void CountLive(int number, int step)
    {
        if (number < 0) return;
        var group = _groups[number];
        group.Live += step;
        if (step > 0 && group.Live == 1) _liveGroups[(int)group.Kind]++;
        else if (step < 0 && group.Live == 0) _liveGroups[(int)group.Kind]--;
        if (step > 0 && group.Live == 1) AddLines(number);
    }

    private int Number(PricedGroupKind kind, string key)
    {
        if (_numbers.TryGetValue((kind, key), out var number)) return number;
        if (_groups.Count == MaxGroups) return -1;
        number = _groups.Count;
        _groups.Add(new PricedGroup { Kind = kind, Key = key });
        _numbers[(kind, key)] = number;
        if (kind == PricedGroupKind.Product || HasOwnRules(kind, key)) AddLines(number);
        return number;
    }

    // Published prices keep the array as it was; only what is behind their count may be written.
    private void ShareNothing()
    {
        if (!_itemsAreShared) return;
        _items = [.. _items];
        _itemsAreShared = false;
    }

    private TrafficPrices Publish()
    {
        var groups = new GroupPrice[_groups.Count];
        for (var i = 0; i < groups.Length; i++) groups[i] = PriceOf(_groups[i]);
        _itemsAreShared = true;
        return new TrafficPrices(Version, _second, Policy, _items, _itemCount, groups, 0, _itemChanges);
    }
}
