namespace LiveGrains.Model;

/// <summary>What of the engine's settings changes how things are counted.</summary>
public sealed record ModelOptions
{
    /// <summary>True: the clock is the highest event time so far; false: the server's time, given with each event.</summary>
    public bool EventClock { get; init; } = true;
    /// <summary>An event older than the clock by more than this is late.</summary>
    public TimeSpan Lateness { get; init; } = TimeSpan.FromMinutes(5);
    /// <summary>A session without a signal for longer than this closes.</summary>
    public TimeSpan PresenceTimeout { get; init; } = TimeSpan.FromSeconds(90);
    /// <summary>How many distinct ids without `seq` are remembered.</summary>
    public int DedupeIds { get; init; } = int.MaxValue;
    /// <summary>For how long an id without `seq` is remembered.</summary>
    public TimeSpan DedupeWindow { get; init; } = TimeSpan.FromHours(1);
    /// <summary>The engine's currency; amounts in others are kept apart.</summary>
    public string Currency { get; init; } = "CNY";
}
