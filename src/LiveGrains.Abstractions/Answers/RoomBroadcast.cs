namespace LiveGrains;

/// <summary>Everything that is kept of a room's broadcast, as of one moment: what a report is made of.</summary>
public sealed record RoomBroadcast
{
    /// <summary>The room's metrics.</summary>
    public required RoomMetrics Room { get; init; }
    /// <summary>Its items, highest gmv first.</summary>
    public required IReadOnlyList<ItemInRoom> Items { get; init; }
    /// <summary>ISO 4217; amounts are in its minor units.</summary>
    public required string Currency { get; init; }
    /// <summary>Its series from the first bucket to the last, or to the clock while it is on air.</summary>
    public required RoomCurves Curves { get; init; }
    /// <summary>What people wrote about.</summary>
    public required CommentWords Words { get; init; }
}

/// <summary>All series of a room, one value a step each, 0 where nothing happened.</summary>
/// <param name="Start">Begin of the first step.</param>
/// <param name="StepSeconds">10 up to two days; longer broadcasts have 60 s, then 600 s, then 3,600 s, for at most 17,280 steps.</param>
/// <param name="Values">By the names that `/v1/rooms/{room}/series` takes: `online` (its highest in a step), `comments`, `gifts.amount`, … All of one length.</param>
public sealed record RoomCurves(DateTimeOffset Start, int StepSeconds, IReadOnlyDictionary<string, double[]> Values);
