namespace LiveGrains.Model;

/// <summary>Who is in a room: the rules 1 to 4 of docs/semantics.md, one broadcast long.</summary>
internal sealed class Presence(long timeoutMs)
{
    private readonly Dictionary<string, Visitor> _visitors = new(StringComparer.Ordinal);
    private readonly PriorityQueue<Session, long> _expiries = new();
    private long _integratedTo;

    /// <summary>Open sessions.</summary>
    public int Online { get; private set; }

    /// <summary>∫ online d(clock), in session-milliseconds.</summary>
    public decimal OnlineMs { get; private set; }

    /// <summary>How online went.</summary>
    public OnlineHistory History { get; } = new();

    /// <summary>Rule 1: closes what had no signal for longer than the timeout, each at its own moment of the clock.</summary>
    public void AdvanceTo(long clock)
    {
        while (_expiries.TryPeek(out var session, out var moment) && moment <= clock)
        {
            _expiries.Dequeue();
            if (!session.IsOpen)
                continue;
            var expiry = session.Last + timeoutMs + 1;
            if (expiry > moment)
            {
                _expiries.Enqueue(session, expiry);
                continue;
            }

            IntegrateTo(moment);
            Close(session);
            History.Add(moment, Online, byEvent: false);
        }

        IntegrateTo(clock);
    }

    /// <summary>Takes a signal; the clock is where <see cref="AdvanceTo"/> left it.</summary>
    public SignalEffect Signal(string user, string type, long time, long clock, string? channel)
    {
        if (!_visitors.TryGetValue(user, out var visitor))
            _visitors.Add(user, visitor = new Visitor());
        var effect = Take(visitor, type, time, clock, channel);
        History.Add(clock, Online, byEvent: true);
        return effect;
    }

    /// <summary>Closes all sessions at their last signals.</summary>
    public void CloseAll(long clock)
    {
        foreach (var visitor in _visitors.Values)
        {
            if (visitor.Latest is { IsOpen: true } session)
                Close(session);
        }

        History.Add(clock, Online, byEvent: true);
    }

    public bool IsWatching(string user) => _visitors.TryGetValue(user, out var visitor) && visitor.Latest is { IsOpen: true };

    /// <summary>The channel of the user's session, open or last.</summary>
    public string? ChannelOf(string user) => _visitors.TryGetValue(user, out var visitor) ? visitor.Latest?.Channel : null;

    private SignalEffect Take(Visitor visitor, string type, long time, long clock, string? channel)
    {
        if (time <= visitor.LastEnd)
            return default;

        if (visitor.Latest is { IsOpen: true } session)
        {
            if (time <= session.Last + timeoutMs)
            {
                var watched = session.Last - session.First;
                session.First = Math.Min(session.First, time);
                session.Last = Math.Max(session.Last, time);
                if (type == "leave")
                    Close(session);
                return new SignalEffect(false, session.Last - session.First - watched);
            }

            Close(session);
        }

        if (type == "impression")
            return default;

        var opened = new Session { Visitor = visitor, First = time, Last = time, Channel = channel };
        visitor.Latest = opened;
        if (type == "leave" || clock > time + timeoutMs)
        {
            visitor.LastEnd = time;
        }
        else
        {
            opened.IsOpen = true;
            Online++;
            _expiries.Enqueue(opened, time + timeoutMs + 1);
        }

        return new SignalEffect(true, 0);
    }

    private void Close(Session session)
    {
        session.IsOpen = false;
        session.Visitor.LastEnd = session.Last;
        Online--;
    }

    private void IntegrateTo(long clock)
    {
        if (clock <= _integratedTo)
            return;
        OnlineMs += (decimal)Online * (clock - _integratedTo);
        _integratedTo = clock;
    }

    private sealed class Visitor
    {
        public Session? Latest;
        public long LastEnd = long.MinValue;
    }

    private sealed class Session
    {
        public required Visitor Visitor;
        public required long First;
        public required long Last;
        public string? Channel;
        public bool IsOpen;
    }
}
