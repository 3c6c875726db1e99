using System.Globalization;

namespace LiveGrains.Core;

/// <summary>What a request for a plan of traffic must be.</summary>
internal static class TrafficPlanRules
{
    /// <summary>Most segments.</summary>
    public const int MaxSegments = 200;

    /// <summary>Most rooms.</summary>
    public const int MaxRooms = 50_000;

    /// <summary>Most rooms times segments.</summary>
    public const int MaxCells = 1_000_000;

    /// <summary>Most groups of the request.</summary>
    public const int MaxGroups = 10_000;

    /// <summary>Most rooms that the lists of all groups name together.</summary>
    public const int MaxGroupRooms = 500_000;

    private const double MaxImpressions = 1e12, MaxValue = 1e12;
    private const int LongestName = 200;

    /// <summary>Checks sizes, names and numbers; what names refer to is checked where they are looked up.</summary>
    public static void Check(TrafficPlanRequest request)
    {
        CheckSizes(request);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var s = 0; s < request.Segments.Count; s++)
        {
            CheckName($"segments[{s}].segment", request.Segments[s]?.Segment, names);
            CheckImpressions($"segments[{s}].impressions", request.Segments[s].Impressions);
        }
        names.Clear();
        for (var i = 0; i < request.Rooms.Count; i++) CheckRoom(request.Rooms[i], i, request.Segments.Count, names);
        names.Clear();
        for (var g = 0; g < (request.Groups?.Count ?? 0); g++) CheckGroup(request.Groups![g], g, names);
        CheckShares("eachRoom", request.EachRoom);
        CheckShares("eachHost", request.EachHost);
        CheckShares("eachCategory", request.EachCategory);
    }

    /// <summary>The refusal of a place in the request.</summary>
    public static LiveGrainsException Invalid(string place, string rule) => new(ErrorCode.InvalidPlan, $"{place} {rule}.");

    private static void CheckSizes(TrafficPlanRequest request)
    {
        if (request.Segments is not { Count: > 0 }) throw Invalid("segments", "must have at least one segment");
        if (request.Rooms is not { Count: > 0 }) throw Invalid("rooms", "must have at least one room");
        if (request.Segments.Count > MaxSegments) throw TooLarge($"There are {request.Segments.Count} segments; {MaxSegments} are allowed.");
        if (request.Rooms.Count > MaxRooms) throw TooLarge($"There are {request.Rooms.Count} rooms; {MaxRooms} are allowed.");
        if ((long)request.Rooms.Count * request.Segments.Count > MaxCells) throw TooLarge($"Rooms times segments are {(long)request.Rooms.Count * request.Segments.Count}; {MaxCells} are allowed.");
        if (request.Groups is null) return;
        if (request.Groups.Count > MaxGroups) throw TooLarge($"There are {request.Groups.Count} groups; {MaxGroups} are allowed.");
        if (request.Groups.Sum(g => (long)(g?.Rooms?.Count ?? 0)) > MaxGroupRooms) throw TooLarge($"The groups list more than {MaxGroupRooms} rooms.");
    }

    private static void CheckRoom(PlanRoom? room, int number, int segments, HashSet<string> names)
    {
        var place = $"rooms[{number}]";
        CheckName($"{place}.room", room?.Room, names);
        if (room!.Values is null || (room.Values.Count != segments && room.Values.Count != 1)) throw Invalid($"{place}.values", $"must have one number for each of the {segments} segments, or one");
        foreach (var value in room.Values)
        {
            if (!(Math.Abs(value) <= MaxValue)) throw Invalid($"{place}.values", "must be numbers up to 10^12");
        }
        CheckImpressions($"{place}.atLeast", room.AtLeast);
        CheckImpressions($"{place}.atMost", room.AtMost);
        CheckImpressions($"{place}.atMostPerSegment", room.AtMostPerSegment);
        if (room.Host is { Length: 0 or > LongestName }) throw Invalid($"{place}.host", $"must have 1 to {LongestName} characters");
        if (room.Category is { Length: 0 or > LongestName }) throw Invalid($"{place}.category", $"must have 1 to {LongestName} characters");
        if (room.Exclude is not null && (room.Exclude.Count > segments || room.Exclude.Contains(null!))) throw Invalid($"{place}.exclude", "must be a list of segments");
    }

    private static void CheckGroup(PlanGroup? group, int number, HashSet<string> names)
    {
        var place = $"groups[{number}]";
        CheckName($"{place}.name", group?.Name, names);
        var members = (group!.Host is null ? 0 : 1) + (group.Category is null ? 0 : 1) + (group.Rooms is null ? 0 : 1);
        if (members != 1) throw Invalid(place, "must have one of host, category and rooms");
        if (group.Rooms is not null && (group.Rooms.Count == 0 || group.Rooms.Contains(null!))) throw Invalid($"{place}.rooms", "must have at least one room");
        CheckImpressions($"{place}.atLeast", group.AtLeast);
        CheckImpressions($"{place}.atMost", group.AtMost);
        CheckShare($"{place}.atLeastShare", group.AtLeastShare);
        CheckShare($"{place}.atMostShare", group.AtMostShare);
    }

    private static void CheckName(string place, string? name, HashSet<string> names)
    {
        if (name is not { Length: > 0 and <= LongestName }) throw Invalid(place, $"must have 1 to {LongestName} characters");
        if (!names.Add(name)) throw Invalid(place, "is there twice");
    }

    private static void CheckImpressions(string place, double? impressions)
    {
        if (impressions is { } number && !(number is >= 0 and <= MaxImpressions)) throw Invalid(place, "must be from 0 to 10^12");
    }

    private static void CheckShares(string place, PlanShares? shares)
    {
        if (shares is null) return;
        CheckShare($"{place}.atLeast", shares.AtLeast);
        CheckShare($"{place}.atMost", shares.AtMost);
        if (shares.AtLeast > (shares.AtMost ?? 1)) throw Invalid(place, "must not ask for more at least than at most");
    }

    private static void CheckShare(string place, double? share)
    {
        if (share is { } number && !(number is >= 0 and <= 1)) throw Invalid(place, "must be from 0 to 1");
    }

    private static LiveGrainsException TooLarge(FormattableString detail) => new(ErrorCode.PlanTooLarge, detail.ToString(CultureInfo.InvariantCulture));
}
