namespace LiveGrains.Crash.Tests;

/// <summary>The list of rooms.</summary>
internal static class Rooms
{
    /// <summary>All rooms, page by page. Throws when there are more pages than rooms.</summary>
    public static async Task<List<string>> ListAsync(Api api, int limit = 200, string query = "sort=views")
    {
        var rooms = new List<string>();
        string? cursor = null;
        do
        {
            var page = await api.GetJsonAsync($"v1/rooms?{query}&limit={limit}" + (cursor == null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}"));
            var rows = page["rooms"]!.AsArray();
            Assert.InRange(rows.Count, 1, limit);
            rooms.AddRange(rows.Select(row => row!["room"]!.GetValue<string>()));
            Assert.True(rooms.Count <= page["total"]!.GetValue<long>(), "more rooms on the pages than there are");
            cursor = page["next"]?.GetValue<string>();
        }
        while (cursor != null);
        return rooms;
    }
}
