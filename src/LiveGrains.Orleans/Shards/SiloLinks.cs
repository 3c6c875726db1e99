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
        try
        {
            var reply = await grains.GetGrain<IShardGrain>(shard).AskAsync(ShardJson.WriteQuestion(question)).WaitAsync(cancellationToken).ConfigureAwait(false);
            return ShardJson.Read<T>(reply.Unwrap());
        }
        catch (Exception e) when (IsNoAnswer(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new LiveGrainsException(ErrorCode.ShardUnavailable, null, e);
        }
    }

    private async Task SendAsync(int shard, IngestBlock part)
    {
        // What waits for a shard is bounded here as it is there: while it moves nobody takes anything.
        var bytes = part.Length;
        if (Interlocked.Add(ref _underWay[shard], bytes) > options.MaxQueueBytes) part.Fail(ErrorCode.Busy);
        else await RemotePart.SendAsync(part, records => IngestAsync(shard, records)).ConfigureAwait(false);
        Interlocked.Add(ref _underWay[shard], -bytes);
    }

    private async Task<byte[]> IngestAsync(int shard, byte[] records)
    {
        try
        {
            return (await grains.GetGrain<IShardGrain>(shard).IngestAsync(records, lease.UntilMs).ConfigureAwait(false)).Unwrap();
        }
        catch (Exception e) when (e is not LiveGrainsException)
        {
            // Whatever went wrong, nobody knows what became of the records, and whoever sent them is to send them again.
            if (!IsNoAnswer(e)) LiveGrainsEngine.Report(e);
            throw new LiveGrainsException(ErrorCode.ShardUnavailable, null, e);
        }
    }

    // The silo that had the shard is gone, the one that gets it is not ready or gave up opening it, or this one ends.
    private static bool IsNoAnswer(Exception e) => e is OrleansException or TimeoutException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;
}
