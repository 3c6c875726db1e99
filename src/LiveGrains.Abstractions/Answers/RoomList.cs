using System.Text.Json.Serialization;

namespace LiveGrains;

/// <summary>The order of a room list, highest first; ties by room id.</summary>
public enum RoomSort { Heat, Online, Views, Viewers, Gmv, Interactions, StartedAt }

/// <summary>What to list.</summary>
/// <param name="Live">true: on air only; false: off air only; null: all.</param>
/// <param name="Sort">The order.</param>
/// <param name="Limit">1 to 200, default 50.</param>
/// <param name="Cursor">The `next` of the page before, or null.</param>
/// <param name="Window">A window whose counts each row has beside its totals: `10s`, `1m`, `5m`, `10m` or `1h`; null: none.</param>
public sealed record RoomListQuery(bool? Live = null, RoomSort Sort = RoomSort.Heat, int Limit = 50, string? Cursor = null, string? Window = null);

/// <summary>A page of rooms.</summary>
/// <param name="Rooms">The rows.</param>
/// <param name="Total">Rooms that match, on all pages.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
/// <param name="AsOf">The clock.</param>
public sealed record RoomListPage(IReadOnlyList<RoomListRow> Rooms, long Total, string? Next, DateTimeOffset AsOf);

/// <summary>A room in a list.</summary>
public sealed record RoomListRow(
    string Room, string? Title, string? Host, string? Category, bool Live, DateTimeOffset? StartedAt, double Heat, long Online,
    long PeakOnline, long Views, long Viewers, long Interactions, long Gifts, long GiftAmount, long Gmv)
{
    /// <summary>The counts of the window that was asked for; else left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RoomWindow? Window { get; init; }
}
