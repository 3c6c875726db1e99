using LiveGrains.Engine.Cluster;
using Orleans;
using Orleans.Concurrency;

namespace LiveGrains.Cluster.Grains;

/// <summary>The silo's front for clients of Orleans.</summary>
[StatelessWorker]
[Reentrant]
[GrainType("livegrains.platform")]
internal sealed class PlatformGrain(ClusterFront front) : Grain, IPlatformGrain
{
    /// <inheritdoc/>
    public Task<IngestAnswer> IngestAsync(byte[] body, EventFormat format) => front.IngestAsync(body, format).AsTask();

    /// <inheritdoc/>
    public Task<Overview> GetOverviewAsync() => front.GetOverviewAsync().AsTask();

    /// <inheritdoc/>
    public Task<RoomListPage> ListRoomsAsync(RoomListQuery query) => front.ListRoomsAsync(query).AsTask();
}
