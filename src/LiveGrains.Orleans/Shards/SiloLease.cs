using System.Data.Common;
using LiveGrains.Engine;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;

namespace LiveGrains.Cluster.Shards;

/// <summary>
/// Until when this silo may send on what its clients gave it: 10 s after the beginning of a look into the membership that found it active.
/// Fencing keeps a silo that stood still from writing, but neither from handing what it still holds to those who may write, nor Orleans
/// from forwarding what was on its way to it. By then a client has sent that again elsewhere, perhaps so long ago that the ids are
/// forgotten. So each block carries the lease of its sender, and a shard takes none whose lease has run out. Any thread.
/// </summary>
internal sealed class SiloLease(ILocalSiloDetails silo, IMembershipTable membership, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _length = TimeSpan.FromSeconds(10);

    private long _until;

    /// <summary>The end of the lease, ms since 1970 UTC by this machine's clock; 0: there was none yet.</summary>
    public long UntilMs => Volatile.Read(ref _until);

    /// <summary>True while a lease holds by this machine's clock, its own or another silo's.</summary>
    public bool Holds(long untilMs) => time.GetUtcNow().ToUnixTimeMilliseconds() < untilMs;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await LookAsync(stoppingToken);
                await Task.Delay(_period, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The silo ends.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        // A read of its own: one of Orleans' that is under way may have been so since before the silo stood still.
        var began = time.GetUtcNow();
        try
        {
            var row = (await membership.ReadRowAsync(silo.SiloAddress, cancellationToken)).TryGet(silo.SiloAddress);
            if (row?.Item1.Status == SiloStatus.Active) Volatile.Write(ref _until, (began + _length).ToUnixTimeMilliseconds());
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The table cannot be read now. The lease runs out if that goes on; whatever else it is must not end the looking, or this silo could never send again.
            if (e is not (OrleansException or DbException or TimeoutException)) LiveGrainsEngine.Report(e);
        }
    }
}
