using LiveGrains.Cluster.Placement;
using LiveGrains.Cluster.Shards;
using LiveGrains.Engine.Cluster;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace LiveGrains.Cluster.Grains;

/// <summary>
/// Owns a shard while it is active: activating takes the shard's next epoch in the database, which fences whoever had it, and recovers it;
/// deactivating drains it and writes a snapshot. Calls go on beside each other, because the shard has a thread and an order of its own.
/// </summary>
[Reentrant]
[KeepAlive]
[PlaceShard]
[GrainType("livegrains.shard")]
internal sealed partial class ShardGrain(SiloShards shards, SiloLease lease, ILogger<ShardGrain> logger) : Grain, IShardGrain
{
    private ShardHost? _host;

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var shard = (int)this.GetPrimaryKeyLong();
        try
        {
            _host = await shards.OpenAsync(shard, cancellationToken);
        }
        catch (LiveGrainsException e)
        {
            LogNotOpened(logger, shard, e.Code.Describe().Code, e.Message);
            throw;
        }
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _host == null ? Task.CompletedTask : shards.CloseAsync(_host);

    /// <inheritdoc/>
    public Task<ShardReply> IngestAsync(byte[] records, long leaseUntilMs) => ReplyAsync(async host => lease.Holds(leaseUntilMs)
        ? await host.IngestAsync(records)
        : throw new LiveGrainsException(ErrorCode.ShardUnavailable, "The silo that got the events stood still, cannot reach the database, or has a clock that is wrong."));

    /// <inheritdoc/>
    public Task<ShardReply> AskAsync(byte[] question) =>
        ReplyAsync(async host => await ShardJson.ReadQuestion(question).AskForJsonAsync(host, CancellationToken.None));

    /// <inheritdoc/>
    public Task LeaveAsync()
    {
        // To where the director says. Only to end here would let a silo that remembers this place start it here again.
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    private async Task<ShardReply> ReplyAsync(Func<ShardHost, Task<byte[]>> ask)
    {
        try
        {
            return new ShardReply(ErrorCode.None, null, await ask(_host!));
        }
        catch (LiveGrainsException e)
        {
            return new ShardReply(e.Code, e.Detail, null);
        }
        finally
        {
            // Another one has the shard, or it failed: the next call finds the one that has it, or opens it anew from its log.
            if (_host!.IsOver) DeactivateOnIdle();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} could not be opened: {Code}: {Reason}")]
    private static partial void LogNotOpened(ILogger logger, int shard, string code, string reason);
}
