using LiveGrains.Cluster.Grains;
using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;
using LiveGrains.Engine.Ingest;
using Orleans;
using Orleans.Runtime;

namespace LiveGrains.Cluster.Shards;

/// <summary>The way to every shard: directly to one of this silo, by its grain to any other. One call for a block, never for an event. Any thread.</summary>
internal sealed class SiloLinks(EngineOptions options, SiloShards shards, SiloLease lease, IGrainFactory grains) : IShardLinks
{
    private readonly long[] _underWay = new long[options.Shards];

    /// <inheritdoc/>
    public IReadOnlyCollection<ShardHost> Hosts => shards.Hosts;

    /// <inheritdoc/>
    public void Submit(int shard, IngestBlock part)
    {
        if (shards.Find(shard) is { } host) host.Submit(part);
        else _ = SendAsync(shard, part);
    }

    /// <inheritdoc/>
    public async ValueTask<T> AskAsync<T>(int shard, ShardQuestion<T> question, CancellationToken cancellationToken)
    {
        if (shards.Find(shard) is { } host) return await host.AskAsync(question, cancellationToken).ConfigureAwait(false);
        var reply = await CallAsync(() => grains.GetGrain<IShardGrain>(shard).AskAsync(ShardJson.WriteQuestion(question)).WaitAsync(cancellationToken)).ConfigureAwait(false);
        return ShardJson.Read<T>(reply);
    }

    private async Task SendAsync(int shard, IngestBlock part)
    {
        // What waits for a shard is bounded here as it is there: while it moves nobody takes anything.
        var bytes = part.Length;
        if (Interlocked.Add(ref _underWay[shard], bytes) > options.MaxQueueBytes) part.Fail(ErrorCode.Busy);
        else await RemotePart.SendAsync(part, records => CallAsync(() => grains.GetGrain<IShardGrain>(shard).IngestAsync(records, lease.UntilMs))).ConfigureAwait(false);
        Interlocked.Add(ref _underWay[shard], -bytes);
    }

    private static async Task<byte[]> CallAsync(Func<Task<ShardReply>> call)
    {
        try
        {
            return (await call().ConfigureAwait(false)).Unwrap();
        }
        catch (Exception e) when (e is OrleansException or TimeoutException or ObjectDisposedException or InvalidOperationException)
        {
            // The silo that had the shard is gone, the one that gets it is not ready, or this one ends.
            throw new LiveGrainsException(ErrorCode.ShardUnavailable, null, e);
        }
    }
}
