using System.Runtime.InteropServices;
using LiveGrains.Core;
using LiveGrains.Engine.Shards;

namespace LiveGrains.Engine.Cluster;

/// <summary>
/// Gives the shards of a cluster their prices, and divides what is left under caps between them, so that no cap is passed however late a
/// shard hears of it: counted impressions and all that shards hold, given away or still to give, are together never more than the
/// cap. It is beside the ledger and knows only what shards told it; after the first shard moved they tell it again. On the first shard's thread.
/// </summary>
/// <param name="shards">How many there are.</param>
/// <param name="instance">Tells it from those before it; not 0.</param>
/// <param name="time">For how long a shard is waited for.</param>
internal sealed class Allocator(int shards, long instance, TimeProvider time)
{
    /// <summary>Prices that are older do not hold; so a shard that is silent for longer has nothing to give away.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(10);

    private const int RowsOfPage = 2_000;

    private readonly Holding?[] _holdings = new Holding?[shards];
    private long[] _held = []; // by group, of all of them together: a look at each for every group would take too long with many shards
    private readonly List<CountedImpression> _counted = [];
    private readonly List<PricedGroupEntry> _groups = [];
    private readonly List<int> _plain = [];
    private readonly MemoryStream _items = new();
    private long _began = time.GetTimestamp();
    private long _version;

    /// <summary>Answers a shard.</summary>
    public AllocationAnswer Answer(ShardState state, AllocationQuestion question)
    {
        if (question.Shard < 0 || question.Shard >= shards) throw new LiveGrainsException(ErrorCode.InvalidParameter, $"There is no shard {question.Shard}.");
        if (state.Traffic is not { } ledger) return new AllocationAnswer(AllocationStep.None, instance);
        ledger.Counted ??= new CountedImpressions();
        if (ledger.Version != _version) Begin(ledger.Version);
        if (!TakeUp(question, ledger.Groups.Count)) return new AllocationAnswer(AllocationStep.Declare, instance) { Version = ledger.Version };
        if (ledger.Policy.Caps.Count > 0 && Array.Exists(_holdings, h => h == null) && time.GetElapsedTime(_began) < GoodFor) return new AllocationAnswer(AllocationStep.Wait, instance) { Version = ledger.Version };
        // What was heard of the one before is counted otherwise.
        if (question.Allocator != instance) question = question with { ItemsSince = -1, ItemsAt = 0, CountedTo = 0 };
        var itemsAt = ReadItems(state, ledger, question);
        var answer = new AllocationAnswer(itemsAt < ledger.ItemCount ? AllocationStep.Items : AllocationStep.Prices, instance)
        {
            Version = ledger.Version,
            Items = _items.ToArray(),
            ItemsAt = itemsAt,
            ItemsChanges = ledger.ItemChanges,
            ItemsAreFull = ledger.ItemCount == TrafficLedger.MaxItems,
        };
        if (answer.Step == AllocationStep.Items) return answer;
        var prices = ledger.Prices;
        ReadGroups(ledger, prices, question.Shard);
        _counted.Clear();
        ledger.Counted.Read(question.CountedTo, user => ShardRouter.ShardOf(user, shards) == question.Shard, _counted);
        return answer with
        {
            Number = ++_holdings[question.Shard]!.Number,
            Policy = question.Version == ledger.Version ? null : ledger.Policy,
            Second = prices.Second,
            GroupCount = prices.Groups.Length,
            Groups = BytesOf(_groups),
            Plain = BytesOf(_plain),
            Counted = BytesOf(_counted),
            CountedTo = ledger.Counted.Settled,
        };
    }

    // Under another policy other groups have caps, and of what is held of those nothing was said.
    private void Begin(long version)
    {
        Array.Clear(_holdings);
        Array.Clear(_held);
        if (_version != 0) _began = time.GetTimestamp();
        _version = version;
    }

