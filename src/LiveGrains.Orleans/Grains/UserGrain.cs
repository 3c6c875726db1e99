using LiveGrains.Cluster.Placement;
using LiveGrains.Cluster.Shards;
using LiveGrains.Engine.Cluster;
using Orleans;
using Orleans.Concurrency;

namespace LiveGrains.Cluster.Grains;

/// <summary>A user.</summary>
[Reentrant]
[PlaceWithShard]
[GrainType("livegrains.user")]
internal sealed class UserGrain(ClusterFront front, SiloShards shards) : KeyGrain(front, shards), IUserGrain
{
    /// <inheritdoc/>
    public Task<UserProfile?> GetAsync() => AskAsync(f => f.GetUserAsync(Key));

    /// <inheritdoc/>
    public Task<RecommendationList> RecommendAsync(RecommendationQuery query) => AskAsync(f => f.RecommendAsync(Key, query));
}
