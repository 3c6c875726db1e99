using System.IO.Compression;

namespace LiveGrains.Cli.Replay;

/// <summary>
/// Decompresses gzip, also of several members, and fails where the input was cut off: <see cref="GZipStream"/> alone takes the
/// end of the input for the end of the data. A small member of our own is appended to the input. When its content comes out
/// at the end, everything before it was whole; it is held back from the reader.
/// </summary>
public sealed class GunzipStream : Stream
{
    private static readonly byte[] _seal = "\u0000\u0001livegrains-end"u8.ToArray();
    private static readonly byte[] _sealMember = Compress(_seal);

    private readonly GZipStream _gzip;
    private readonly byte[] _buffer = new byte[128 << 10];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Makes the stream; it owns <paramref name="compressed"/>.</summary>
    public GunzipStream(Stream compressed) => _gzip = new GZipStream(new SealedStream(compressed), CompressionMode.Decompress);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Throws <see cref="InvalidDataException"/> when the data are damaged or cut off.</summary>
    public override int Read(Span<byte> buffer)
    {
        while (!_ended && _end - _start <= _seal.Length) Fill();
        var free = _end - _start - (_ended ? 0 : _seal.Length);
        var read = Math.Min(free, buffer.Length);
        _buffer.AsSpan(_start, read).CopyTo(buffer);
        _start += read;
        return read;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _gzip.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        var read = _gzip.Read(_buffer.AsSpan(_end));
        _end += read;
        if (read > 0) return;
        _ended = true;
        if (!_buffer.AsSpan(0, _end).EndsWith(_seal))
        {
            throw new InvalidDataException("The compressed data end in the middle, or something else follows them.");
        }
        _end -= _seal.Length;
    }

    private static byte[] Compress(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest)) gzip.Write(content);
        return memory.ToArray();
    }

    /// <summary>The input, and after its end the seal.</summary>
    private sealed class SealedStream(Stream inner) : Stream
    {
        private int _given = -1;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            if (_given < 0)
            {
                var read = inner.Read(buffer);
                if (read > 0 || buffer.IsEmpty) return read;
                _given = 0;
            }
            var part = Math.Min(buffer.Length, _sealMember.Length - _given);
            _sealMember.AsSpan(_given, part).CopyTo(buffer);
            _given += part;
            return part;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
