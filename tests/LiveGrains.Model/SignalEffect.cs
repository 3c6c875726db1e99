namespace LiveGrains.Model;

/// <summary>What a signal did.</summary>
/// <param name="Opened">It opened a session: a view.</param>
/// <param name="WatchedMs">By how much the session's watch time grew.</param>
internal readonly record struct SignalEffect(bool Opened, long WatchedMs);
