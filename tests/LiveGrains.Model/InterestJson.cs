using System.Text.Json.Nodes;

namespace LiveGrains.Model;

/// <summary>The `interest` member of a user's answer.</summary>
internal static class InterestJson
{
    private const int Listed = 20;

    /// <summary>Category, tags and host of the items are what the catalogs say now.</summary>
    public static JsonObject Of(Interests interests, long clock, Func<string, string, (string? Category, List<string> Tags, string? Host)> describe)
    {
        Dictionary<string, double> categories = [], tags = [], hosts = [];
        double all = 0;
        foreach (var (kind, id, weight) in interests.At(clock))
        {
            all += Math.Abs(weight);
            var item = describe(kind, id);
            Add(categories, item.Category, weight);
            Add(hosts, item.Host, weight);
            foreach (var tag in item.Tags)
                Add(tags, tag, weight);
        }

        return new JsonObject
        {
            ["categories"] = Shares(categories, all),
            ["tags"] = Shares(tags, all),
            ["hosts"] = Shares(hosts, all),
            ["items"] = interests.Count,
        };
    }

    private static void Add(Dictionary<string, double> sums, string? name, double weight)
    {
        if (!string.IsNullOrEmpty(name))
            sums[name] = sums.GetValueOrDefault(name) + weight;
    }

    private static JsonArray Shares(Dictionary<string, double> sums, double all)
    {
        var shares = new JsonArray();
        if (all == 0)
            return shares;
        foreach (var (name, sum) in sums.OrderByDescending(sum => Math.Abs(sum.Value)).ThenBy(sum => sum.Key, StringComparer.Ordinal).Take(Listed))
            shares.Add(new JsonObject { ["name"] = name, ["weight"] = sum / all });
        return shares;
    }
}
