namespace LiveGrains.Core;

/// <summary>
/// Learns the ranker's weights from recommended items that were shown: the terms are kept as they were when the list was made,
/// and when the window is over an impression becomes an example of each objective: what followed is positive, what did not
/// follow is negative. An item that was recommended but never shown teaches nothing. Bounded: the oldest is settled early when
/// the ring is full. One thread.
/// </summary>
internal sealed class ImpressionLearner(FtrlProximal ranker)
{
    /// <summary>Seconds of the clock from the recommendation on in which what follows counts.</summary>
    public const uint WindowSeconds = 600;

    private const int Capacity = 1 << 16;

    private struct Slot
    {
        public ulong User;
        public uint Item;
        public uint TimeSeconds;
        public byte Seen; // bits by objective, and those below
    }

    private const byte Shown = 1 << 7;
    private const byte Left = 1 << 6;
    private const byte Unwanted = 1 << 5;

    private readonly Slot[] _slots = new Slot[Capacity];
    private readonly float[] _terms = new float[Capacity * Recommender.Terms];
    private readonly Dictionary<(ulong User, uint Item), int> _open = [];
    private readonly long[] _positives = new long[FtrlProximal.Objectives];
    private long _first;
    private long _next;

    /// <summary>Impressions learned from.</summary>
    public long Examples { get; private set; }

    /// <summary>Of these the ones in which an objective came about.</summary>
    public long Positives(Objective objective) => _positives[(int)objective];

    /// <summary>Recommended items whose window is not over.</summary>
    public int Open => (int)(_next - _first);

    /// <summary>An item was recommended to a user with these terms.</summary>
    public void Served(ulong user, uint item, ReadOnlySpan<float> terms, uint nowSeconds)
    {
        Settle(nowSeconds);
        // Who asks again before the window is over is shown the same slot.
        if (_open.ContainsKey((user, item))) return;
        if (_next - _first == Capacity) SettleFirst();
        var at = (int)(_next++ % Capacity);
        _slots[at] = new Slot { User = user, Item = item, TimeSeconds = nowSeconds };
        var kept = _terms.AsSpan(at * Recommender.Terms, Recommender.Terms);
        terms.CopyTo(kept);
        // Bounds are no evidence: without them in the examples their weights stay as they were set, and what is learned is the mean
        // that they are added to.
        kept[(int)RankingTerm.Exploration] = 0;
        kept[(int)RankingTerm.UserExploration] = 0;
        _open[(user, item)] = at;
    }

    /// <summary>A user did something with an item.</summary>
    public void Happened(ulong user, uint item, EventType type)
    {
        if (!_open.TryGetValue((user, item), out var at)) return;
        // Who comes back after leaving at once did not leave for good.
        if (type is EventType.Enter or EventType.Click or EventType.Play) _slots[at].Seen &= unchecked((byte)~Left);
        _slots[at].Seen |= type switch
        {
            EventType.Leave => Shown | Left,
            EventType.Dislike or EventType.Report => Shown | Unwanted,
            EventType.Impression => Shown,
            // Who came was shown it, whether the impression was reported or not.
            EventType.Enter or EventType.Click or EventType.Play => Shown | 1 << (int)Objective.Watch,
            EventType.Like or EventType.Comment or EventType.Share or EventType.Follow or EventType.Cart => Shown | 1 << (int)Objective.Interact,
            EventType.Pay or EventType.Subscribe or EventType.Gift or EventType.Order => Shown | 1 << (int)Objective.Pay,
            _ => 0,
        };
    }

    /// <summary>Learns from all whose window is over at a moment of the clock.</summary>
    public void Settle(uint nowSeconds)
    {
        while (_first < _next && _slots[_first % Capacity].TimeSeconds + (ulong)WindowSeconds <= nowSeconds) SettleFirst();
    }

    /// <summary>Writes the counts. What is open is not kept: who asked before a restart asks again after it.</summary>
    public void Save(IStateSink sink)
    {
        sink.Put(Examples);
        foreach (var positives in _positives) sink.Put(positives);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateSource source)
    {
        Examples = source.Take<long>();
        foreach (ref var positives in _positives.AsSpan()) positives = source.Take<long>();
    }

    private void SettleFirst()
    {
        var at = (int)(_first++ % Capacity);
        ref readonly var slot = ref _slots[at];
        _open.Remove((slot.User, slot.Item));
        if ((slot.Seen & Shown) == 0) return;
        var terms = _terms.AsSpan(at * Recommender.Terms, Recommender.Terms);
        // Whoever left at once did not watch, unless they did something; who disliked it did not, whatever they did.
        var seen = slot.Seen;
        const int Deeds = 1 << (int)Objective.Interact | 1 << (int)Objective.Pay;
        if ((seen & Unwanted) != 0 || ((seen & Left) != 0 && (seen & Deeds) == 0)) seen &= unchecked((byte)~(1 << (int)Objective.Watch));
        for (var objective = Objective.Watch; objective <= Objective.Pay; objective++)
        {
            var happened = (seen >> (int)objective & 1) != 0;
            if (happened) _positives[(int)objective]++;
            ranker.Learn(objective, terms, happened);
        }

        Examples++;
    }
}
