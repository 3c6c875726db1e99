namespace LiveGrains.Cli.Replay;

/// <summary>An input of events: a file or standard input, plain or gzip, told apart by its first two bytes.</summary>
public sealed class EventInput : IDisposable
{
    private readonly Stream _raw;
    private readonly CountingStream _counting;

    private EventInput(string name, Stream raw, long? length)
    {
        Name = name;
        Length = length;
        _raw = raw;
        Span<byte> magic = stackalloc byte[2];
        var read = raw.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        _counting = new CountingStream(raw, magic[..read].ToArray());
        Stream = read == 2 && magic[0] == 0x1f && magic[1] == 0x8b ? new GunzipStream(_counting) : _counting;
    }

    /// <summary>How the user named it; `-` is `stdin`.</summary>
    public string Name { get; }

    /// <summary>Bytes in all as stored; null when that is not known.</summary>
    public long? Length { get; }

    /// <summary>The lines.</summary>
    public Stream Stream { get; }

    /// <summary>Bytes read so far as stored.</summary>
    public long Position => _counting.Count;

    /// <summary>Opens an input; throws <see cref="ErrorCode.InputNotReadable"/>.</summary>
    public static EventInput Open(string path, Func<Stream> openStandardInput)
    {
        try
        {
            if (path == "-") return new EventInput("stdin", openStandardInput(), null);
            var file = new FileStream(path, new FileStreamOptions
            {
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite,
                BufferSize = 0,
                Options = FileOptions.SequentialScan,
            });
            return new EventInput(path, file, file.CanSeek ? file.Length : null);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{path}: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stream.Dispose();
        _raw.Dispose();
    }

    /// <summary>Gives the first bytes back before the rest, and counts.</summary>
    private sealed class CountingStream(Stream inner, byte[] first) : Stream
    {
        private int _given;
        private long _count;

        public long Count => Interlocked.Read(ref _count);
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            int read;
            if (_given < first.Length)
            {
                read = Math.Min(buffer.Length, first.Length - _given);
                first.AsSpan(_given, read).CopyTo(buffer);
                _given += read;
            }
            else
            {
                read = inner.Read(buffer);
            }
            Interlocked.Add(ref _count, read);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
