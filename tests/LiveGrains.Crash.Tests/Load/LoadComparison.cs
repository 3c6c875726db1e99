using System.Text.Json.Nodes;
using LiveGrains.Model;

namespace LiveGrains.Crash.Tests;

/// <summary>Compares a server with the model that got each acknowledged event of the clients once.</summary>
internal static class LoadComparison
{
    private static readonly string[] _series = ["comments", "likes", "views", "watchSeconds", "gifts.amount", "products.clicks", "interactions"];

    // The clock of these depends on how the connections interleave.
    private static readonly string[] _ignoredOfAnyRoom = ["averageOnline", "windows.*.peakOnline"];
    private static readonly string[] _ignoredOfSharedRoom =
        ["startedAt", "averageOnline", "peakOnline", "windows.*.peakOnline", "windows.*.views", "windows.*.watchSeconds"];

    /// <summary>What the server answers otherwise.</summary>
    public static async Task<List<string>> DifferencesAsync(Api api, IEnumerable<IReadOnlyList<byte[]>> acknowledged)
    {
        var model = new ModelEngine();
        foreach (var line in acknowledged.SelectMany(lines => lines)) Assert.True(model.Accepts(line));

        var found = new List<string>();
        async Task CompareAsync(string path, JsonNode? expected, params IEnumerable<string> ignoring) =>
            found.AddRange(JsonCompare.Differences(expected, await api.GetJsonAsync(path), ignoring).Select(d => $"{path}: {d}"));

        await CompareAsync("v1/overview", model.Overview(), "*.users", "funnel.*.users", "duplicates");
        foreach (var room in model.RoomIds.ToList())
        {
            var isShared = room == LoadStream.SharedRoom;
            await CompareAsync($"v1/rooms/{room}", model.Room(room), isShared ? _ignoredOfSharedRoom : _ignoredOfAnyRoom);
            await CompareAsync($"v1/rooms/{room}/products", model.RoomProducts(room), "products.*.*.users");
            if (isShared) continue;
            foreach (var metric in _series) await CompareAsync($"v1/rooms/{room}/series?metric={metric}&step=10", model.Series(room, metric));
        }

        foreach (var product in model.ProductIds.ToList()) await CompareAsync($"v1/products/{product}", model.Product(product), "rooms.*.*.users");
        foreach (var video in model.VideoIds.ToList()) await CompareAsync($"v1/videos/{video}", model.Video(video), "rooms.*.*.users");
        foreach (var user in model.UserIds.ToList())
            await CompareAsync($"v1/users/{user}", model.User(user), LoadStream.IsSharedUser(user) ? ["recent", "interest"] : ["interest"]);
        return found;
    }
}
