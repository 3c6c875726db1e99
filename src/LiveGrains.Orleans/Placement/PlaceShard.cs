using LiveGrains.Cluster.Shards;
using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace LiveGrains.Cluster.Placement;

/// <summary>A shard goes to the silo that <see cref="ShardMap"/> says.</summary>
[GenerateSerializer]
[Alias("livegrains.placeShard")]
internal sealed class PlaceShardStrategy : PlacementStrategy;

/// <summary>Marks the grain of shards.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PlaceShardAttribute() : PlacementAttribute(new PlaceShardStrategy());

/// <summary>Chooses a shard's silo.</summary>
internal sealed class PlaceShardDirector(EngineOptions options) : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        if (!target.GrainIdentity.TryGetIntegerKey(out var shard, out _) || shard < 0 || shard >= options.Shards) return Task.FromResult(silos[0]);
        return Task.FromResult(silos[ShardMap.Assign(options.Shards, [.. silos.Select(SiloShards.NameOf)])[shard]]);
    }
}

/// <summary>A room, user or product goes to the silo that has its shard.</summary>
[GenerateSerializer]
[Alias("livegrains.placeWithShard")]
internal sealed class PlaceWithShardStrategy : PlacementStrategy;

/// <summary>Marks grains whose key is that of a room, user or product.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PlaceWithShardAttribute() : PlacementAttribute(new PlaceWithShardStrategy());

/// <summary>The allocator of traffic goes to the silo that has the first shard.</summary>
[GenerateSerializer]
[Alias("livegrains.placeWithFirstShard")]
internal sealed class PlaceWithFirstShardStrategy : PlacementStrategy;

/// <summary>Marks the grain of the allocator.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PlaceWithFirstShardAttribute() : PlacementAttribute(new PlaceWithFirstShardStrategy());

/// <summary>Chooses the silo that had a grain's shard when it was last heard of, else the one where the shard belongs.</summary>
internal sealed class PlaceWithShardDirector(EngineOptions options, ClusterFront front) : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        var shard = strategy is PlaceWithFirstShardStrategy ? 0 : front.ShardOf(target.GrainIdentity.Key.ToString()!);
        var machine = front.Watch.MachineOf(shard);
        return Task.FromResult(Array.Find(silos, s => SiloShards.NameOf(s) == machine)
            ?? silos[ShardMap.Assign(options.Shards, [.. silos.Select(SiloShards.NameOf)])[shard]]);
    }
}
