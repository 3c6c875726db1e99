namespace LiveGrains.Core;

/// <summary>A slot that was given away under a policy, when its time is over.</summary>
/// <param name="TimeSeconds">When it was given, seconds since 1970 UTC.</param>
/// <param name="Item">To which item.</param>
/// <param name="Position">From 0.</param>
/// <param name="Propensity">How probable it was that this item gets this slot.</param>
/// <param name="Segment">Of the user; 0: unknown.</param>
/// <param name="Clicked">True: the user entered, clicked or played.</param>
internal readonly record struct ServedSlot(uint TimeSeconds, uint Item, int Position, float Propensity, int Segment, bool Clicked);

/// <summary>
/// Slots that were given away under a policy, until it is known what became of them: those that are shown are counted against what
/// prices have not seen yet, those that are never shown give their place back, and what followed teaches values. Bounded: the oldest is settled
/// early when the ring is full. One thread.
/// </summary>
/// <remarks>The slots of a user and an item are found through chains in the ring itself, newest first: what was settled ends a chain, so that nothing is ever taken out of one.</remarks>
internal sealed class ServedSlots(SlotPrices prices, ValueModel values)
{
    /// <summary>A slot that is not shown after so many seconds of the clock will not be.</summary>
    public const uint ShownWithinSeconds = 120;

    /// <summary>Slots that are remembered: those of ten minutes up to 436 a second, and held ones up to 2,184 a second; beyond that the oldest give their place back early.</summary>
    public const int Capacity = 1 << 18;

    // Slots whose cells of values are on their way from memory while one is settled.
    private const int SettledAhead = 8;
    private const int Shown = 1 << 7;
    private const int Deeds = 1 << (int)Objective.Interact | 1 << (int)Objective.Pay;

    private struct Slot
    {
        public ulong User;
        public ulong CountedAs;
        /// <summary>The slot before it with the same <see cref="ChainOf"/>.</summary>
        public long Before;
        public SlotGroups Groups;
        public uint Item;
        public uint Seconds;
        public float Propensity;
        public byte Segment;
        public byte Position;
        public byte Seen; // bits by objective, and that below
        public bool IsHeld;
    }

    private readonly Slot[] _slots = new Slot[Capacity];
    // The newest slot of each chain.
    private readonly long[] _chains = new long[Capacity];
    private readonly Dictionary<(ulong CountedAs, uint Item), long> _uncounted = [];
    // Numbers of slots, from 1: 0 ends a chain.
    private long _first = 1;
    private long _held = 1;
    private long _next = 1;

    /// <summary>Takes slots that were shown, when their time is over; null: nobody wants them.</summary>
    public Action<ServedSlot>? Settled { get; set; }

    /// <summary>A slot was given away.</summary>
    /// <param name="user">To whom, for learning; 0: nobody.</param>
    /// <param name="item">To which item.</param>
    /// <param name="position">From 0.</param>
    /// <param name="propensity">How probable that was.</param>
    /// <param name="segment">Of the user; 0: unknown.</param>
    /// <param name="nowSeconds">The clock.</param>
    /// <param name="countedAs">Hash of the user, where a ledger elsewhere counts the slot and <see cref="Counted"/> says when; 0: it is here.</param>
    public void Served(ulong user, uint item, int position, float propensity, int segment, uint nowSeconds, ulong countedAs = 0)
    {
        Settle(nowSeconds);
        var groups = prices.Reserve(item);
        if (_next - _first == Capacity) SettleFirst();
        ref var chain = ref _chains[ChainOf(user, item)];
        _slots[_next % Capacity] = new Slot
        {
            User = user,
            CountedAs = countedAs,
            Before = chain,
            Groups = groups,
            Item = item,
            Seconds = nowSeconds,
            Propensity = propensity,
            Segment = (byte)segment,
            Position = (byte)position,
            IsHeld = true,
        };
        if (countedAs != 0) _uncounted[(countedAs, item)] = _next;
        chain = _next++;
    }

    /// <summary>A user did something with an item.</summary>
    public void Happened(ulong user, uint item, EventType type, uint nowSeconds)
    {
        // Who asked again is shown the newer slot; the older one waits for its time.
        var at = user == 0 ? 0 : _chains[ChainOf(user, item)];
        while (at >= _first && (_slots[at % Capacity].User != user || _slots[at % Capacity].Item != item)) at = _slots[at % Capacity].Before;
        if (at < _first) return;
        ref var slot = ref _slots[at % Capacity];
        var seen = type switch
        {
            EventType.Enter or EventType.Click or EventType.Play => 1 << (int)Objective.Watch,
            EventType.Like or EventType.Comment or EventType.Share or EventType.Follow or EventType.Cart => 1 << (int)Objective.Interact,
            EventType.Pay or EventType.Subscribe or EventType.Gift => 1 << (int)Objective.Pay,
            _ => 0,
        };
        slot.Seen |= (byte)(Shown | seen);
        // A ledger elsewhere may have it later than it is known here.
        if (type != EventType.Impression || !slot.IsHeld || slot.CountedAs != 0) return;
        // Counted in the ledger, and from the next prices on in them.
        slot.IsHeld = false;
        prices.Shown(slot.Groups, nowSeconds);
    }

    /// <summary>A ledger elsewhere has counted the newest slot of a user with an item, and the prices that are taken next have it.</summary>
    public void Counted(ulong countedAs, uint item)
    {
        if (_uncounted.TryGetValue((countedAs, item), out var at)) Release(at);
    }

    /// <summary>Ends what is over at a moment of the clock.</summary>
    public void Settle(uint nowSeconds)
    {
        for (; _held < _next && _slots[_held % Capacity].Seconds + (ulong)ShownWithinSeconds <= nowSeconds; _held++) Release(_held);
        while (_first < _next && _slots[_first % Capacity].Seconds + (ulong)ImpressionLearner.WindowSeconds <= nowSeconds) SettleFirst();
    }

    private static int ChainOf(ulong user, uint item) => (int)(KeyHash.Mix(user ^ ((ulong)item << 32 | item)) % Capacity);

    private void Release(long at)
    {
        ref var slot = ref _slots[at % Capacity];
        if (!slot.IsHeld) return;
        slot.IsHeld = false;
        prices.Release(slot.Groups);
        if (slot.CountedAs != 0 && _uncounted.TryGetValue((slot.CountedAs, slot.Item), out var newest) && newest == at) _uncounted.Remove((slot.CountedAs, slot.Item));
    }

    private void SettleFirst()
    {
        var at = _first++;
        ref readonly var later = ref _slots[(at + SettledAhead) % Capacity];
        values.Prefetch(later.Item, later.Segment);
        _held = Math.Max(_held, _first);
        ref var slot = ref _slots[at % Capacity];
        Release(at);
        if ((slot.Seen & Shown) == 0) return;
        values.Learn(slot.Item, slot.Segment, slot.Position, slot.Seen & (Deeds | 1 << (int)Objective.Watch), slot.Seconds);
        Settled?.Invoke(new ServedSlot(slot.Seconds, slot.Item, slot.Position, slot.Propensity, slot.Segment, (slot.Seen & 1 << (int)Objective.Watch) != 0));
    }
}
