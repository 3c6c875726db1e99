using System.Buffers;
using LiveGrains.Simulator;

namespace LiveGrains.Cli.Simulate;

/// <summary>A simulator as a stream of NDJSON, for whatever reads lines. One thread.</summary>
public sealed class SimulatorStream(PlatformSimulator simulator) : Stream
{
    private const int EventsAtOnce = 1_024;
    private readonly ArrayBufferWriter<byte> _buffer = new(1 << 19);
    private int _given;

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

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_given == _buffer.WrittenCount)
        {
            _buffer.ResetWrittenCount();
            _given = 0;
            if (simulator.WriteNext(_buffer, EventsAtOnce) == 0) return 0;
        }
        var read = Math.Min(buffer.Length, _buffer.WrittenCount - _given);
        _buffer.WrittenSpan.Slice(_given, read).CopyTo(buffer);
        _given += read;
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
}
