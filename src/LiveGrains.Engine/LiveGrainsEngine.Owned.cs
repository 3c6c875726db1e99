using LiveGrains.Core;
using LiveGrains.Engine.Cluster;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Shards;

namespace LiveGrains.Engine;

/// <summary>What an engine that has one shard of a cluster does for the others (Cluster/README.md).</summary>
public sealed partial class LiveGrainsEngine
{
    /// <summary>The recommender.</summary>
    internal RecommendationRunner Recommendations => _recommendations;

    /// <summary>The prices of traffic of an engine that has one shard of a cluster; else null.</summary>
    internal ShardPrices? PricesElsewhere { get; }

    /// <summary>The clock, ms since 1970 UTC.</summary>
    internal long NowMs() => Math.Max(0, _clock.NowMs());

    /// <summary>Raises an event clock to what another engine of the cluster saw.</summary>
    internal void RaiseClock(long clockMs) => _clock.Raise(clockMs);

    /// <summary>Asks the only shard.</summary>
    internal Task<T> AskOwned<T>(Func<ShardState, T> read) => _shards[0].Ask(read);

    /// <summary>What hinders the only shard, if anything does: `ready` and null, or its state and the reason.</summary>
    internal (string State, string? Detail) OwnedState => (_shards[0].State, _shards[0].StateDetail);

    /// <summary>Counters of the only shard.</summary>
    internal ShardStatus OwnedStatus => _shards[0].Status();

    /// <summary>Submits a part that was cut for the only shard; throws when it is not taken.</summary>
    internal void SubmitOwned(IngestBlock part)
    {
        lock (_clock.Sequencer)
        {
            _shards[0].CheckRoom(part.Length);
            _clock.Stamp(part.Records, stamped: true);
            _shards[0].Submit(part);
        }
    }
}
