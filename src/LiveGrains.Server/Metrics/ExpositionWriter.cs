using System.Globalization;
using System.Text;

namespace LiveGrains.Server.Metrics;

/// <summary>Writes the text exposition format 0.0.4 of Prometheus: families one after the other, each with its samples.</summary>
internal sealed class ExpositionWriter
{
    private readonly StringBuilder _text = new(16 << 10);
    private string _family = "";

    /// <summary>Begins a family. Its name is that of its samples, unless they say a suffix.</summary>
    internal ExpositionWriter Family(string name, string type, string help)
    {
        _family = name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\").Replace("\n", "\\n")).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    /// <summary>Writes a sample of the family.</summary>
    internal ExpositionWriter Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels) => Suffixed("", value, labels);

    /// <summary>Writes a sample of the family whose name has a suffix: `_bucket`, `_sum`, `_count`.</summary>
    internal ExpositionWriter Suffixed(string suffix, double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(_family).Append(suffix);
        for (var i = 0; i < labels.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
            _text.Append(labels[i].Value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")).Append('"');
        }
        if (labels.Length > 0) _text.Append('}');
        _text.Append(' ').Append(Number(value)).Append('\n');
        return this;
    }

    /// <summary>Writes a histogram: the counts of buckets by their upper bounds, and one more of what is above them.</summary>
    internal ExpositionWriter Histogram(IReadOnlyList<double> bounds, IReadOnlyList<long> counts, double sum, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        var below = 0L;
        for (var i = 0; i < counts.Count; i++)
        {
            below += counts[i];
            Suffixed("_bucket", below, [.. labels, ("le", Number(i < bounds.Count ? bounds[i] : double.PositiveInfinity))]);
        }

        Suffixed("_sum", sum, labels);
        return Suffixed("_count", below, labels);
    }

    /// <summary>A number as the format writes it.</summary>
    internal static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    /// <summary>The text so far, as UTF-8.</summary>
    internal byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());
}
