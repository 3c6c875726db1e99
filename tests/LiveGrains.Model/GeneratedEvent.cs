namespace LiveGrains.Model;

/// <summary>A line of <see cref="EventGenerator"/>.</summary>
/// <param name="Utf8">The event, one line of JSON.</param>
/// <param name="ClockMs">The server's time at which it arrives; never goes back.</param>
public readonly record struct GeneratedEvent(byte[] Utf8, long ClockMs);