    private bool TakeUp(AllocationQuestion question, int groups)
    {
        ref var holding = ref _holdings[question.Shard];
        var isKnown = holding?.Host == question.Host;
        if (isKnown && question.Number <= holding!.Question) return false;
        if (groups > _held.Length) Array.Resize(ref _held, Math.Max(groups, 2 * _held.Length));
        if (question.IsWhole)
        {
            Count(holding, -1);
            holding = new Holding(question.Host, groups) { Question = question.Number };
            holding.Raise(question.Held);
            holding.InForce.CopyTo(holding.Offered, 0);
            Count(holding, 1);
            return true;
        }

        if (!isKnown || question.Allocator != instance || question.Answer > holding!.Number) return false;
        Count(holding, -1);
        holding.Question = question.Number;
        holding.Grow(groups);
        // When the last answer did not arrive, what holds there is an older one.
        if (question.Answer == holding.Number) holding.InForce.AsSpan().Clear();
        for (var group = 0; group < groups; group++) holding.InForce[group] = Math.Max(holding.InForce[group], holding.Offered[group]);
        holding.Raise(question.Held);
        Count(holding, 1);
        return true;
    }

    private void Count(Holding? holding, int sign)
    {
        for (var group = 0; group < (holding?.InForce.Length ?? 0); group++) _held[group] += sign * holding!.Of(group);
    }

    private unsafe int ReadItems(ShardState state, TrafficLedger ledger, AllocationQuestion question)
    {
        _items.SetLength(0);
        Span<byte> head = stackalloc byte[2];
        var at = Math.Max(0, question.ItemsAt);
        for (var left = RowsOfPage; at < ledger.ItemCount && left > 0; at++)
        {
            if (!ledger.IsChangedSince(at, question.ItemsSince)) continue;
            left--;
            var item = ledger.ItemAt(at);
            var kind = InterestItem.Kind(item.Item);
            var key = (kind == InterestKind.Room ? state.Rooms : state.Products).Key(InterestItem.Row(item.Item));
            (head[0], head[1]) = ((byte)kind, (byte)key.Length);
            _items.Write(head);
            _items.Write(key);
            _items.Write(MemoryMarshal.AsBytes<int>([at, item.Own, item.Host, item.Category]));
        }

        return at;
    }

    private void ReadGroups(TrafficLedger ledger, TrafficPrices prices, int shard)
    {
        _groups.Clear();
        _plain.Clear();
        var holding = _holdings[shard]!;
        var turn = (int)((shard + prices.Second) % shards);
        var hasCaps = prices.Policy.Caps.Count > 0;
        // Of the others, while this one's are made.
        Count(holding, -1);
        for (var number = 0; number < prices.Groups.Length; number++)
        {
            holding.Offered[number] = 0;
            var group = ledger.Groups[number];
            if (group.Live == 0 && group.Kind != PricedGroupKind.Product) continue;
            var price = prices.Groups[number];
            if (price == GroupPrice.None)
            {
                if (hasCaps) _plain.Add(number);
                continue;
            }

            if (price.IsCapped)
            {
                var free = Math.Max(0, price.Left - _held[number]);
                price = price with { Left = holding.Offered[number] = (int)Math.Min(free, PartOf(price.Left, turn)) };
            }

            // Of the last few each may give one: a promise is kept, and what comes behind it is no longer the boost's.
            _groups.Add(new PricedGroupEntry(number, price with { Wanted = (int)(((long)price.Wanted + shards - 1) / shards) }));
        }

        Count(holding, 1);
    }

    // Evenly, because users are spread evenly; what cannot be divided goes round.
    private int PartOf(int left, int turn) => left / shards + (turn < left % shards ? 1 : 0);

    private static byte[] BytesOf<T>(List<T> of)
        where T : struct => MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(of)).ToArray();

    // What a shard may have given away and not be counted for, by group, at most.
    private sealed class Holding(long host, int groups)
    {
        public int[] InForce = new int[groups];
        public int[] Offered = new int[groups];
        public long Number;
        public long Question;

        public long Host { get; } = host;

        public int Of(int group) => Math.Max(InForce[group], Offered[group]);

        public void Grow(int groups)
        {
            if (groups <= InForce.Length) return;
            Array.Resize(ref InForce, groups);
            Array.Resize(ref Offered, groups);
        }

        public void Raise(byte[] held)
        {
            foreach (var (group, slots) in MemoryMarshal.Cast<byte, GroupHolding>(held))
            {
                if (group >= 0 && group < InForce.Length) InForce[group] = Math.Max(InForce[group], slots);
            }
        }
    }
}
