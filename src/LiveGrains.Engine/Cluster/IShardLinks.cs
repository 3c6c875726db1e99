using LiveGrains.Engine.Ingest;

namespace LiveGrains.Engine.Cluster;

/// <summary>The way from a <see cref="ClusterFront"/> to every shard of the cluster, wherever it is. Any thread.</summary>
internal interface IShardLinks
{
    /// <summary>The shards on this machine.</summary>
    IReadOnlyCollection<ShardHost> Hosts { get; }

    /// <summary>Sends a part of a block to its shard, and completes or fails it when the shard has answered. Never throws, never waits.</summary>
    void Submit(int shard, IngestBlock part);

    /// <summary>
    /// Asks a shard. Throws <see cref="LiveGrainsException"/> as the shard does, and with <see cref="ErrorCode.ShardUnavailable"/> when nobody
    /// answers for it now.
    /// </summary>
    ValueTask<T> AskAsync<T>(int shard, ShardQuestion<T> question, CancellationToken cancellationToken);
}
