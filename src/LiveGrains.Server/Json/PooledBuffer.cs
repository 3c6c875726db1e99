using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LiveGrains.Server.Json;

/// <summary>Bytes written into a pooled array. One owner, one thread at a time; disposing gives the array back.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    private const int InitialBytes = 4096;

    private static readonly JsonWriterOptions _jsonOptions = new()
    {
        // Answers are application/json and nosniff, never a part of a page: Chinese may stand as it is.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private byte[] _array = ArrayPool<byte>.Shared.Rent(InitialBytes);
    private int _length;

    /// <summary>What was written.</summary>
    internal ReadOnlyMemory<byte> Written => _array.AsMemory(0, _length);

    /// <summary>A JSON writer into this buffer; dispose it before reading <see cref="Written"/>.</summary>
    internal Utf8JsonWriter BeginJson() => new(this, _jsonOptions);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - _length);
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(_length);
    }

    public void Dispose()
    {
        var array = _array;
        _array = [];
        _length = 0;
        if (array.Length > 0) ArrayPool<byte>.Shared.Return(array);
    }

    private void Reserve(int sizeHint)
    {
        var needed = Math.Max(sizeHint, 1);
        if (_array.Length - _length >= needed) return;
        var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_array.Length * 2, _length + needed)));
        _array.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
