using Orleans;

namespace LiveGrains.Cluster.Grains;

/// <summary>A live room, by its id. Members throw <see cref="LiveGrainsException"/> as <see cref="ILiveGrains"/> does.</summary>
[Alias("livegrains.room")]
public interface IRoomGrain : IGrainWithStringKey
{
    /// <summary>As <see cref="ILiveGrains.GetRoomAsync"/>.</summary>
    [Alias("get")]
    Task<RoomMetrics?> GetAsync();

    /// <summary>As <see cref="ILiveGrains.GetRoomSeriesAsync"/>.</summary>
    [Alias("series")]
    Task<SeriesAnswer?> GetSeriesAsync(SeriesQuery query);

    /// <summary>As <see cref="ILiveGrains.GetRoomProductsAsync"/>.</summary>
    [Alias("products")]
    Task<RoomProducts?> GetProductsAsync();

    /// <summary>As <see cref="ILiveGrains.GetSimilarAsync"/>.</summary>
    [Alias("similar")]
    Task<SimilarItems?> GetSimilarAsync(int limit);

    /// <summary>
    /// For the next <see cref="ClusterStreams.Watched"/> the room's metrics are published on its stream (<see cref="ClusterStreams"/>) whenever they
    /// changed, at most four times a second. Who wants to go on calls again in time.
    /// </summary>
    [Alias("watch")]
    Task WatchAsync();
}
