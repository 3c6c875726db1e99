using System.Globalization;
using System.Text;

namespace LiveGrains.Server.Push;

/// <summary>Writes the events of `text/event-stream` (WHATWG HTML, server-sent events). JSON has no line breaks, so a document is one `data` line.</summary>
internal static class PushFrames
{
    /// <summary>The media type.</summary>
    internal const string MediaType = "text/event-stream";

    /// <summary>What a stream begins with: how long a client waits before it connects again, in ms.</summary>
    internal static readonly byte[] Opening = "retry: 1000\n\n"u8.ToArray();

    /// <summary>An event that brings its reader to a version.</summary>
    internal static byte[] Event(string name, PushId id, ReadOnlySpan<byte> json) =>
        [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {id}\nevent: {name}\ndata: ")), .. json, (byte)'\n', (byte)'\n'];

    /// <summary>The sign of life. It is an event and no comment, because pages do not see comments.</summary>
    internal static readonly byte[] Heartbeat = "event: heartbeat\ndata: {}\n\n"u8.ToArray();
}

/// <summary>The id of an event: which run of a topic, and which version of its state.</summary>
/// <param name="Run">Differs for every topic that was ever made; after a restart of the server, too.</param>
/// <param name="Version">1 for the first state.</param>
internal readonly record struct PushId(long Run, long Version)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Run:x}-{Version}");

    /// <summary>The id of a `Last-Event-ID`; null for what is not one of ours, which is then as good as none.</summary>
    internal static PushId? Parse(string? text)
    {
        if (text is null || text.Length > 40 || text.IndexOf('-') is not (> 0 and var dash)) return null;
        return long.TryParse(text.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var run)
            && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? new PushId(run, version) : null;
    }
}
