using LiveGrains.Engine.Log;

namespace LiveGrains.Engine;

/// <summary>Where an engine keeps the logs and snapshots of its shards, when that is not a data directory.</summary>
public abstract class ShardStore
{
    // The port is internal: who implements it is a friend of this assembly.
    internal ShardStore()
    {
    }

    /// <summary>What and where, for people; without secrets.</summary>
    public abstract string Description { get; }

    /// <summary>
    /// Takes over all shards: from now on nobody who had them before can write to their logs, whether they know it or not. Makes what
    /// is not there yet. Throws <see cref="LogUnavailableException"/> and <see cref="LiveGrainsException"/>.
    /// </summary>
    /// <param name="shards">Their number; fixed when the store is made (<see cref="ErrorCode.SettingsConflict"/>).</param>
    /// <param name="logId">The id of the log of shard 0, if that is new; those after it count on.</param>
    /// <param name="cancellationToken">Ends it before anything is changed.</param>
    internal abstract IReadOnlyList<IShardLog> TakeOver(int shards, ulong logId, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public sealed override string ToString() => Description;
}
