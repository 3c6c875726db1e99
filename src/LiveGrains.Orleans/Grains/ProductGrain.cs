using LiveGrains.Cluster.Placement;
using LiveGrains.Cluster.Shards;
using LiveGrains.Engine.Cluster;
using Orleans;
using Orleans.Concurrency;

namespace LiveGrains.Cluster.Grains;

/// <summary>A product.</summary>
[Reentrant]
[PlaceWithShard]
[GrainType("livegrains.product")]
internal sealed class ProductGrain(ClusterFront front, SiloShards shards) : KeyGrain(front, shards), IProductGrain
{
    /// <inheritdoc/>
    public Task<ItemMetrics?> GetAsync() => AskAsync(f => f.GetProductAsync(Key));

    /// <inheritdoc/>
    public Task<SimilarItems?> GetSimilarAsync(int limit) => AskAsync(f => f.GetSimilarAsync(ItemKind.Product, Key, limit));
}
