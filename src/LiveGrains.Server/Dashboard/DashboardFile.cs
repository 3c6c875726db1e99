using System.IO.Compression;
using System.Security.Cryptography;

namespace LiveGrains.Server.Dashboard;

/// <summary>One built file of the dashboard, as it is and compressed; each form is made once, when it is first asked for. Any thread.</summary>
internal sealed class DashboardFile
{
    // The highest takes ten times as long for a twentieth less, and the first reader waits for it.
    private const int BrotliQuality = 9;

    private readonly Lazy<byte[]> _brotli;
    private readonly Lazy<byte[]> _gzip;
    private readonly byte[] _plain;
    private readonly string _hash;

    /// <summary>Makes the file from its bytes.</summary>
    internal DashboardFile(string path, byte[] bytes)
    {
        _plain = bytes;
        _hash = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
        _brotli = new(() => Compress(stream => new BrotliStream(stream, new BrotliCompressionOptions { Quality = BrotliQuality })));
        _gzip = new(() => Compress(stream => new GZipStream(stream, CompressionLevel.SmallestSize)));
        MediaType = Path.GetExtension(path) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".svg" => "image/svg+xml",
            var other => throw new InvalidOperationException($"The dashboard has a file of the unknown kind '{other}': {path}."),
        };
        // Names in assets/ hold a hash of what is in the file.
        CacheControl = path.StartsWith("assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
    }

    /// <summary>The media type.</summary>
    internal string MediaType { get; }

    /// <summary>How long browsers may keep it without asking.</summary>
    internal string CacheControl { get; }

    /// <summary>The form that a client takes: its bytes, its entity tag, and its Content-Encoding or null.</summary>
    internal (byte[] Bytes, string Tag, string? Encoding) For(string? acceptEncoding)
    {
        if (Accepts(acceptEncoding, "br")) return (_brotli.Value, $"\"{_hash}-br\"", "br");
        if (Accepts(acceptEncoding, "gzip")) return (_gzip.Value, $"\"{_hash}-gzip\"", "gzip");
        return (_plain, $"\"{_hash}\"", null);
    }

    private static bool Accepts(string? header, string encoding) =>
        header is not null && header.Split(',').Any(part =>
        {
            var words = part.Split(';', StringSplitOptions.TrimEntries);
            return words[0].Equals(encoding, StringComparison.OrdinalIgnoreCase) && !words.Skip(1).Any(word => word is "q=0" or "q=0.0" or "q=0.00" or "q=0.000");
        });

    private byte[] Compress(Func<Stream, Stream> wrap)
    {
        using var bytes = new MemoryStream();
        using (var stream = wrap(bytes)) stream.Write(_plain);
        return bytes.ToArray();
    }
}
