namespace LiveGrains.Core;

/// <summary>
/// What a plan of traffic decides: how many impressions of each segment each room gets. Value is added up over impressions; supplies,
/// guarantees, caps and floors are sums of impressions between bounds. Impressions need not be whole numbers; where all bounds are
/// and groups are nested, those of the plan are.
/// </summary>
internal sealed class TrafficProblem
{
    /// <summary>Impressions of each segment, at most.</summary>
    public required double[] Supply { get; init; }

    /// <summary>Expected value of an impression, room by room and in a room segment by segment; NaN: this room is not shown to this segment.</summary>
    public required double[] Values { get; init; }

    /// <summary>Impressions that each room gets at least.</summary>
    public required double[] RoomLower { get; init; }

    /// <summary>Impressions that each room gets at most; may be infinite.</summary>
    public required double[] RoomUpper { get; init; }

    /// <summary>Impressions that each room gets of any one segment at most; may be infinite.</summary>
    public required double[] CellUpper { get; init; }

    /// <summary>Rooms that are bounded together.</summary>
    public required TrafficGroup[] Groups { get; init; }

    /// <summary>Number of rooms.</summary>
    public int Rooms => RoomLower.Length;

    /// <summary>Number of segments.</summary>
    public int Segments => Supply.Length;
}
