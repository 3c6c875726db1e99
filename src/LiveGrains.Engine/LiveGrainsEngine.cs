using System.Text;
using LiveGrains.Core;
using LiveGrains.Engine.Cluster;
using LiveGrains.Engine.Ingest;
using LiveGrains.Engine.Queries;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Shards;
using LiveGrains.Engine.Storage;

namespace LiveGrains.Engine;

/// <summary>
/// The engine in one process: its shards, the clock, and the way of events and questions to them. All members may be
/// called from any thread. Dispose it to drain, seal and snapshot; a process that is killed loses nothing acknowledged.
/// </summary>
public sealed partial class LiveGrainsEngine : ILiveGrains, IAsyncDisposable
{
    private readonly EngineOptions _options;
    private readonly ShardRunner[] _shards;
    private readonly EngineClock _clock;
    private readonly Intake _intake;
    private readonly KeyHash _hash;
    private readonly IDisposable? _directory;

    private LiveGrainsEngine(EngineOptions options, ShardRunner[] shards, RecommendationRunner recommendations, EngineClock clock, KeyHash hash, IDisposable? directory, TimeProvider time)
    {
        _options = options;
        _shards = shards;
        _hasTraffic = options.Owned == null && shards[0].HasTraffic;
        PricesElsewhere = options.Owned == null ? null : new ShardPrices(time);
        _recommendations = recommendations;
        recommendations.Lost = number => Task.Run(() => TellItemsAgainAsync(ShardAt(number), time));
        _ = FillRecommendationsAsync(time);
        _clock = clock;
        _hash = hash;
        _directory = directory;
        _intake = new Intake(options.Limits, hash, time);
    }

    /// <summary>
    /// Called, from any thread, with failures that nobody waits for: a snapshot that could not be made, a log that could not
    /// be written. They hold no personal data.
    /// </summary>
    public static event Action<Exception>? BackgroundFailure;

    /// <inheritdoc/>
    public RequestLimits Limits => _options.Limits;

    /// <summary>What people should know of the recovery: torn tails that were cut, snapshots and models that could not be used.</summary>
    public IReadOnlyList<string> RecoveryNotes => [.. _shards.SelectMany(s => s.Recovery.Notes), .. _recommendations.Note is { } note ? [note] : Array.Empty<string>()];

    internal IReadOnlyList<ShardRunner> Shards => _shards;

    internal KeyHash Hash => _hash;

