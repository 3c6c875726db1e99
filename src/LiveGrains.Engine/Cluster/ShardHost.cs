using System.Security.Cryptography;
using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Recommendations;

namespace LiveGrains.Engine.Cluster;

/// <summary>
/// One shard of a cluster on this machine: an engine that has this shard alone, so that log, fold, answers and recommender are those of
/// the single process. Opening takes the shard over from whoever had it. Any thread.
/// </summary>
internal sealed class ShardHost : IAsyncDisposable
{
    private readonly LiveGrainsEngine _engine;
    private readonly BlockPool _pool = new();
    // Another one each time a shard is opened.
    private readonly long _instance = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)) | 1;
    private readonly Allocator? _allocator;
    private readonly NoPolicyLeases? _leases;
    private volatile bool _hasPolicy;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _asking = new(1);

    private ShardHost(LiveGrainsEngine engine, int shard, int shards, string machine, TimeProvider time, bool hasPolicy)
    {
        _engine = engine;
        _time = time;
        if (shard == 0)
        {
            _allocator = new Allocator(shards, _instance, time);
            _leases = new NoPolicyLeases(time, mayBeOlder: !hasPolicy);
            _hasPolicy = hasPolicy;
        }

        Shard = shard;
        Machine = machine;
    }

    /// <summary>This machine's name in the cluster.</summary>
    public string Machine { get; }

    /// <summary>The shard's number.</summary>
    public int Shard { get; }

    /// <summary>The engine.</summary>
    public LiveGrainsEngine Engine => _engine;

    /// <summary>True when another engine has taken the shard over, or it stopped: this one is of no use any more.</summary>
    public bool IsOver => _engine.OwnedState.State == "stopped";

    /// <summary>Takes the shard over and recovers it, on the calling thread. Throws as <see cref="LiveGrainsEngine.OpenAsync"/>.</summary>
    public static async ValueTask<ShardHost> OpenAsync(EngineOptions options, int shard, string machine, TimeProvider time, CancellationToken cancellationToken)
    {
        var engine = await LiveGrainsEngine.OpenAsync(options with { Owned = [shard] }, time, cancellationToken).ConfigureAwait(false);
        try
        {
            // From the first event on: other shards hold slots until they hear that they were counted.
            var counted = shard == 0 ? await engine.AskOwned(s => s.Traffic == null ? null : s.Traffic.Counted = new CountedImpressions()).ConfigureAwait(false) : null;
            return new ShardHost(engine, shard, options.Shards, machine, time, hasPolicy: counted != null);
        }
        catch
        {
            await engine.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes a part that was cut for this shard; completes or fails it when it is durable and applied. Never throws.</summary>
    public void Submit(IngestBlock part)
    {
        try
        {
            _engine.SubmitOwned(part);
        }
        catch (LiveGrainsException e)
        {
            part.Fail(e);
        }
    }

    /// <summary>Takes the records of a part that came from another machine; returns their verdicts when they are durable and applied.</summary>
    public async ValueTask<byte[]> IngestAsync(ReadOnlyMemory<byte> records)
    {
        if (!EventRecords.AreWellFormed(records.Span, out var count)) throw new LiveGrainsException(ErrorCode.InvalidBlock, "Records for a shard are not well-formed.");
        var part = _pool.Rent();
        records.Span.CopyTo(part.Reserve(records.Length));
        part.AppendAll(records.Length, count);
        try
        {
            _engine.SubmitOwned(part);
        }
        catch
        {
            _pool.Return(part);
            throw;
        }

        await part.Completion().ConfigureAwait(false);
        var verdicts = part.Verdicts.ToArray();
        _pool.Return(part);
        return verdicts;
    }

    /// <summary>Answers a question.</summary>
    public ValueTask<T> AskAsync<T>(ShardQuestion<T> question, CancellationToken cancellationToken)
    {
        _engine.RaiseClock(question.ClockMs);
        return question.AskAsync(this, cancellationToken);
    }

    /// <summary>Tells the recommender about items of another shard.</summary>
    public async Task NoteAsync(LiveItemsPage items) => await _engine.Recommendations.Ask((_, directory) =>
    {
        LiveItems.Note(items, directory);
        return true;
    }).ConfigureAwait(false);

    /// <summary>How the shard is. Through its thread: a shard that does not get to it does not answer.</summary>
    /// <param name="front">Who asks; when it is told that there is no policy of traffic, it may go by that for <see cref="NoPolicyLeases.GoodFor"/>.</param>
    /// <param name="known">Version of the policy that it knows of; 0: none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<ShardReport> ReportAsync(long front, long known, CancellationToken cancellationToken)
    {
        // That a front is told of a policy is not that it heard: it may go by what it was told before until it says otherwise.
        if (known > 0) _leases?.End(front);
        else if (!_hasPolicy) _leases?.Give(front);
        var (events, clockMs, policy) = await _engine.AskOwned(s => (s.Totals.Primary, s.ClockMs, s.Traffic?.Version ?? 0)).WaitAsync(cancellationToken).ConfigureAwait(false);
        var (state, detail) = _engine.OwnedState;
        return new ShardReport(Machine, state, detail, events, clockMs, policy);
    }

    /// <summary>Replaces the policy of traffic, as <see cref="LiveGrainsEngine.SetTrafficPolicyAsync(TrafficPolicy, bool, CancellationToken)"/>; when it returns, every front knows that there is one.</summary>
    public async ValueTask<TrafficPolicy> SetPolicyAsync(TrafficPolicy policy, bool again, CancellationToken cancellationToken)
    {
        var taken = await _engine.SetTrafficPolicyAsync(policy, again, cancellationToken).ConfigureAwait(false);
        _hasPolicy = true;
        if (_leases != null) await _leases.EndedAsync(cancellationToken).ConfigureAwait(false);
        return taken;
    }

    /// <summary>Prices for a shard; only the first shard has them.</summary>
    public Task<AllocationAnswer> AllocateAsync(AllocationQuestion question) => _allocator == null
        ? throw new LiveGrainsException(ErrorCode.InvalidParameter, "The allocator is beside the first shard.")
        : _engine.AskOwned(s => _allocator.Answer(s, question));

    /// <summary>Asks the allocator for the newest prices, and gives lists by them from now on.</summary>
    public async Task TakePricesAsync(IShardLinks links, CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            bool again;
            do
            {
                var askedAt = _time.GetTimestamp();
                var question = await _engine.Recommendations.Ask((recommender, _) => _engine.PricesElsewhere!.Ask(Shard, _instance, recommender)).ConfigureAwait(false);
                var answer = await links.AskAsync(0, question, cancellationToken).ConfigureAwait(false);
                again = await _engine.Recommendations.Ask((recommender, items) =>
                    _engine.PricesElsewhere!.Take(answer, askedAt, ShardState.SecondsOf(_engine.NowMs()), recommender, items)).ConfigureAwait(false);
            }
            while (again);
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <summary>Drains, snapshots and gives the shard up.</summary>
    public ValueTask DisposeAsync() => _engine.DisposeAsync();
}
