using System.IO.Compression;

namespace LiveGrains.Server.Ingest;

/// <summary>Inflates a gzip body (RFC 1952, one member or several) and stops at a limit while inflating.</summary>
internal static class GzipInflater
{
    /// <summary>
    /// GZipStream ends a stream that is cut short as if it were whole. So a member of our own is put behind the client's
    /// bytes: it comes out last exactly when every member before it was complete and nothing else stood between.
    /// </summary>
    private static readonly byte[] _marker = "\0livegrains-end\0"u8.ToArray();

    private static readonly byte[] _markerMember = Deflate(_marker);

    private static readonly int[] _chunkBytes = [64 << 10, 256 << 10, 1 << 20];

    /// <summary>
    /// Inflates <paramref name="compressed"/>, to which it appends, into <paramref name="inflated"/>. The outcome is
    /// <see cref="ErrorCode.None"/>, <see cref="ErrorCode.NothingToRead"/> for what is not gzip or not whole,
    /// <see cref="ErrorCode.BodyTooLarge"/> at the limit, or <see cref="ErrorCode.Busy"/> when the budget has no room.
    /// </summary>
    internal static ErrorCode Inflate(Body compressed, Body inflated, int maxBytes)
    {
        if (!compressed.TryAppend(new(_markerMember))) return ErrorCode.Busy;
        using var source = new MemoryStream(compressed.Array, 0, compressed.Length, writable: false);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        var most = (long)maxBytes + _marker.Length;
        try
        {
            for (var chunk = 0; ; chunk++)
            {
                if (!inflated.TryReserve(_chunkBytes[Math.Min(chunk, _chunkBytes.Length - 1)])) return ErrorCode.Busy;
                var free = inflated.Free.Span;
                // One byte above the limit tells too large from just right.
                var read = gzip.Read(free[..(int)Math.Min(free.Length, most - inflated.Length + 1)]);
                if (read == 0) break;
                inflated.Advance(read);
                if (inflated.Length > most) return ErrorCode.BodyTooLarge;
            }
        }
        catch (InvalidDataException)
        {
            return ErrorCode.NothingToRead;
        }
        if (!inflated.Bytes.Span.EndsWith(_marker)) return ErrorCode.NothingToRead;
        inflated.Truncate(inflated.Length - _marker.Length);
        return ErrorCode.None;
    }

    private static byte[] Deflate(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest)) gzip.Write(bytes);
        return target.ToArray();
    }
}
