using System.Globalization;
using System.Text.RegularExpressions;

namespace LiveGrains.Server.Tests;

/// <summary>A strict reader of the text exposition format 0.0.4: stricter than Prometheus itself.</summary>
public sealed partial class Exposition
{
    private readonly Dictionary<string, double> _samples = [];
    private readonly Dictionary<string, string> _types = [];

    public IReadOnlyDictionary<string, string> Types => _types;

    public IReadOnlyDictionary<string, double> Samples => _samples;

    public double this[string series] => _samples[series];

    public static Exposition Parse(string text)
    {
        Assert.EndsWith("\n", text);
        var result = new Exposition();
        string? helped = null;
        string? family = null;
        foreach (var line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                var parts = line["# HELP ".Length..].Split(' ', 2);
                Assert.Matches("^[a-z][a-z0-9_]*$", parts[0]);
                Assert.True(parts.Length == 2 && parts[1].Length > 0, $"no help: {line}");
                Assert.DoesNotContain(parts[0], result._types.Keys);
                helped = parts[0];
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var parts = line["# TYPE ".Length..].Split(' ');
                Assert.Equal(2, parts.Length);
                Assert.Equal(helped, parts[0]);
                Assert.Contains(parts[1], new[] { "counter", "gauge", "histogram" });
                Assert.Equal(parts[1] == "counter", parts[0].EndsWith("_total", StringComparison.Ordinal));
                result._types.Add(parts[0], parts[1]);
                family = parts[0];
            }
            else
            {
                result.AddSample(line, family);
            }
        }
        foreach (var histogram in result._types.Where(type => type.Value == "histogram")) result.CheckHistogram(histogram.Key);
        return result;
    }

    private void AddSample(string line, string? family)
    {
        var match = SamplePattern().Match(line);
        Assert.True(match.Success, $"not a sample: {line}");
        var name = match.Groups["name"].Value;
        Assert.NotNull(family);
        string[] allowed = _types[family] == "histogram" ? [family + "_bucket", family + "_sum", family + "_count"] : [family];
        Assert.Contains(name, allowed);
        var labels = match.Groups["label"].Captures.Select(capture => capture.Value).ToArray();
        Assert.Equal(labels.Length, labels.Distinct().Count());
        Assert.DoesNotContain("__name__", labels);
        var value = match.Groups["value"].Value;
        var number = value == "+Inf" ? double.PositiveInfinity : double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture);
        Assert.True(_types[family] == "gauge" || number >= 0, line);
        Assert.True(_samples.TryAdd(line[..line.LastIndexOf(' ')], number), $"twice: {line}");
    }

    /// <summary>Buckets rise, end in +Inf, and +Inf is the count.</summary>
    private void CheckHistogram(string family)
    {
        var buckets = _samples.Where(sample => sample.Key.StartsWith(family + "_bucket{", StringComparison.Ordinal))
            .GroupBy(sample => BoundPattern().Replace(sample.Key, "")[(family + "_bucket").Length..].Replace("{}", "")).ToArray();
        Assert.NotEmpty(buckets);
        foreach (var series in buckets)
        {
            var counts = series.Select(sample => sample.Value).ToArray();
            Assert.Equal(counts.Order(), counts);
            var bounds = series.Select(sample => BoundPattern().Match(sample.Key).Groups[1].Value).ToArray();
            Assert.Equal("+Inf", bounds[^1]);
            var numbers = bounds[..^1].Select(bound => double.Parse(bound, CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(numbers.Order(), numbers);
            Assert.Equal(counts[^1], _samples[family + "_count" + series.Key]);
            Assert.True(_samples[family + "_sum" + series.Key] >= 0);
        }
    }

    [GeneratedRegex("""^(?<name>[a-z][a-z0-9_]*)(\{((?<label>[a-z][a-z0-9_]*)="([^"\\\n]|\\[\\"n])*"(,(?=[a-z])|(?=\})))+\})? (?<value>-?[0-9.]+([eE][+-]?[0-9]+)?|\+Inf)$""")]
    private static partial Regex SamplePattern();

    [GeneratedRegex(",?le=\"([^\"]+)\"")]
    private static partial Regex BoundPattern();
}
