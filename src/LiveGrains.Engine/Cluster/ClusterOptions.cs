using System.Net;

namespace LiveGrains.Engine.Cluster;

/// <summary>How silos find each other.</summary>
public enum ClusterMembership
{
    /// <summary>By tables in the database of the shards.</summary>
    Postgres,
    /// <summary>By asking the silo at a port of this machine; when that one is gone, so is the cluster. For trying things out.</summary>
    Localhost,
}

/// <summary>What a silo, a process of a cluster, needs to know of it (docs/cluster.md).</summary>
public sealed record ClusterOptions
{
    /// <summary>Shards of a new cluster, unless it is said: they spread evenly over 1, 2, 3 and 6 silos, and each costs a commit of every request that touches it.</summary>
    public const int DefaultShards = 6;

    /// <summary>Bytes of log after which a snapshot is made, unless it is said: a shard that moves is away while the log behind it is read.</summary>
    public const long DefaultSnapshotLogBytes = 128L << 20;

    /// <summary>How silos find each other.</summary>
    public ClusterMembership Membership { get; init; } = ClusterMembership.Postgres;

    /// <summary>The cluster's name; silos of one database with different names fight for the shards.</summary>
    public string Name { get; init; } = "livegrains";

    /// <summary>The address under which other silos reach this one. Default 127.0.0.1: all silos on one machine.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port for other silos, default 11111.</summary>
    public int SiloPort { get; init; } = 11_111;

    /// <summary>The port for Orleans clients, default 0: none.</summary>
    public int GatewayPort { get; init; }

    /// <summary>With <see cref="ClusterMembership.Localhost"/>: the port of the silo that is asked, default this one's.</summary>
    public int? PrimaryPort { get; init; }

    /// <summary>The connection string of the database; a secret.</summary>
    public required string PostgresConnection { get; init; }
}
