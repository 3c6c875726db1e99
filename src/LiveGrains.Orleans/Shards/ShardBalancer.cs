using LiveGrains.Cluster.Grains;
using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;

namespace LiveGrains.Cluster.Shards;

/// <summary>
/// Gives up shards that this silo has beyond its share, one after the other, when silos joined. It waits until the membership has been the
/// same for a while, so that silos that start together are waited for.
/// </summary>
internal sealed class ShardBalancer(EngineOptions options, SiloShards shards, IClusterMembershipService membership, IGrainFactory grains, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _settled = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var version = MembershipVersion.MinValue;
        var since = time.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(_period, time, stoppingToken);
                var snapshot = membership.CurrentSnapshot;
                if (snapshot.Version != version)
                {
                    version = snapshot.Version;
                    since = time.GetTimestamp();
                }

                if (time.GetElapsedTime(since) < _settled) continue;
                var machines = snapshot.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => SiloShards.NameOf(m.SiloAddress)).ToList();
                if (!machines.Contains(shards.Machine)) continue;
                var surplus = ShardMap.Surplus([.. shards.Hosts.Select(h => h.Shard)], shards.Machine, options.Shards, machines);
                if (surplus.Count > 0) await LeaveAsync(surplus[0], stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo ends, and with it all its shards move.
        }
    }

    private async Task LeaveAsync(int shard, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IShardGrain>(shard).LeaveAsync().WaitAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // It is on the move already, or cannot be taken up now; the next look sees how it went. Whatever else it is must not end the looking.
            if (e is not (OrleansException or TimeoutException or LiveGrainsException or InvalidOperationException)) LiveGrainsEngine.Report(e);
        }
    }
}
