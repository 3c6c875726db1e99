using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace LiveGrains.Server.Ingest;

/// <summary>The context attributes of a CloudEvent in binary mode (CloudEvents 1.0, HTTP protocol binding, 3.1.3).</summary>
internal static class CloudEventHeaders
{
    private const string SpecVersion = "ce-specversion";

    /// <summary>True when the request carries a CloudEvent in binary mode.</summary>
    internal static bool ArePresent(IHeaderDictionary headers) => headers.ContainsKey(SpecVersion);

    /// <summary>Reads the attributes.</summary>
    internal static CloudEventAttributes Read(IHeaderDictionary headers) => new(
        Value(headers["ce-id"]),
        Value(headers["ce-source"]),
        Value(headers["ce-type"]),
        Value(headers["ce-time"]),
        Value(headers[SpecVersion]));

    private static string? Value(StringValues header)
    {
        if (header.Count == 0) return null;
        var text = header.ToString();
        if (text.Length >= 2 && text[0] == '"' && text[^1] == '"') text = Unquote(text.AsSpan(1, text.Length - 2));
        return text.Contains('%') ? Uri.UnescapeDataString(text) : text;
    }

    private static string Unquote(ReadOnlySpan<char> quoted)
    {
        var text = new StringBuilder(quoted.Length);
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length) i++;
            text.Append(quoted[i]);
        }
        return text.ToString();
    }
}
