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
internal sealed class ServedSlots(SlotPrices prices, ValueModel values)
{
    /// <summary>A slot that is not shown after so many seconds of the clock will not be.</summary>
    public const uint ShownWithinSeconds = 120;

    private const int Capacity = 1 << 16;
    private const int Shown = 1 << 7;
    private const int Deeds = 1 << (int)Objective.Interact | 1 << (int)Objective.Pay;

    private struct Slot
    {
        public ulong User;
        public ulong CountedAs;
        public uint Item;
        public uint Seconds;
        public float Propensity;
        public byte Segment;
        public byte Position;
        public byte Seen; // bits by objective, and that below
        public bool IsHeld;
    }

    private readonly Slot[] _slots = new Slot[Capacity];
    private readonly Dictionary<(ulong User, uint Item), long> _open = [];
    private readonly Dictionary<(ulong CountedAs, uint Item), long> _uncounted = [];
    private long _first;
    private long _held;
    private long _next;

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
        prices.Reserve(item);
        if (_next - _first == Capacity) SettleFirst();
        // Who asks again is shown the newer slot; the older one waits for its time.
        if (user != 0) _open[(user, item)] = _next;
        if (countedAs != 0) _uncounted[(countedAs, item)] = _next;
        _slots[_next++ % Capacity] = new Slot { User = user, CountedAs = countedAs, Item = item, Seconds = nowSeconds, Propensity = propensity, Segment = (byte)segment, Position = (byte)position, IsHeld = true };
    }

    /// <summary>A user did something with an item.</summary>
    public void Happened(ulong user, uint item, EventType type, uint nowSeconds)
    {
        if (!_open.TryGetValue((user, item), out var at)) return;
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
        prices.Shown(item, nowSeconds);
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

    private void Release(long at)
    {
        ref var slot = ref _slots[at % Capacity];
        if (!slot.IsHeld) return;
        slot.IsHeld = false;
        prices.Release(slot.Item);
        if (slot.CountedAs != 0 && _uncounted.TryGetValue((slot.CountedAs, slot.Item), out var newest) && newest == at) _uncounted.Remove((slot.CountedAs, slot.Item));
    }

    private void SettleFirst()
    {
        var at = _first++;
        _held = Math.Max(_held, _first);
        ref var slot = ref _slots[at % Capacity];
        Release(at);
        if (_open.TryGetValue((slot.User, slot.Item), out var newest) && newest == at) _open.Remove((slot.User, slot.Item));
        if ((slot.Seen & Shown) == 0) return;
        values.Learn(slot.Item, slot.Segment, slot.Position, slot.Seen & (Deeds | 1 << (int)Objective.Watch), slot.Seconds);
        Settled?.Invoke(new ServedSlot(slot.Seconds, slot.Item, slot.Position, slot.Propensity, slot.Segment, (slot.Seen & 1 << (int)Objective.Watch) != 0));
    }
}
