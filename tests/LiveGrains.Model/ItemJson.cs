using System.Text.Json.Nodes;

namespace LiveGrains.Model;

/// <summary>The answers about products and videos.</summary>
internal static class ItemJson
{
    private const int RoomsShown = 100;

    private static readonly string[] _counts =
        ["impressions", "clicks", "likes", "comments", "shares", "dislikes", "reports", "plays", "carts", "orders", "pays", "refunds"];

    public static JsonObject Of(Item item, long clock)
    {
        var tally = item.Tally;
        var gmv = tally.Total("pays.amount");
        var json = new JsonObject
        {
            [item.IsVideo ? "video" : "product"] = item.Id,
            ["title"] = item.Title,
            ["host"] = item.Host,
            ["category"] = item.Category,
            ["tags"] = Json.Strings(item.Tags),
            ["price"] = item.Price,
            ["stock"] = item.Stock,
            ["status"] = item.Status,
            ["rates"] = new JsonObject
            {
                ["productClick"] = Json.Ratio(tally.Total("clicks"), tally.Total("impressions")),
                ["clickToPay"] = Json.Ratio(tally.Users("pays"), tally.Users("clicks")),
                ["orderToPay"] = Json.Ratio(tally.Users("pays"), tally.Users("orders")),
                ["negative"] = Json.Ratio(tally.Users("dislikes"), tally.Users("impressions")),
            },
            ["averageOrder"] = Json.Ratio(gmv, tally.Total("pays")),
            ["perBuyer"] = Json.Ratio(gmv, tally.Users("pays")),
            ["windows"] = Json.Windows(tally, clock, (window, _, _) =>
            {
                var answer = new JsonObject();
                AddCounts(answer, window, users: false);
                return answer;
            }),
            ["rooms"] = new JsonArray([.. item.Rooms
                .OrderByDescending(part => part.Value.Total("pays.amount"))
                .ThenByDescending(part => part.Value.Total("clicks"))
                .ThenBy(part => part.Key, StringComparer.Ordinal)
                .Take(RoomsShown)
                .Select(part => InRoom(part.Key, item, part.Value))]),
            ["late"] = item.Late,
            ["approximate"] = false,
            ["asOf"] = Json.Time(clock),
        };
        AddCounts(json, tally, users: true);
        Json.AddForeign(json, tally);
        return json;
    }

    /// <summary>The items of a room's broadcast, highest gmv first, then clicks, then id.</summary>
    public static JsonObject OfRoom(Room room, long clock) => new()
    {
        ["room"] = room.Id,
        ["products"] = new JsonArray([.. room.Broadcast.Parts
            .OrderByDescending(part => part.Value.Total("pays.amount"))
            .ThenByDescending(part => part.Value.Total("clicks"))
            .ThenBy(part => part.Key.Id, StringComparer.Ordinal)
            .ThenBy(part => part.Key.IsVideo)
            .Select(part => InRoom(room.Id, part.Key, part.Value))]),
        ["asOf"] = Json.Time(clock),
    };

    private static void AddCounts(JsonObject json, Tally tally, bool users)
    {
        foreach (var metric in _counts)
            json[metric] = Json.Counted(tally, metric, users);
        json["watchSeconds"] = tally.Total("watchMs") / 1000.0;
        Json.AddGmv(json, tally, "");
    }

    private static JsonObject InRoom(string room, Item item, Tally part) => new()
    {
        ["room"] = room,
        [item.IsVideo ? "video" : "product"] = item.Id,
        ["title"] = item.Title,
        ["impressions"] = part.Total("impressions"),
        ["clicks"] = part.Total("clicks"),
        ["carts"] = part.Total("carts"),
        ["orders"] = Json.Counted(part, "orders"),
        ["pays"] = Json.Counted(part, "pays"),
        ["refunds"] = Json.Counted(part, "refunds"),
        ["gmv"] = part.Total("pays.amount"),
        ["netGmv"] = part.Total("pays.amount") - part.Total("refunds.amount"),
    };
}
