using System.Text.Json.Nodes;

namespace LiveGrains.Model;

/// <summary>The answer about the platform.</summary>
internal static class OverviewJson
{
    private static readonly string[] _counts = ["impressions", "likes", "comments", "shares", "follows", "subscribes", "gifts"];

    public static JsonObject Of(Platform platform, IReadOnlyCollection<Room> rooms, int users, int products, int videos, long clock)
    {
        var tally = platform.Tally;
        var json = new JsonObject
        {
            ["events"] = platform.Events,
            ["duplicates"] = platform.Duplicates,
            ["late"] = platform.Late,
            ["rooms"] = (long)rooms.Count,
            ["roomsLive"] = (long)rooms.Count(room => room.IsOnAir),
            ["users"] = (long)users,
            ["products"] = (long)products,
            ["videos"] = (long)videos,
            ["online"] = rooms.Sum(room => (long)room.Broadcast.Presence.Online),
            ["views"] = tally.Total("views"),
            ["watchSeconds"] = tally.Total("watchMs") / 1000.0,
            ["interactions"] = Json.Interactions(tally),
            ["funnel"] = Json.Funnel(tally),
            ["rates"] = new JsonObject
            {
                ["enter"] = Json.Ratio(tally.Total("views"), tally.Total("impressions")),
                ["productClick"] = Json.Ratio(tally.Total("products.clicks"), tally.Total("products.impressions")),
                ["conversion"] = Json.Ratio(tally.Total("products.pays"), tally.Total("views")),
            },
            ["asOf"] = Json.Time(clock),
        };
        foreach (var metric in _counts)
            json[metric] = Json.Counted(tally, metric);
        Json.AddGmv(json, tally, "products.");
        return json;
    }
}
