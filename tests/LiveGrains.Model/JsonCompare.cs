using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LiveGrains.Model;

/// <summary>Compares an expected answer with the actual one.</summary>
public static class JsonCompare
{
    private const double Tolerance = 1e-9;

    /// <summary>
    /// What is different, as `path: expected X, actual Y`. Members that are expected must be there, others may be too;
    /// arrays must have the same length. Integers are compared exactly, other numbers to a relative 1e-9, moments as
    /// moments. <paramref name="ignoring"/>: paths like `asOf`, `windows.10s`, `recent[0].time`; `*` stands for any one member or index.
    /// </summary>
    public static IReadOnlyList<string> Differences(JsonNode? expected, JsonNode? actual, params IEnumerable<string> ignoring)
    {
        var differences = new List<string>();
        Compare([], expected, actual, [.. ignoring.Select(path => path.Replace("[", ".").Replace("]", "").Split('.'))], differences);
        return differences;
    }

    private static void Compare(List<string> path, JsonNode? expected, JsonNode? actual, List<string[]> ignoring, List<string> differences)
    {
        if (ignoring.Any(pattern => Matches(pattern, path)))
            return;
        if (expected is JsonObject expectedObject && actual is JsonObject actualObject)
        {
            foreach (var (name, value) in expectedObject)
            {
                path.Add(name);
                if (actualObject.TryGetPropertyValue(name, out var other))
                    Compare(path, value, other, ignoring, differences);
                else if (!ignoring.Any(pattern => Matches(pattern, path)))
                    differences.Add($"{Name(path)}: expected {Show(value)}, actual is missing");
                path.RemoveAt(path.Count - 1);
            }

            return;
        }

        if (expected is JsonArray expectedArray && actual is JsonArray actualArray)
        {
            if (expectedArray.Count != actualArray.Count)
                differences.Add($"{Name(path)}: expected {expectedArray.Count} elements, actual {actualArray.Count}");
            for (var i = 0; i < Math.Min(expectedArray.Count, actualArray.Count); i++)
            {
                path.Add(i.ToString(CultureInfo.InvariantCulture));
                Compare(path, expectedArray[i], actualArray[i], ignoring, differences);
                path.RemoveAt(path.Count - 1);
            }

            return;
        }

        if (!SameValue(expected, actual))
            differences.Add($"{Name(path)}: expected {Show(expected)}, actual {Show(actual)}");
    }

    private static bool SameValue(JsonNode? expected, JsonNode? actual)
    {
        if (expected == null || actual == null)
            return expected == null && actual == null;
        if (expected.GetValueKind() != actual.GetValueKind())
            return false;
        if (expected is not JsonValue || actual is not JsonValue)
            return false;
        string expectedText = expected.ToJsonString(), actualText = actual.ToJsonString();
        if (expectedText == actualText)
            return true;
        return expected.GetValueKind() switch
        {
            JsonValueKind.Number => SameNumber(expectedText, actualText),
            JsonValueKind.String => SameText(expected.Deserialize<string>()!, actual.Deserialize<string>()!),
            _ => false,
        };
    }

    private static bool SameNumber(string expected, string actual)
    {
        if (long.TryParse(expected, CultureInfo.InvariantCulture, out var left) && long.TryParse(actual, CultureInfo.InvariantCulture, out var right))
            return left == right;
        double a = double.Parse(expected, CultureInfo.InvariantCulture), b = double.Parse(actual, CultureInfo.InvariantCulture);
        return Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));
    }

    /// <summary>One text, or one moment written in two ways.</summary>
    private static bool SameText(string expected, string actual) =>
        expected == actual
        || (expected.Length >= 20 && expected[10] == 'T'
            && DateTimeOffset.TryParse(expected, CultureInfo.InvariantCulture, out var left)
            && DateTimeOffset.TryParse(actual, CultureInfo.InvariantCulture, out var right) && left == right);

    private static bool Matches(string[] pattern, List<string> path) =>
        pattern.Length == path.Count && pattern.Zip(path).All(pair => pair.First == "*" || pair.First == pair.Second);

    private static string Name(List<string> path) => path.Count == 0 ? "$" : string.Join('.', path);

    private static string Show(JsonNode? node)
    {
        var text = node?.ToJsonString() ?? "null";
        return text.Length <= 200 ? text : text[..200] + "…";
    }
}
