using System.Text.Json.Nodes;

namespace LiveGrains.Model;

/// <summary>The answer about a user.</summary>
internal static class UserJson
{
    public static JsonObject Of(User user, IEnumerable<string> watching, JsonObject interest, long clock)
    {
        var attrs = new JsonObject();
        foreach (var (name, value) in user.Attrs)
            attrs[name] = value;
        var counts = new JsonObject();
        foreach (var (type, count) in user.Counts)
            counts[type] = count;
        return new JsonObject
        {
            ["user"] = user.Id,
            ["attrs"] = attrs,
            ["counts"] = counts,
            ["spend"] = new JsonObject { ["paid"] = user.Paid, ["gifted"] = user.Gifted, ["refunded"] = user.Refunded },
            ["watchSeconds"] = user.WatchMs / 1000.0,
            ["watching"] = Json.Strings(watching),
            ["recent"] = new JsonArray([.. user.Recent.Select(Recent)]),
            ["interest"] = interest,
            ["asOf"] = Json.Time(clock),
        };
    }

    /// <summary>Its item is the product or video where it named one, else the room.</summary>
    private static JsonNode Recent(ModelEvent e) => new JsonObject
    {
        ["type"] = e.Type,
        ["room"] = e.Product == null && e.Video == null ? e.Room : null,
        ["product"] = e.Product,
        ["video"] = e.Product == null ? e.Video : null,
        ["time"] = Json.Time(e.Time),
    };
}
