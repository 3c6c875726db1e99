namespace LiveGrains.Server.Rooms;

/// <summary>Where a room's last ten minutes stand among those of all rooms on air.</summary>
/// <param name="Room">The room.</param>
/// <param name="Window">`10m`.</param>
/// <param name="Rooms">Rooms that were compared, the room among them.</param>
/// <param name="Total">Rooms on air; more than <paramref name="Rooms"/> when only the hottest were compared.</param>
/// <param name="Percentiles">By metric, 0 to 1: the share of the other rooms that have less, those that have as much counting half; null
/// while there is no other, or none that has more or less. Empty for a room off air.</param>
/// <param name="AsOf">The clock when the rooms were read, at most some seconds ago.</param>
internal sealed record RoomStanding(string Room, string Window, int Rooms, long Total, IReadOnlyDictionary<string, double?> Percentiles, DateTimeOffset AsOf);
