using System.Collections.Concurrent;
using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;
using Orleans.Runtime;

namespace LiveGrains.Cluster.Shards;

/// <summary>The shards that this silo has now. Any thread.</summary>
internal sealed class SiloShards(EngineOptions options, ILocalSiloDetails silo, TimeProvider time)
{
    private readonly ConcurrentDictionary<int, ShardHost> _hosts = new();

    /// <summary>The name of this silo, which it keeps over restarts: its address and port.</summary>
    public string Machine { get; } = NameOf(silo.SiloAddress);

    /// <summary>The hosts that are of use.</summary>
    public IReadOnlyCollection<ShardHost> Hosts => [.. _hosts.Values.Where(h => !h.IsOver)];

    /// <summary>The name of a silo.</summary>
    public static string NameOf(SiloAddress silo) => silo.Endpoint.ToString();

    /// <summary>The host of a shard, or null. One that is over is none: a call to the shard's grain finds that out, and makes another.</summary>
    public ShardHost? Find(int shard) => _hosts.GetValueOrDefault(shard) is { IsOver: false } host ? host : null;

    /// <summary>Takes a shard over and recovers it, on a thread of its own: it may wait for long, and the pool's few are needed to answer for this silo.</summary>
    public async Task<ShardHost> OpenAsync(int shard, CancellationToken cancellationToken)
    {
        if (shard < 0 || shard >= options.Shards) throw new LiveGrainsException(ErrorCode.InvalidParameter, $"There is no shard {shard}.");
        var host = await OnOwnThread(() => ShardHost.OpenAsync(options, shard, Machine, time, cancellationToken).AsTask()).Unwrap();
        _hosts[shard] = host;
        return host;
    }

    /// <summary>Drains a host, writes its snapshot and gives it up.</summary>
    public Task CloseAsync(ShardHost host)
    {
        // A newer activation may be there already.
        _hosts.TryRemove(KeyValuePair.Create(host.Shard, host));
        return OnOwnThread(() => host.DisposeAsync().AsTask()).Unwrap();
    }

    private static Task<T> OnOwnThread<T>(Func<T> wait) => Task.Factory.StartNew(wait, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
