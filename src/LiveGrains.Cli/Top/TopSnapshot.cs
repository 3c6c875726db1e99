namespace LiveGrains.Cli.Top;

/// <summary>What one look at a server gave; also the JSON of `top --format json`.</summary>
/// <param name="Server">Its address.</param>
/// <param name="Time">When it was looked at.</param>
/// <param name="Overview">The platform.</param>
/// <param name="Engine">From /metrics.</param>
/// <param name="Rooms">A page of rooms on air.</param>
public sealed record TopSnapshot(string Server, DateTimeOffset Time, Overview Overview, EngineSignals Engine, RoomListPage Rooms);
