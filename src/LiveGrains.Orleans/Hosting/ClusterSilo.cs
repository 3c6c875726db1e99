using System.Net;
using LiveGrains.Cluster.Placement;
using LiveGrains.Cluster.Shards;
using LiveGrains.Engine;
using LiveGrains.Engine.Cluster;
using LiveGrains.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using ClusterOptions = LiveGrains.Engine.Cluster.ClusterOptions;

namespace LiveGrains.Cluster.Hosting;

/// <summary>Starts the silo of this process: Orleans, the shards that fall to it, and the front over all shards.</summary>
public static class ClusterSilo
{
    private static readonly TimeSpan _heardOf = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Joins the cluster, making what is not there yet in the database, and returns when every shard was heard of, or after 20 s. The
    /// engine that is returned is <see cref="IAsyncDisposable"/>: disposing it hands the shards over and leaves the cluster. Throws
    /// <see cref="LiveGrainsException"/> when the database cannot be reached or was made otherwise.
    /// </summary>
    public static async Task<ILiveGrains> StartAsync(EngineOptions options, ClusterOptions cluster, TimeProvider time, CancellationToken cancellationToken)
    {
        var store = new PostgresStore(cluster.PostgresConnection);
        options = options with { Store = store, DataDirectory = null };
        var keys = await Task.Run(() => store.Share(options.Shards, cancellationToken), cancellationToken).ConfigureAwait(false);
        var host = Build(options, cluster, keys, store.MembershipConnection, time);
        try
        {
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            host.Dispose();
            throw new LiveGrainsException(ErrorCode.AddressInUse, $"The silo could not join the cluster at {cluster.Address}:{cluster.SiloPort}: {e.GetBaseException().Message}", e);
        }

        var front = host.Services.GetRequiredService<ClusterFront>();
        front.Ended = async () =>
        {
            await host.StopAsync(CancellationToken.None).ConfigureAwait(false);
            host.Dispose();
        };
        try
        {
            for (var started = time.GetTimestamp(); front.GetStatus().State == "starting" && time.GetElapsedTime(started) < _heardOf;)
                await Task.Delay(_look, time, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await front.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return front;
    }

    private static IHost Build(EngineOptions options, ClusterOptions cluster, HashKeys keys, string membership, TimeProvider time)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "LiveGrains.Silo", DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        // Silos that come and go are told of at length; what of it matters to operators is in the status.
        builder.Logging.AddFilter("Orleans", LogLevel.Error);
        // The exception of a failed start reaches the caller.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.AddSingleton(time).AddSingleton(options);
        // Signals are the caller's.
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(2));
        builder.UseOrleans(silo => Configure(silo, cluster, keys, membership));
        return builder.Build();
    }

    /// <summary>What every silo of a cluster has, but for where it listens and how it finds others.</summary>
    internal static void ConfigureGrains(ISiloBuilder silo, HashKeys keys)
    {
        silo.Services.AddSingleton<SiloShards>().AddSingleton<SiloLease>().AddSingleton<IShardLinks, SiloLinks>();
        silo.Services.AddHostedService(s => s.GetRequiredService<SiloLease>()).AddHostedService<FrontService>().AddHostedService<ShardBalancer>();
        silo.Services.AddSingleton(s => new ClusterFront(s.GetRequiredService<EngineOptions>(), keys, s.GetRequiredService<IShardLinks>(), s.GetRequiredService<TimeProvider>()));
        silo.Services.AddLiveGrainsSerializer();
        silo.AddPlacementDirector<PlaceShardStrategy, PlaceShardDirector>();
        silo.AddPlacementDirector<PlaceWithShardStrategy, PlaceWithShardDirector>();
        silo.AddPlacementDirector<PlaceWithFirstShardStrategy, PlaceWithShardDirector>();
        silo.AddMemoryStreams(ClusterStreams.Provider).AddMemoryGrainStorage("PubSubStore");
        silo.Configure<GrainCollectionOptions>(grains =>
        {
            // A shard may have much to recover, and much to write when it leaves.
            grains.ActivationTimeout = TimeSpan.FromMinutes(10);
            grains.DeactivationTimeout = TimeSpan.FromMinutes(1);
        });
        silo.Configure<SiloMessagingOptions>(messages => messages.ResponseTimeout = TimeSpan.FromSeconds(15));
        silo.Configure<ClusterMembershipOptions>(membership =>
        {
            // A silo that is killed is missed after about three seconds. Too few would take a silo that is only busy for a dead one.
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 3;
            membership.NumVotesForDeathDeclaration = 2;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
    }

    private static void Configure(ISiloBuilder silo, ClusterOptions cluster, HashKeys keys, string membership)
    {
        ConfigureGrains(silo, keys);
        if (cluster.Membership == ClusterMembership.Localhost)
        {
            silo.UseLocalhostClustering(cluster.SiloPort, cluster.GatewayPort, new IPEndPoint(IPAddress.Loopback, cluster.PrimaryPort ?? cluster.SiloPort), cluster.Name, cluster.Name);
            return;
        }

        silo.Configure<Orleans.Configuration.ClusterOptions>(names => (names.ClusterId, names.ServiceId) = (cluster.Name, cluster.Name));
        silo.UseAdoNetClustering(table => (table.Invariant, table.ConnectionString) = ("Npgsql", membership));
        silo.ConfigureEndpoints(cluster.Address, cluster.SiloPort, cluster.GatewayPort);
    }

    // Runs while the silo does: hosted services that are added later start later and end earlier.
    private sealed class FrontService(ClusterFront front) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            front.Watch.Start();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => front.Watch.DisposeAsync().AsTask();
    }

    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
