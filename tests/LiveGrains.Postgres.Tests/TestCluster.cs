using System.Collections.Concurrent;
using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;
using LiveGrains.Engine.Ingest;

namespace LiveGrains.Postgres.Tests;

/// <summary>Machines of a cluster in one process: between them go bytes, as over a network; where a shard is, a table says.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly EngineOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<int, (Machine Machine, ShardHost Host)> _owners = new();
    private readonly ConcurrentBag<ShardHost> _hosts = [];
    private readonly ConcurrentQueue<Exception> _failures = new();

    public TestCluster(EngineOptions options, TimeProvider time, int machines)
    {
        _options = options;
        _time = time;
        LiveGrainsEngine.BackgroundFailure += _failures.Enqueue;
        var keys = options.Store!.Prepare(options.Shards, 5, new HashKeys(11, 13), CancellationToken.None)!.Value;
        Machines = [.. Enumerable.Range(0, machines).Select(_ => new Machine(this))];
        foreach (var machine in Machines)
        {
            machine.Front = new ClusterFront(options, keys, machine, time);
            machine.Front.Watch.Start();
        }
    }

    public IReadOnlyList<Machine> Machines { get; }

    /// <summary>All hosts that ever were, with their shards or without.</summary>
    public IReadOnlyCollection<ShardHost> Hosts => _hosts;

    /// <summary>What went wrong in the background since the cluster is there.</summary>
    public IReadOnlyCollection<Exception> Failures => _failures;

    /// <summary>Opens a shard on a machine; who had it is not told.</summary>
    public async Task PlaceAsync(int shard, int machine)
    {
        var host = await Task.Run(async () => await ShardHost.OpenAsync(_options, shard, $"machine {machine}", _time, CancellationToken.None));
        _hosts.Add(host);
        _owners[shard] = (Machines[machine], host);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var machine in Machines) await machine.Front.DisposeAsync();
        foreach (var host in _hosts) await host.DisposeAsync();
        LiveGrainsEngine.BackgroundFailure -= _failures.Enqueue;
    }

    /// <summary>One machine.</summary>
    internal sealed class Machine(TestCluster cluster) : IShardLinks
    {
        /// <summary>Its front.</summary>
        public ClusterFront Front { get; set; } = null!;

        /// <summary>Parts that went to another machine.</summary>
        public int PartsSent { get; private set; }

        /// <inheritdoc/>
        public IReadOnlyCollection<ShardHost> Hosts => [.. cluster._owners.Values.Where(o => o.Machine == this).Select(o => o.Host)];

        /// <inheritdoc/>
        public void Submit(int shard, IngestBlock part)
        {
            if (!cluster._owners.TryGetValue(shard, out var owner))
            {
                part.Fail(ErrorCode.ShardUnavailable);
            }
            else if (owner.Machine == this)
            {
                owner.Host.Submit(part);
            }
            else
            {
                PartsSent++;
                _ = RemotePart.SendAsync(part, async records => await owner.Host.IngestAsync(records));
            }
        }

        /// <inheritdoc/>
        public async ValueTask<T> AskAsync<T>(int shard, ShardQuestion<T> question, CancellationToken cancellationToken)
        {
            if (!cluster._owners.TryGetValue(shard, out var owner)) throw new LiveGrainsException(ErrorCode.ShardUnavailable);
            if (owner.Machine == this) return await owner.Host.AskAsync(question, cancellationToken);
            var asked = ShardJson.ReadQuestion(ShardJson.WriteQuestion(question));
            return ShardJson.Read<T>(await asked.AskForJsonAsync(owner.Host, cancellationToken));
        }
    }
}
