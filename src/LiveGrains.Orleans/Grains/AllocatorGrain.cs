using LiveGrains.Cluster.Placement;
using LiveGrains.Cluster.Shards;
using LiveGrains.Engine.Cluster;
using Orleans;
using Orleans.Concurrency;

namespace LiveGrains.Cluster.Grains;

/// <summary>
/// The allocator's face. It has no state: policies, ledger and what shards hold are with the first shard (<see cref="Allocator"/>), whose epoch sees to it
/// that there is one; the grain sits beside it, and goes after it when it has moved.
/// </summary>
[Reentrant]
[PlaceWithFirstShard]
[GrainType("livegrains.allocator")]
internal sealed class AllocatorGrain(ClusterFront front, SiloShards shards) : Grain, IAllocatorGrain
{
    /// <inheritdoc/>
    public Task<TrafficPolicy> GetPolicyAsync() => AskAsync(front.GetTrafficPolicyAsync());

    /// <inheritdoc/>
    public Task<TrafficPolicy> SetPolicyAsync(TrafficPolicy policy) => AskAsync(front.SetTrafficPolicyAsync(policy));

    /// <inheritdoc/>
    public Task<TrafficShares> GetSharesAsync() => AskAsync(front.GetTrafficAsync());

    private async Task<T> AskAsync<T>(ValueTask<T> asked)
    {
        var answer = await asked;
        if (shards.Find(0) == null) MigrateOnIdle();
        return answer;
    }
}
