using System.Text.Json.Nodes;

namespace LiveGrains.Model;

/// <summary>
/// Compares `interest` members. An engine may keep weights in half precision, each touch of an item rounding to 1 part in
/// 2,048, so shares may be off by 1 % of all interest, and nearly equal ones may change places.
/// </summary>
public static class InterestCompare
{
    private const double Tolerance = 0.01;
    private static readonly string[] _lists = ["categories", "tags", "hosts"];

    /// <summary>What is different, as <see cref="JsonCompare.Differences"/> says it.</summary>
    public static IReadOnlyList<string> Differences(JsonNode? expected, JsonNode? actual)
    {
        if (expected == null || actual == null)
            return expected == actual ? [] : [$"interest: expected {expected?.ToJsonString() ?? "nothing"}, actual {actual?.ToJsonString() ?? "nothing"}"];
        var found = new List<string>();
        if ((int)expected["items"]! != (int)actual["items"]!)
            found.Add($"interest.items: expected {expected["items"]}, actual {actual["items"]}");
        foreach (var list in _lists)
        {
            var wanted = Shares(expected[list]!);
            var given = Shares(actual[list]!);
            if (wanted.Count != given.Count)
                found.Add($"interest.{list}: expected {wanted.Count} elements, actual {given.Count}");
            var isFull = wanted.Count == 20;
            var least = wanted.Count == 0 ? 0 : wanted.Min(share => Math.Abs(share.Value));
            foreach (var name in wanted.Keys.Union(given.Keys))
            {
                var isInBoth = wanted.TryGetValue(name, out var a) & given.TryGetValue(name, out var b);
                // At the end of a full list one name may stand for another that weighs the same.
                var isSame = isInBoth ? Math.Abs(a - b) <= Tolerance : isFull && Math.Abs(Math.Abs(a + b) - least) <= Tolerance;
                if (!isSame)
                    found.Add($"interest.{list}.{name}: expected {a}, actual {b}");
            }

            // Largest first.
            var before = double.MaxValue;
            foreach (var share in actual[list]!.AsArray())
            {
                var size = Math.Abs((double)share!["weight"]!);
                if (size > before)
                    found.Add($"interest.{list}: {share["name"]} weighs more than the one before it");
                before = size;
            }
        }

        return found;
    }

    private static Dictionary<string, double> Shares(JsonNode list) =>
        list.AsArray().ToDictionary(share => (string)share!["name"]!, share => (double)share!["weight"]!, StringComparer.Ordinal);
}
