using System.Text.Json.Nodes;

namespace LiveGrains.Model;

/// <summary>The answer about a room.</summary>
internal static class RoomJson
{
    private static readonly string[] _counts =
        ["impressions", "likes", "comments", "shares", "follows", "unfollows", "subscribes", "dislikes", "reports", "gifts"];

    public static JsonObject Of(Room room, long clock)
    {
        var broadcast = room.Broadcast;
        broadcast.Presence.AdvanceTo(clock);
        var tally = broadcast.Tally;
        var viewers = tally.Users("viewers");
        var watchSeconds = tally.Total("watchMs") / 1000.0;
        var gmv = tally.Total("products.pays.amount");
        var json = new JsonObject
        {
            ["room"] = room.Id,
            ["title"] = room.Title,
            ["host"] = room.Host,
            ["category"] = room.Category,
            ["tags"] = Json.Strings(room.Tags),
            ["live"] = room.IsOnAir,
            ["startedAt"] = Json.Time(broadcast.StartedAt),
            ["endedAt"] = Json.Time(broadcast.EndedAt),
            ["online"] = (long)broadcast.Presence.Online,
            ["averageOnline"] = broadcast.AverageOnline(clock),
            ["viewers"] = (long)viewers,
            ["watchSecondsPerViewer"] = Json.Ratio(watchSeconds, viewers),
            ["watchSecondsPerView"] = Json.Ratio(watchSeconds, tally.Total("views")),
            ["interactionUsers"] = (long)tally.Users("interactions"),
            ["engagement"] = Json.Ratio(Json.Interactions(tally), watchSeconds),
            ["rates"] = Rates(tally, viewers),
            ["gpm"] = Json.Ratio(gmv * 1000.0, tally.Total("views")),
            ["uvValue"] = Json.Ratio(gmv, viewers),
            ["averageOrder"] = Json.Ratio(gmv, tally.Total("products.pays")),
            ["perBuyer"] = Json.Ratio(gmv, tally.Users("products.pays")),
            ["windows"] = Json.Windows(tally, clock, (window, first, last) =>
            {
                var answer = new JsonObject();
                AddCounts(answer, window, users: false);
                answer["peakOnline"] = (long)broadcast.Presence.History.HighestIn(first * Tally.BucketMs, (last + 1) * Tally.BucketMs);
                return answer;
            }),
            ["channels"] = ChannelRows(broadcast),
            ["late"] = broadcast.Late,
            ["approximate"] = false,
            ["asOf"] = Json.Time(clock),
        };
        AddCounts(json, tally, users: true);
        json["peakOnline"] = (long)broadcast.Presence.History.Peak;
        Json.AddForeign(json, tally);
        return json;
    }

    /// <summary>The members that a room and its windows have in common.</summary>
    private static void AddCounts(JsonObject json, Tally tally, bool users)
    {
        foreach (var metric in _counts)
            json[metric] = Json.Counted(tally, metric, users);
        json["views"] = tally.Total("views");
        json["watchSeconds"] = tally.Total("watchMs") / 1000.0;
        json["interactions"] = Json.Interactions(tally);
        json["products"] = Json.Funnel(tally, users);
        Json.AddGmv(json, tally, "products.");
    }

    private static JsonObject Rates(Tally tally, int viewers) => new()
    {
        ["enter"] = Json.Ratio(tally.Total("views"), tally.Total("impressions")),
        ["interaction"] = Json.Ratio(tally.Users("interactions"), viewers),
        ["follow"] = Json.Ratio(tally.Users("follows"), viewers),
        ["negative"] = Json.Ratio(tally.Users("dislikes"), viewers),
        ["productClick"] = Json.Ratio(tally.Total("products.clicks"), tally.Total("products.impressions")),
        ["clickToPay"] = Json.Ratio(tally.Users("products.pays"), tally.Users("products.clicks")),
        ["viewToPay"] = Json.Ratio(tally.Users("products.pays"), viewers),
        ["orderToPay"] = Json.Ratio(tally.Users("products.pays"), tally.Users("products.orders")),
        ["conversion"] = Json.Ratio(tally.Total("products.pays"), tally.Total("views")),
    };

    private static JsonObject ChannelRows(Broadcast broadcast)
    {
        var rows = new JsonObject();
        foreach (var (name, channel) in broadcast.Channels)
        {
            rows[name] = new JsonObject
            {
                ["views"] = channel.Views,
                ["viewers"] = (long)channel.Viewers.Count,
                ["gmv"] = channel.Gmv,
            };
        }

        return rows;
    }
}
