using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Queries;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Shards;

namespace LiveGrains.Engine.Cluster;

/// <summary>
/// A cluster as <see cref="ILiveGrains"/>: reads bodies, cuts them into a block for each shard, and asks the shards, wherever they are.
/// Each machine has one; they know nothing of each other. Any thread. Dispose it before the hosts.
/// </summary>
internal sealed class ClusterFront : ILiveGrains, IAsyncDisposable
{
    // A shard that moves is away for so long; a question waits for it, because asking again changes nothing.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private readonly EngineOptions _options;
    private readonly IShardLinks _links;
    private readonly TimeProvider _time;
    private readonly KeyHash _hash;
    private readonly EngineClock _clock;
    private readonly Intake _intake;
    private readonly ClusterWatch _watch;
    private volatile bool _closing;
    private int _disposed;

    /// <summary>Makes the front. Its watch is still to be started.</summary>
    /// <param name="options">The engine's; their store is not used here.</param>
    /// <param name="keys">The hash keys of the store.</param>
    /// <param name="links">The way to the shards.</param>
    /// <param name="time">For the clock and for pauses.</param>
    public ClusterFront(EngineOptions options, HashKeys keys, IShardLinks links, TimeProvider time)
    {
        _options = options;
        _links = links;
        _time = time;
        _hash = new KeyHash(keys.Key0, keys.Key1);
        _clock = new EngineClock(options.Clock, time, long.MinValue);
        _intake = new Intake(options.Limits, _hash, time);
        _watch = new ClusterWatch(links, options.Shards, time, _clock.Raise);
    }

    /// <inheritdoc/>
    public RequestLimits Limits => _options.Limits;

    /// <summary>What ends after it.</summary>
    public Func<ValueTask> Ended { get; set; } = static () => ValueTask.CompletedTask;

    /// <summary>What is known of all shards.</summary>
    public ClusterWatch Watch => _watch;

    /// <summary>The number of the shard that has a key.</summary>
    public int ShardOf(string key) => ShardRouter.ShardOf(_hash.Of(Encoding.UTF8.GetBytes(key)), _options.Shards);

