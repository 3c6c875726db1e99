namespace LiveGrains.Cli;

/// <summary>Reads from an engine in this process.</summary>
public sealed class EngineReader(ILiveGrains engine) : IMetricsReader
{
    /// <inheritdoc/>
    public Task<RoomListPage> ListRoomsAsync(RoomListQuery query, CancellationToken cancellationToken) =>
        engine.ListRoomsAsync(query, cancellationToken).AsTask();

    /// <inheritdoc/>
    public Task<RoomMetrics?> GetRoomAsync(string room, CancellationToken cancellationToken) =>
        engine.GetRoomAsync(room, cancellationToken).AsTask();

    /// <inheritdoc/>
    public Task<RoomProducts?> GetRoomProductsAsync(string room, CancellationToken cancellationToken) =>
        engine.GetRoomProductsAsync(room, cancellationToken).AsTask();

    /// <inheritdoc/>
    public Task<ItemMetrics?> GetProductAsync(string product, CancellationToken cancellationToken) =>
        engine.GetProductAsync(product, cancellationToken).AsTask();
}
