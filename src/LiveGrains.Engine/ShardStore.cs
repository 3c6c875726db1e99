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
    /// Makes what is not there yet. Returns the hash keys of all shards: those given when the store is new, else the store's own; null: an
    /// old store that has only those in its logs. Throws <see cref="LogUnavailableException"/> and <see cref="LiveGrainsException"/>.
    /// </summary>
    /// <param name="shards">Their number; fixed when the store is made (<see cref="ErrorCode.SettingsConflict"/>).</param>
    /// <param name="logId">The id of the log of shard 0, if the store is new; those after it count on.</param>
    /// <param name="keys">The hash keys of a new store.</param>
    /// <param name="cancellationToken">Ends it before anything is changed.</param>
    internal abstract HashKeys? Prepare(int shards, ulong logId, HashKeys keys, CancellationToken cancellationToken);

    /// <summary>Notes the hash keys of an old store, which its logs have.</summary>
    internal abstract void KeepKeys(HashKeys keys);

    /// <summary>
    /// Takes over shards of a store that is prepared: from now on nobody who had them before can write to their logs, whether they know it
    /// or not. Throws as <see cref="Prepare"/>.
    /// </summary>
    internal abstract IReadOnlyList<IShardLog> TakeOver(IReadOnlyList<int> shards);

    /// <summary>Prepares the store, with keys that do not matter, and takes all shards.</summary>
    internal IReadOnlyList<IShardLog> TakeOver(int shards, ulong logId, CancellationToken cancellationToken)
    {
        Prepare(shards, logId, default, cancellationToken);
        return TakeOver([.. Enumerable.Range(0, shards)]);
    }

    /// <inheritdoc/>
    public sealed override string ToString() => Description;
}

/// <summary>The keys of <see cref="Core.KeyHash"/>, which all shards have in common.</summary>
internal readonly record struct HashKeys(ulong Key0, ulong Key1);
