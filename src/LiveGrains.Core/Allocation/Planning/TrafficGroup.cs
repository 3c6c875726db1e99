namespace LiveGrains.Core;

/// <summary>Rooms whose impressions are bounded together: a host's, a category's, any.</summary>
/// <param name="Rooms">The rooms, each once.</param>
/// <param name="Lower">Impressions that they get at least.</param>
/// <param name="Upper">Impressions that they get at most; may be infinite.</param>
internal sealed record TrafficGroup(int[] Rooms, double Lower, double Upper);
