namespace LiveGrains.Cli.Evaluate;

/// <summary>
/// Items by how often they were touched, most first, kept in order with every touch in constant time: an item changes places
/// with the first of those that have as many touches as it. Of equals the one that got there first is ahead, roughly.
/// </summary>
internal sealed class PopularityOrder
{
    private readonly List<uint> _order = [];
    private readonly Dictionary<uint, int> _place = [];
    private readonly Dictionary<uint, int> _counts = [];
    private readonly Dictionary<int, int> _firstOfCount = [];

    /// <summary>The items, most touched first.</summary>
    public IReadOnlyList<uint> Items => _order;

    /// <summary>All touches.</summary>
    public long Touches { get; private set; }

    /// <summary>Touches of an item.</summary>
    public int Count(uint item) => _counts.GetValueOrDefault(item);

    /// <summary>An item's place from 0; that behind all others when nobody touched it.</summary>
    public int Place(uint item) => _place.TryGetValue(item, out var place) ? place : _order.Count;

    /// <summary>Counts a touch.</summary>
    public void Add(uint item)
    {
        Touches++;
        var count = _counts.GetValueOrDefault(item);
        _counts[item] = count + 1;
        if (count == 0)
        {
            _place[item] = _order.Count;
            _order.Add(item);
            _firstOfCount.TryAdd(1, _order.Count - 1);
            return;
        }

        var first = _firstOfCount[count];
        var place = _place[item];
        var other = _order[first];
        (_order[first], _order[place]) = (item, other);
        _place[other] = place;
        _place[item] = first;
        if (first + 1 < _order.Count && _counts[_order[first + 1]] == count) _firstOfCount[count] = first + 1;
        else _firstOfCount.Remove(count);
        _firstOfCount.TryAdd(count + 1, first);
    }
}
