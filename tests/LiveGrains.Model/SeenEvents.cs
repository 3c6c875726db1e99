namespace LiveGrains.Model;

/// <summary>Which events were there before.</summary>
internal sealed class SeenEvents(ModelOptions options)
{
    private readonly Dictionary<string, long> _highestSeq = [];
    private readonly Dictionary<(string Source, string Id), long> _firstSeenMs = [];
    private readonly Queue<(string Source, string Id)> _order = new();

    public bool IsDuplicate(ModelEvent e, long clock)
    {
        if (e.Seq is long seq)
            return _highestSeq.TryGetValue(e.Source, out var highest) && seq <= highest;
        return _firstSeenMs.TryGetValue((e.Source, e.Id), out var firstSeen) && IsRemembered(firstSeen, clock);
    }

    public void Remember(ModelEvent e, long clock)
    {
        if (e.Seq is long seq)
        {
            _highestSeq[e.Source] = seq;
            return;
        }

        // The clock never goes back, so what is forgotten by age is always the oldest.
        while (_order.TryPeek(out var oldest) && !IsRemembered(_firstSeenMs[oldest], clock))
            _firstSeenMs.Remove(_order.Dequeue());
        _firstSeenMs.Add((e.Source, e.Id), clock);
        _order.Enqueue((e.Source, e.Id));
        while (_order.Count > options.DedupeIds)
            _firstSeenMs.Remove(_order.Dequeue());
    }

    /// <summary>Ages are counted in whole seconds of the clock.</summary>
    private bool IsRemembered(long firstSeenMs, long clock) =>
        clock / 1000 - firstSeenMs / 1000 <= (long)Math.Ceiling(options.DedupeWindow.TotalSeconds);
}
