using System.Text.Json;
using System.Text.Json.Nodes;
using LiveGrains.Model;

namespace LiveGrains.Tests;

/// <summary>Compares everything that an engine answers with what the model says.</summary>
internal static class EngineComparison
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static readonly string[] Series =
        ["online", "views", "comments", "likes", "gifts.amount", "products.clicks", "watchSeconds", "interactions", "netGmv"];

    /// <summary>The differences, most important first; empty when all agree.</summary>
    public static async Task<List<string>> Differences(ILiveGrains engine, ModelEngine model, bool overview = true)
    {
        var found = new List<string>();
        void Compare(string what, JsonNode? expected, object? actual, params string[] ignoring) =>
            found.AddRange(JsonCompare.Differences(expected, JsonSerializer.SerializeToNode(actual, Json), ignoring).Select(d => $"{what}: {d}"));

        foreach (var room in model.RoomIds.ToList())
        {
            Compare($"room {room}", model.Room(room), await engine.GetRoomAsync(room));
            Compare($"products of {room}", model.RoomProducts(room), await engine.GetRoomProductsAsync(room), "products.*.*.users");
            foreach (var metric in Series)
                Compare($"series {metric} of {room}", model.Series(room, metric, 10), await engine.GetRoomSeriesAsync(room, new SeriesQuery(metric)));
            Compare($"minutes of {room}", model.Series(room, "online", 60), await engine.GetRoomSeriesAsync(room, new SeriesQuery("online", 60)));
        }

        foreach (var product in model.ProductIds.ToList()) Compare($"product {product}", model.Product(product), await engine.GetProductAsync(product), "rooms.*.*.users");
        foreach (var video in model.VideoIds.ToList()) Compare($"video {video}", model.Video(video), await engine.GetVideoAsync(video), "rooms.*.*.users");
        foreach (var user in model.UserIds.ToList())
        {
            var expected = model.User(user);
            var actual = JsonSerializer.SerializeToNode(await engine.GetUserAsync(user), Json);
            Compare($"user {user}", expected, actual, "interest", "segment");
            found.AddRange(InterestCompare.Differences(expected?["interest"], actual?["interest"]).Select(d => $"user {user}: {d}"));
        }

        if (overview)
            Compare("overview", model.Overview(), await engine.GetOverviewAsync(), "*.users", "funnel.*.users", "duplicates");
        return found;
    }
}
