using Orleans;

namespace LiveGrains.Cluster.Grains;

/// <summary>The whole platform; any key, 0 for one. Works on the silo that is asked, which gathers from all shards.</summary>
[Alias("livegrains.platform")]
public interface IPlatformGrain : IGrainWithIntegerKey
{
    /// <summary>As <see cref="ILiveGrains.IngestAsync"/>; CloudEvents only in their structured and batch modes.</summary>
    [Alias("ingest")]
    Task<IngestAnswer> IngestAsync(byte[] body, EventFormat format);

    /// <summary>As <see cref="ILiveGrains.GetOverviewAsync"/>: the summaries of all shards, added up.</summary>
    [Alias("overview")]
    Task<Overview> GetOverviewAsync();

    /// <summary>As <see cref="ILiveGrains.ListRoomsAsync"/>.</summary>
    [Alias("rooms")]
    Task<RoomListPage> ListRoomsAsync(RoomListQuery query);
}
