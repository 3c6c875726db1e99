namespace LiveGrains.Model;

/// <summary>One broadcast of a room: every number that starts from zero with it.</summary>
internal sealed class Broadcast(ModelOptions options, long firstClock)
{
    private const int OwnChannels = 31;
    private long? _endClock;
    private decimal _onlineMsAtEnd;

    public Tally Tally { get; } = new();
    public Presence Presence { get; } = new((long)options.PresenceTimeout.TotalMilliseconds);
    public SortedDictionary<string, Channel> Channels { get; } = new(StringComparer.Ordinal);

    /// <summary>The part of each product and video.</summary>
    public Dictionary<Item, Tally> Parts { get; } = [];

    public long? StartedAt { get; set; }
    public long? EndedAt { get; private set; }
    public long FirstClock { get; } = firstClock;
    public long Late { get; private set; }

    /// <summary>A `room.start` of this broadcast was seen.</summary>
    public bool WasStarted { get; set; }

    public void End(ModelEvent e, long clock)
    {
        Presence.AdvanceTo(clock);
        if (_endClock == null)
        {
            _endClock = clock;
            _onlineMsAtEnd = Presence.OnlineMs;
            EndedAt = e.Time;
        }

        Presence.CloseAll(clock);
    }

    /// <summary>Counts an event of a user; returns what it did to the user's session.</summary>
    public SignalEffect Apply(ModelEvent e, long clock, long? bucket, IReadOnlyList<Item> items)
    {
        if (bucket == null)
            Late++;

        Presence.AdvanceTo(clock);
        var effect = Presence.Signal(e.User!, e.Type, e.Time, clock, e.Channel);
        if (effect.Opened)
        {
            Tally.Add("views", 1, bucket);
            Tally.AddUser("viewers", e.User!);
            if (e.Channel != null)
            {
                var channel = ChannelRow(e.Channel);
                channel.Views++;
                channel.Viewers.Add(e.User!);
            }
        }

        if (effect.WatchedMs != 0)
            Tally.Add("watchMs", effect.WatchedMs, bucket);

        CountEvent(e, bucket);
        foreach (var item in items.Where(item => item.CountsFor(e)))
        {
            if (!Parts.TryGetValue(item, out var part))
                Parts.Add(item, part = new Tally());
            Metrics.Count(part, Metrics.Of[e.Type], Metrics.Of[e.Type], e, null, options.Currency);
        }

        return effect;
    }

    /// <summary>Mean of online over the time on air so far, or null.</summary>
    public double? AverageOnline(long clock)
    {
        var onAirMs = (_endClock ?? clock) - FirstClock;
        var onlineMs = _endClock == null ? Presence.OnlineMs : _onlineMsAtEnd;
        return onAirMs == 0 ? null : (double)(onlineMs / onAirMs);
    }

    private void CountEvent(ModelEvent e, long? bucket)
    {
        if (!Metrics.Of.TryGetValue(e.Type, out var kind) || e.Type == "play")
            return;
        var ofCard = e.Product != null || e.Video != null;
        var inFunnel = Metrics.Funnel.Contains(kind) && (e.Type != "impression" || ofCard);
        Metrics.Count(Tally, inFunnel ? "products." + kind : kind, kind, e, bucket, options.Currency);
        if (Metrics.Interactions.Contains(kind))
            Tally.AddUser("interactions", e.User!);

        if (e.Type == "pay" && !Metrics.IsForeign(e, options.Currency)
            && (e.Channel ?? Presence.ChannelOf(e.User!)) is string channel)
            ChannelRow(channel).Gmv += e.Amount!.Value;
    }

    private Channel ChannelRow(string name)
    {
        if (Channels.TryGetValue(name, out var row))
            return row;
        var own = Channels.Keys.Count(key => key != "other");
        if (own >= OwnChannels)
            name = "other";
        if (!Channels.TryGetValue(name, out row))
            Channels.Add(name, row = new Channel());
        return row;
    }
}
