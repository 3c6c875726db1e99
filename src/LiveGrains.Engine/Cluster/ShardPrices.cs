using System.Runtime.InteropServices;
using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Recommendations;

namespace LiveGrains.Engine.Cluster;

/// <summary>
/// The prices of a shard of a cluster, as the <see cref="Allocator"/> told them last, with the items in this recommender's numbers. On the
/// recommender's thread.
/// </summary>
/// <param name="time">For the age of prices.</param>
internal sealed class ShardPrices(TimeProvider time)
{
    private TrafficPrices? _prices;
    private TrafficPrices? _resting;
    private readonly List<TrafficItem> _told = [];
    private TrafficItem[] _items = [];
    private bool _isToldMore;
    private long _changes;
    private long _askedAt;
    private long _allocator;
    private long _questions;
    private long _answer;
    private bool _isToDeclare = true;
    private long _itemsSince = -1;
    private long _itemsChanges = -1;
    private int _itemsAt;
    private long _countedTo;

    /// <summary>The prices that hold now; null: there is no policy. Throws <see cref="ErrorCode.ShardUnavailable"/> while the first ones are on their way.</summary>
    /// <param name="mayHavePolicy">False: there is no policy as far as the front knows.</param>
    public TrafficPrices? Latest(bool mayHavePolicy)
    {
        if (_prices == null) return mayHavePolicy ? throw new LiveGrainsException(ErrorCode.ShardUnavailable, "The shard has no prices of traffic yet.") : null;
        return time.GetElapsedTime(_askedAt) < Allocator.GoodFor ? _prices : _resting ??= Rest(_prices);
    }

    /// <summary>The next question to the allocator.</summary>
    public AllocationQuestion Ask(int shard, long host, Recommender recommender) => new(shard, host)
    {
        Number = ++_questions,
        Allocator = _allocator,
        Answer = _answer,
        Held = Holdings(recommender),
        IsWhole = _isToDeclare,
        Version = _prices?.Version ?? 0,
        ItemsSince = _itemsSince,
        ItemsAt = _itemsAt,
        CountedTo = _countedTo,
    };

    /// <summary>Takes an answer. True: the next question is to be asked at once.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="askedAt">When its question was asked.</param>
    /// <param name="nowSeconds">The clock.</param>
    /// <param name="recommender">Of the shard.</param>
    /// <param name="directory">Its items.</param>
    public bool Take(AllocationAnswer answer, long askedAt, uint nowSeconds, Recommender recommender, ItemDirectory directory)
    {
        if (answer.Step == AllocationStep.None) return false;
        _isToDeclare = answer.Step == AllocationStep.Declare;
        if (answer.Allocator != _allocator)
        {
            // It counts changes and impressions anew.
            _allocator = answer.Allocator;
            (_itemsSince, _itemsAt, _countedTo) = (-1, 0, 0);
        }

        if (_isToDeclare) _answer = 0;
        if (answer.Step is AllocationStep.Declare or AllocationStep.Wait) return _isToDeclare;
        // What changes while pages are read is in the next ones.
        if (_itemsAt == 0) _itemsChanges = answer.ItemsChanges;
        TakeItems(answer.Items, directory);
        _itemsAt = answer.ItemsAt;
        if (answer.Step == AllocationStep.Items) return true;
        (_itemsSince, _itemsAt) = (_itemsChanges, 0);
        if (_isToldMore)
        {
            // Once for all pages; prices that were handed out keep theirs.
            (_items, _isToldMore) = ([.. _told], false);
            _changes++;
        }

        foreach (var counted in MemoryMarshal.Cast<byte, CountedImpression>(answer.Counted))
        {
            if (counted.Place < _items.Length) recommender.ServedSlots.Counted(counted.User, _items[counted.Place].Item);
        }

        recommender.ServedSlots.Settle(nowSeconds);
        var policy = answer.Policy ?? _prices!.Policy;
        var hasCaps = policy.Caps.Count > 0;
        _prices = new TrafficPrices(answer.Version, answer.Second, policy, _items, _items.Length, GroupsOf(answer, hasCaps), 0, _changes) { HoldsUnknown = hasCaps && !answer.ItemsAreFull };
        (_resting, _askedAt, _answer, _countedTo) = (null, askedAt, answer.Number, answer.CountedTo);
        return false;
    }

    private byte[] Holdings(Recommender recommender)
    {
        var held = new List<GroupHolding>();
        for (var group = 0; group < (_prices?.Groups.Length ?? 0); group++)
        {
            var reserved = recommender.ReservedOf(group);
            var left = _prices!.Groups[group] is { IsCapped: true } price ? price.Left : 0;
            var slots = Math.Max(left, reserved);
            if (slots > (_isToDeclare ? 0 : left)) held.Add(new GroupHolding(group, slots));
        }

        return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(held)).ToArray();
    }

    private void TakeItems(ReadOnlySpan<byte> rows, ItemDirectory directory)
    {
        _isToldMore |= !rows.IsEmpty;
        while (!rows.IsEmpty)
        {
            var key = rows.Slice(2, rows[1]);
            var numbers = MemoryMarshal.Cast<byte, int>(rows.Slice(2 + key.Length, 4 * sizeof(int)));
            var item = new TrafficItem(directory.Take((InterestKind)rows[0], Encoding.UTF8.GetString(key)), numbers[1], numbers[2], numbers[3]);
            if (numbers[0] < _told.Count) _told[numbers[0]] = item;
            else _told.Add(item);
            rows = rows[(2 + key.Length + 4 * sizeof(int))..];
        }
    }

    // Where there are caps, a group of which nothing was said is not shown until something is.
    private static GroupPrice[] GroupsOf(AllocationAnswer answer, bool hasCaps)
    {
        var groups = new GroupPrice[answer.GroupCount];
        groups.AsSpan().Fill(hasCaps ? GroupPrice.None with { Left = 0 } : GroupPrice.None);
        foreach (var number in MemoryMarshal.Cast<byte, int>(answer.Plain)) groups[number] = GroupPrice.None;
        foreach (var (number, price) in MemoryMarshal.Cast<byte, PricedGroupEntry>(answer.Groups)) groups[number] = price;
        return groups;
    }

    // Without the allocator nothing is promised, what is excluded stays so, and what has a cap is not shown.
    private static TrafficPrices Rest(TrafficPrices prices) => prices with { Groups = [.. prices.Groups.Select(g => g.IsCapped ? GroupPrice.None with { Left = 0 } : GroupPrice.None)] };
}
