namespace LiveGrains.Model;

/// <summary>A user.</summary>
internal sealed class User(string id)
{
    private const int RecentKept = 8;

    public string Id { get; } = id;
    public Dictionary<string, string> Attrs { get; private set; } = [];
    public SortedDictionary<string, long> Counts { get; } = new(StringComparer.Ordinal);
    public long Paid { get; private set; }
    public long Gifted { get; private set; }
    public long Refunded { get; private set; }
    public long WatchMs { get; private set; }

    /// <summary>What the user touched.</summary>
    public Interests Interests { get; } = new();

    /// <summary>The last interactions, newest first.</summary>
    public LinkedList<ModelEvent> Recent { get; } = new();

    /// <summary>Counts an event of the user; <paramref name="watchedMs"/> is what it added to a session.</summary>
    public void Apply(ModelEvent e, long watchedMs, string currency)
    {
        Counts[e.Type] = Counts.GetValueOrDefault(e.Type) + e.Count;
        WatchMs += watchedMs;
        if (e.Type == "play")
            WatchMs += e.Ms!.Value;
        if (e.Type == "user.upsert")
        {
            Attrs = e.Attrs ?? Attrs;
            return;
        }

        if (e.Type is "pay" or "refund" or "gift" or "subscribe" && !Metrics.IsForeign(e, currency))
        {
            var amount = e.Amount!.Value;
            if (e.Type == "pay")
                Paid += amount;
            else if (e.Type == "refund")
                Refunded += amount;
            else
                Gifted += amount;
        }

        Interests.Apply(e);
        if (e.Type is "impression" or "heartbeat" or "leave")
            return;
        Recent.AddFirst(e);
        if (Recent.Count > RecentKept)
            Recent.RemoveLast();
    }
}