    /// <summary>Opens an engine and recovers what its directory holds. Throws <see cref="LiveGrainsException"/> when that cannot be done, and leaves all as it was when it is cancelled.</summary>
    public static ValueTask<LiveGrainsEngine> OpenAsync(EngineOptions options, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(EngineOpening.Open(options, time ?? TimeProvider.System, (shards, recommendations, clock, hash, directory) =>
            new LiveGrainsEngine(options, shards, recommendations, clock, hash, directory, time ?? TimeProvider.System), Report, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<IngestAnswer> IngestAsync(ReadOnlyMemory<byte> body, EventFormat format, CloudEventAttributes? attributes = null,
        CancellationToken cancellationToken = default)
    {
        var block = _intake.Read(body.Span, format, attributes, _clock.LatestEventTime());
        return _intake.SubmitAsync(block, Submit);
    }

    /// <inheritdoc/>
    public async ValueTask<RoomMetrics?> GetRoomAsync(string room, CancellationToken cancellationToken = default)
    {
        var key = Encoding.UTF8.GetBytes(room);
        return await ShardOf(key).Ask(s => RoomAnswers.Find(s, key) is var n and not 0 ? RoomAnswers.Metrics(s, n) : null)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<RoomListPage> ListRoomsAsync(RoomListQuery query, CancellationToken cancellationToken = default)
    {
        RoomLists.Check(query);
        var cursor = RoomCursor.Parse(query.Cursor, query.Sort);
        var parts = await AskAll(s => RoomLists.Read(s, query, cursor), cancellationToken).ConfigureAwait(false);
        return RoomLists.Merge(parts, query);
    }

    /// <inheritdoc/>
    public async ValueTask<SeriesAnswer?> GetRoomSeriesAsync(string room, SeriesQuery query, CancellationToken cancellationToken = default)
    {
        if (!RoomSeriesAnswers.Knows(query.Metric)) throw new LiveGrainsException(ErrorCode.InvalidParameter, "metric is not a count or an amount of a room.");
        if (query.StepSeconds is < 10 or > 86_400 || query.StepSeconds % 10 != 0) throw new LiveGrainsException(ErrorCode.InvalidParameter, "step must be a multiple of 10 s, at most 86,400.");
        if (query.From < 0 || query.To < 0 || query.From > query.To) throw new LiveGrainsException(ErrorCode.InvalidParameter, "from must not be later than to.");
        var key = Encoding.UTF8.GetBytes(room);
        return await ShardOf(key).Ask(s => RoomAnswers.Find(s, key) is var n and not 0 ? RoomSeriesAnswers.Read(s, n, query) : null)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<RoomBroadcast?> GetBroadcastAsync(string room, CancellationToken cancellationToken = default)
    {
        var key = Encoding.UTF8.GetBytes(room);
        var found = await ShardOf(key).Ask(s => RoomAnswers.Find(s, key) is var n and not 0 ? RoomAnswers.Broadcast(s, n) : default)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        // Finding words takes longer than a shard may be kept from its events.
        return found.Broadcast is { } broadcast ? broadcast with { Words = CommentWordFinder.Find(found.Comments) } : null;
    }

    /// <inheritdoc/>
    public async ValueTask<RoomProducts?> GetRoomProductsAsync(string room, CancellationToken cancellationToken = default)
    {
        var key = Encoding.UTF8.GetBytes(room);
        return await ShardOf(key).Ask(s => RoomAnswers.Find(s, key) is var n and not 0 ? ItemAnswers.OfRoom(s, n) : null)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<ItemMetrics?> GetProductAsync(string product, CancellationToken cancellationToken = default) => GetItem(false, product, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ItemMetrics?> GetVideoAsync(string video, CancellationToken cancellationToken = default) => GetItem(true, video, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<Overview> GetOverviewAsync(CancellationToken cancellationToken = default)
    {
        var parts = await AskAll(OverviewAnswers.Read, cancellationToken).ConfigureAwait(false);
        return OverviewAnswers.Merge(parts, _intake.PerSecond());
    }

    /// <inheritdoc/>
    public EventTail ReadTail() => new(_intake.ReadTail(), AnswerValues.Time(Math.Max(0, _clock.NowMs())));

    /// <inheritdoc/>
    public EngineStatus GetStatus()
    {
        var worst = _shards.Select(s => s.State).OrderByDescending(s => s switch { "stopped" => 4, "unavailable" => 3, "full" => 2, "closing" => 1, _ => 0 }).First();
        return new EngineStatus
        {
            State = worst,
            Currency = _options.Currency,
            StateDetail = _shards.Select(s => s.StateDetail).FirstOrDefault(d => d != null),
            Clock = AnswerValues.Time(Math.Max(0, _clock.NowMs())),
            Shards = [.. _shards.Select(s => s.Status())],
            RejectedByCode = _intake.RejectedByCode(),
            Recommender = _recommendations.Status(),
        };
    }

    /// <summary>Makes a snapshot of every shard now, beside the running engine.</summary>
    public Task SnapshotAsync() => Task.WhenAll(_shards.Select(s => s.SnapshotAsync()));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        // It reads the shards' rows, so it ends before they do.
        _recommendations.Dispose();
        Parallel.ForEach(_shards, s => s.Dispose());
        _directory?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Submits a block of records; its completion tells the rest. For programs in this process that have records ready.</summary>
    internal void Submit(IngestBlock block)
    {
        lock (_clock.Sequencer)
        {
            if (_shards.Length == 1)
            {
                _shards[0].CheckRoom(block.Length);
                _clock.Stamp(block.Records);
                _shards[0].Submit(block);
                return;
            }

            foreach (var shard in _shards) shard.CheckRoom(block.Length);
            _clock.Stamp(block.Records);
            ShardRouter.Route(block, _shards, _hash, _hasTraffic);
        }
    }

    internal static void Report(Exception e) => BackgroundFailure?.Invoke(e);

    private async ValueTask<ItemMetrics?> GetItem(bool video, string item, CancellationToken cancellationToken)
    {
        var key = Encoding.UTF8.GetBytes(item);
        return await ShardOf(key).Ask(s => ItemAnswers.Find(s, video, key) is var n and not 0 ? ItemAnswers.Metrics(s, video, n) : null)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private ShardRunner ShardOf(ReadOnlySpan<byte> key) => ShardAt(ShardRouter.ShardOf(_hash.Of(key), _options.Shards));

    private ShardRunner ShardAt(int number) => _options.Owned == null
        ? _shards[number]
        : Array.Find(_shards, s => s.Number == number) ?? throw new LiveGrainsException(ErrorCode.ShardMoved, $"This engine does not have shard {number}.");

    private async Task<T[]> AskAll<T>(Func<ShardState, T> read, CancellationToken cancellationToken)
    {
        if (_shards.Length == 1) return [await _shards[0].Ask(read).WaitAsync(cancellationToken).ConfigureAwait(false)];
        return await Task.WhenAll(_shards.Select(s => s.Ask(read))).WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
