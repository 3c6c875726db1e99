using System.Text.Json;
using LiveGrains.Cluster.Placement;
using LiveGrains.Cluster.Shards;
using LiveGrains.Engine.Cluster;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Streams;

namespace LiveGrains.Cluster.Grains;

/// <summary>A room. While it is watched it looks at its metrics four times a second and publishes those that changed.</summary>
[Reentrant]
[PlaceWithShard]
[GrainType("livegrains.room")]
internal sealed class RoomGrain(ClusterFront front, SiloShards shards, TimeProvider time) : KeyGrain(front, shards), IRoomGrain
{
    private IGrainTimer? _timer;
    private IAsyncStream<RoomMetrics>? _stream;
    private long _watchedAt;
    private string? _published;

    /// <inheritdoc/>
    public Task<RoomMetrics?> GetAsync() => AskAsync(f => f.GetRoomAsync(Key));

    /// <inheritdoc/>
    public Task<SeriesAnswer?> GetSeriesAsync(SeriesQuery query) => AskAsync(f => f.GetRoomSeriesAsync(Key, query));

    /// <inheritdoc/>
    public Task<RoomProducts?> GetProductsAsync() => AskAsync(f => f.GetRoomProductsAsync(Key));

    /// <inheritdoc/>
    public Task<SimilarItems?> GetSimilarAsync(int limit) => AskAsync(f => f.GetSimilarAsync(ItemKind.Room, Key, limit));

    /// <inheritdoc/>
    public Task WatchAsync()
    {
        _watchedAt = time.GetTimestamp();
        _stream ??= this.GetStreamProvider(ClusterStreams.Provider).GetStream<RoomMetrics>(ClusterStreams.OfRoom(Key));
        // Not interleaved: a slow stream gets fewer changes, not more of them at once.
        _timer ??= this.RegisterGrainTimer(PublishAsync, new GrainTimerCreationOptions(TimeSpan.Zero, ClusterStreams.Period) { KeepAlive = true });
        return Task.CompletedTask;
    }

    private async Task PublishAsync()
    {
        if (time.GetElapsedTime(_watchedAt) > ClusterStreams.Watched)
        {
            _timer?.Dispose();
            _timer = null;
            _published = null;
            return;
        }

        RoomMetrics? room;
        try
        {
            room = await Front.GetRoomAsync(Key);
        }
        catch (LiveGrainsException e) when (e.Code is ErrorCode.ShardUnavailable or ErrorCode.ShuttingDown)
        {
            // The shard is moving; the next look finds it.
            return;
        }

        if (room == null) return;
        // The clock alone is no change.
        var text = JsonSerializer.Serialize(room with { AsOf = default });
        if (text == _published) return;
        await _stream!.OnNextAsync(room);
        _published = text;
    }
}
