using Microsoft.Extensions.Primitives;

namespace LiveGrains.Server.Ingest;

/// <summary>Which form of events a Content-Type names.</summary>
internal static class EventMediaType
{
    /// <summary>The media types and what they mean.</summary>
    internal static readonly (string MediaType, EventFormat Format)[] Known =
    [
        ("application/json", EventFormat.Json),
        ("application/x-ndjson", EventFormat.NdJson),
        ("application/vnd.livegrains.block", EventFormat.Block),
        ("application/cloudevents+json", EventFormat.CloudEvent),
        ("application/cloudevents-batch+json", EventFormat.CloudEventBatch),
        ("application/ndjson", EventFormat.NdJson),
        ("application/jsonl", EventFormat.NdJson),
    ];

    /// <summary>True when the type is one of <see cref="Known"/>, in UTF-8.</summary>
    internal static bool TryParse(StringSegment contentType, out EventFormat format)
    {
        var parameters = contentType.IndexOf(';');
        var mediaType = parameters < 0 ? contentType : contentType.Subsegment(0, parameters);
        if (parameters >= 0 && !IsUtf8(contentType.Subsegment(parameters + 1)))
        {
            format = default;
            return false;
        }
        return TryParseBare(mediaType.AsSpan().Trim(), out format);
    }

    private static bool TryParseBare(ReadOnlySpan<char> mediaType, out EventFormat format)
    {
        foreach (var (name, known) in Known)
        {
            if (!mediaType.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            format = known;
            return true;
        }
        format = default;
        return false;
    }

    /// <summary>No charset, or one that UTF-8 covers.</summary>
    private static bool IsUtf8(StringSegment parameters)
    {
        foreach (var parameter in parameters.Split([';']))
        {
            var text = parameter.AsSpan().Trim();
            if (!text.StartsWith("charset=", StringComparison.OrdinalIgnoreCase)) continue;
            var charset = text["charset=".Length..].Trim().Trim('"');
            return charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
                || charset.Equals("utf8", StringComparison.OrdinalIgnoreCase)
                || charset.Equals("us-ascii", StringComparison.OrdinalIgnoreCase);
        }
        return true;
    }
}
