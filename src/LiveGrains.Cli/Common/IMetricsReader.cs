namespace LiveGrains.Cli;

/// <summary>The answers a command reads, from an engine in this process or from a server.</summary>
public interface IMetricsReader
{
    /// <summary>A page of rooms.</summary>
    Task<RoomListPage> ListRoomsAsync(RoomListQuery query, CancellationToken cancellationToken);

    /// <summary>A room, or null.</summary>
    Task<RoomMetrics?> GetRoomAsync(string room, CancellationToken cancellationToken);

    /// <summary>The items of a room, or null.</summary>
    Task<RoomProducts?> GetRoomProductsAsync(string room, CancellationToken cancellationToken);

    /// <summary>A product, or null.</summary>
    Task<ItemMetrics?> GetProductAsync(string product, CancellationToken cancellationToken);
}
