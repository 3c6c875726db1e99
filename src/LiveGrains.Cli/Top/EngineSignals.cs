using System.Globalization;

namespace LiveGrains.Cli.Top;

/// <summary>What `top` takes from /metrics. A number that the server does not show is null.</summary>
/// <param name="Refused">Refused events since the server started.</param>
/// <param name="SyncMicroseconds">Time of the last write to disk, the slowest shard's.</param>
/// <param name="QueueBytes">Bytes of events that wait.</param>
public sealed record EngineSignals(double? Refused, double? SyncMicroseconds, double? QueueBytes)
{
    /// <summary>Nothing is known.</summary>
    public static EngineSignals None { get; } = new(null, null, null);

    /// <summary>Reads the Prometheus text format. Series are found by the words of their names, so that a new label or prefix does not blind the tool.</summary>
    public static EngineSignals Parse(string text)
    {
        double? refused = null, sync = null, queue = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.IsEmpty || line[0] == '#') continue;
            var nameEnd = line.IndexOfAny('{', ' ');
            if (nameEnd <= 0) continue;
            var name = line[..nameEnd];
            if (name.EndsWith("_bucket") || name.EndsWith("_sum") || name.EndsWith("_count") || Value(line, nameEnd) is not { } value) continue;
            var isTotal = name.EndsWith("_total");
            if (isTotal && (name.Contains("rejected", StringComparison.Ordinal) || name.Contains("refused", StringComparison.Ordinal)))
            {
                refused = (refused ?? 0) + value;
            }
            else if (!isTotal && name.Contains("sync", StringComparison.Ordinal) && Microseconds(name, value) is { } microseconds)
            {
                sync = Math.Max(sync ?? 0, microseconds);
            }
            else if (!isTotal && name.Contains("queue", StringComparison.Ordinal) && name.EndsWith("bytes"))
            {
                queue = (queue ?? 0) + value;
            }
        }
        return new EngineSignals(refused, sync, queue);
    }

    private static double? Microseconds(ReadOnlySpan<char> name, double value) =>
        name.EndsWith("_microseconds") ? value
        : name.EndsWith("_milliseconds") ? value * 1e3
        : name.EndsWith("_seconds") ? value * 1e6
        : null;

    private static double? Value(ReadOnlySpan<char> line, int nameEnd)
    {
        var labelsEnd = line[nameEnd] == '{' ? line.LastIndexOf('}') + 1 : nameEnd;
        if (labelsEnd <= 0) return null;
        var rest = line[labelsEnd..].Trim();
        var end = rest.IndexOf(' ');
        return double.TryParse(end < 0 ? rest : rest[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}
