namespace LiveGrains.Model;

/// <summary>A room: what it is, and its broadcast.</summary>
internal sealed class Room(string id, ModelOptions options)
{
    private Broadcast? _broadcast;

    public string Id { get; } = id;
    public string? Title { get; private set; }
    public string? Host { get; private set; }
    public string? Category { get; private set; }
    public List<string> Tags { get; private set; } = [];
    public bool IsOnAir { get; private set; }

    /// <summary>The current broadcast, or the last one.</summary>
    public Broadcast Broadcast => _broadcast!;

    /// <summary>Takes `room.start`, `room.update` or `room.end`.</summary>
    public void ApplyCatalog(ModelEvent e, long clock)
    {
        if (e.Type == "room.start" && !IsOnAir)
        {
            _broadcast = new Broadcast(options, clock) { StartedAt = e.Time, WasStarted = true };
            IsOnAir = true;
        }
        else if (e.Type == "room.start" && !Broadcast.WasStarted)
        {
            Broadcast.StartedAt = Math.Min(Broadcast.StartedAt!.Value, e.Time);
            Broadcast.WasStarted = true;
        }
        else if (e.Type == "room.update" && _broadcast == null)
        {
            GoOnAir(e, clock);
        }
        else if (e.Type == "room.end")
        {
            _broadcast ??= new Broadcast(options, clock);
            _broadcast.End(e, clock);
            IsOnAir = false;
        }

        Title = e.Title ?? Title;
        Host = e.Host ?? Host;
        Category = e.Category ?? Category;
        Tags = e.Tags ?? Tags;
    }

    /// <summary>Takes an event of a user in the room.</summary>
    public SignalEffect Apply(ModelEvent e, long clock, long? bucket, IReadOnlyList<Item> items)
    {
        if (_broadcast == null)
            GoOnAir(e, clock);
        return Broadcast.Apply(e, clock, bucket, items);
    }

    private void GoOnAir(ModelEvent e, long clock)
    {
        _broadcast = new Broadcast(options, clock) { StartedAt = e.Time };
        IsOnAir = true;
    }
}
