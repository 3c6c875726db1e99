using LiveGrains.Cluster.Shards;
using LiveGrains.Engine.Cluster;
using Orleans;

namespace LiveGrains.Cluster.Grains;

/// <summary>
/// A grain beside the shard of its key. It has no state: the front of its silo finds the shard, in this process as long as the shard has not
/// moved. When it has, the grain goes after it.
/// </summary>
internal abstract class KeyGrain(ClusterFront front, SiloShards shards) : Grain
{
    /// <summary>The id.</summary>
    protected string Key => this.GetPrimaryKeyString();

    /// <summary>The front.</summary>
    protected ClusterFront Front => front;

    /// <summary>Asks the front.</summary>
    protected async Task<T> AskAsync<T>(Func<ClusterFront, ValueTask<T>> ask)
    {
        var answer = await ask(front);
        if (shards.Find(front.ShardOf(Key)) == null) MigrateOnIdle();
        return answer;
    }
}