    /// <inheritdoc/>
    public async ValueTask<IngestAnswer> IngestAsync(ReadOnlyMemory<byte> body, EventFormat format, CloudEventAttributes? attributes = null,
        CancellationToken cancellationToken = default)
    {
        if (_closing) throw new LiveGrainsException(ErrorCode.ShuttingDown);
        try
        {
            return await _intake.SubmitAsync(_intake.Read(body.Span, format, attributes, _clock.LatestEventTime()), Submit).ConfigureAwait(false);
        }
        catch (LiveGrainsException e) when (IsMoving(e) && !_closing)
        {
            throw new LiveGrainsException(ErrorCode.ShardUnavailable, e.Code == ErrorCode.ShardUnavailable ? e.Detail : null, e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<RoomMetrics?> GetRoomAsync(string room, CancellationToken cancellationToken = default) =>
        AskAsync(ShardOf(room), new RoomQuestion(room), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<RoomListPage> ListRoomsAsync(RoomListQuery query, CancellationToken cancellationToken = default)
    {
        RoomLists.Check(query);
        return RoomLists.Merge(await AskAllAsync(new RoomListQuestion(query), cancellationToken).ConfigureAwait(false), query);
    }

    /// <inheritdoc/>
    public ValueTask<SeriesAnswer?> GetRoomSeriesAsync(string room, SeriesQuery query, CancellationToken cancellationToken = default) =>
        AskAsync(ShardOf(room), new RoomSeriesQuestion(room, query), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RoomBroadcast?> GetBroadcastAsync(string room, CancellationToken cancellationToken = default) =>
        AskAsync(ShardOf(room), new BroadcastQuestion(room), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<RoomProducts?> GetRoomProductsAsync(string room, CancellationToken cancellationToken = default) =>
        AskAsync(ShardOf(room), new RoomProductsQuestion(room), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ItemMetrics?> GetProductAsync(string product, CancellationToken cancellationToken = default) =>
        AskAsync(ShardOf(product), new ItemQuestion(false, product), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ItemMetrics?> GetVideoAsync(string video, CancellationToken cancellationToken = default) =>
        AskAsync(ShardOf(video), new ItemQuestion(true, video), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<UserProfile?> GetUserAsync(string user, CancellationToken cancellationToken = default) =>
        AskAsync(ShardOf(user), new UserQuestion(user), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<RecommendationList> RecommendAsync(string user, RecommendationQuery query, CancellationToken cancellationToken = default)
    {
        RecommendationAnswers.Check(query);
        IReadOnlyList<string>? products = null;
        if (query.Room is { } room)
        {
            products = await AskAsync(ShardOf(room), new ProductIdsQuestion(room), cancellationToken).ConfigureAwait(false)
                ?? throw new LiveGrainsException(ErrorCode.NotFound, "No event has named this room.");
        }

        return await AskAsync(ShardOf(user), () => new RecommendationQuestion(user, query, products, _watch.MayHavePolicy), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<SimilarItems?> GetSimilarAsync(ItemKind kind, string id, int limit, CancellationToken cancellationToken = default) =>
        AskAsync(ShardOf(id), new SimilarQuestion(kind, id, limit), cancellationToken);

    /// <summary>Each shard has a ranker of its own; this is the one of the first.</summary>
    public ValueTask<RankingModel> GetModelAsync(CancellationToken cancellationToken = default) => AskAsync(0, new ModelQuestion(), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Overview> GetOverviewAsync(CancellationToken cancellationToken = default) =>
        OverviewAnswers.Merge(await AskAllAsync(new OverviewQuestion(), cancellationToken).ConfigureAwait(false), _watch.EventsPerSecond());

    /// <inheritdoc/>
    public ValueTask<TrafficPolicy> GetTrafficPolicyAsync(CancellationToken cancellationToken = default) => AskAsync(0, new PolicyQuestion(), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<TrafficPolicy> SetTrafficPolicyAsync(TrafficPolicy policy, CancellationToken cancellationToken = default)
    {
        TrafficPolicy taken;
        try
        {
            taken = await _links.AskAsync(0, new SetPolicyQuestion(policy, Again: false), cancellationToken).ConfigureAwait(false);
        }
        catch (LiveGrainsException e) when (IsMoving(e) && !_closing)
        {
            taken = await AskAsync(0, new SetPolicyQuestion(policy, Again: true), cancellationToken).ConfigureAwait(false);
        }

        _watch.NotePolicy(taken.Version!.Value);
        return taken;
    }

    /// <inheritdoc/>
    public ValueTask<TrafficShares> GetTrafficAsync(CancellationToken cancellationToken = default) => AskAsync(0, new TrafficQuestion(), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<TrafficPlan> PlanTrafficAsync(TrafficPlanRequest request, CancellationToken cancellationToken = default) =>
        LiveGrainsEngine.PlanAsync(request, cancellationToken);

    /// <summary>Of the events that came to this machine.</summary>
    public EventTail ReadTail() => new(_intake.ReadTail(), AnswerValues.Time(Math.Max(0, _clock.NowMs())));

    /// <summary>The state is the cluster's, the shards and the recommender are those of this machine.</summary>
    public EngineStatus GetStatus()
    {
        var hosts = _links.Hosts.OrderBy(h => h.Shard).ToList();
        var (state, detail) = _closing ? ("closing", null) : _watch.State();
        return new EngineStatus
        {
            State = state,
            StateDetail = detail,
            Currency = _options.Currency,
            Clock = AnswerValues.Time(Math.Max(0, _clock.NowMs())),
            Shards = [.. hosts.Select(h => h.Engine.OwnedStatus)],
            RejectedByCode = _intake.RejectedByCode(),
            Recommender = null,
        };
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Whoever made it and whoever started it both end it.
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _closing = true;
        await _watch.DisposeAsync().ConfigureAwait(false);
        await Ended().ConfigureAwait(false);
    }

    // What one shard says of itself is no matter of the caller's: in a moment another machine has it.
    private static bool IsMoving(LiveGrainsException e) => e.Code is ErrorCode.ShardMoved or ErrorCode.ShuttingDown or ErrorCode.ShardUnavailable;

    private void Submit(IngestBlock block)
    {
        lock (_clock.Sequencer) _clock.Stamp(block.Records);
        // What the first shard does not know it passes over, so before it was heard of it gets all impressions.
        var parts = ShardRouter.Cut(block, _options.Shards, _hash, _watch.CountsImpressions);
        for (var shard = 0; shard < parts.Length; shard++)
        {
            if (parts[shard] is { } part) _links.Submit(shard, part);
        }
    }

    private async Task<T[]> AskAllAsync<T>(ShardQuestion<T> question, CancellationToken cancellationToken) =>
        await Task.WhenAll(Enumerable.Range(0, _options.Shards).Select(shard => AskAsync(shard, question, cancellationToken).AsTask())).ConfigureAwait(false);

    private ValueTask<T> AskAsync<T>(int shard, ShardQuestion<T> question, CancellationToken cancellationToken) => AskAsync(shard, () => question, cancellationToken);

    private async ValueTask<T> AskAsync<T>(int shard, Func<ShardQuestion<T>> question, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        while (true)
        {
            try
            {
                return await _links.AskAsync(shard, question() with { ClockMs = _options.Clock == ClockMode.Event ? _clock.NowMs() : long.MinValue }, cancellationToken).ConfigureAwait(false);
            }
            catch (LiveGrainsException e) when (IsMoving(e) && !_closing)
            {
                if (_time.GetElapsedTime(started) > _patience) throw new LiveGrainsException(ErrorCode.ShardUnavailable, null, e);
            }

            await Task.Delay(_pause, _time, cancellationToken).ConfigureAwait(false);
        }
    }
}
