using Orleans.Runtime;

namespace LiveGrains.Cluster;

/// <summary>The streams of room changes: of each room one, of <see cref="RoomMetrics"/>, fed while <see cref="Grains.IRoomGrain.WatchAsync"/> is called.</summary>
public static class ClusterStreams
{
    /// <summary>The stream provider's name. Its queues are in the memory of the silos: what is in them when a silo dies is lost, and the next change has all.</summary>
    public const string Provider = "livegrains";

    /// <summary>The namespace of the streams; the key is the room's id.</summary>
    public const string RoomsNamespace = "livegrains.rooms";

    /// <summary>How long a room is watched after the last call: 30 s.</summary>
    public static TimeSpan Watched { get; } = TimeSpan.FromSeconds(30);

    /// <summary>The shortest time between two changes of a room: 250 ms.</summary>
    public static TimeSpan Period { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The stream of a room.</summary>
    public static StreamId OfRoom(string room) => StreamId.Create(RoomsNamespace, room);
}
