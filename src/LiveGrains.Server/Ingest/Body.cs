using System.Buffers;

namespace LiveGrains.Server.Ingest;

/// <summary>
/// A body in one pooled array that grows up to a limit, within a budget. One owner; disposing gives array and budget back.
/// </summary>
internal sealed class Body(BodyBudget budget) : IDisposable
{
    private const int SmallestBytes = 16 << 10;

    private byte[] _array = [];
    private int _length;

    /// <summary>The bytes so far.</summary>
    internal ReadOnlyMemory<byte> Bytes => _array.AsMemory(0, _length);

    /// <summary>Free bytes after them; fill it from its start and say how many to <see cref="Advance"/>.</summary>
    internal Memory<byte> Free => _array.AsMemory(_length);

    /// <summary>Number of bytes so far.</summary>
    internal int Length => _length;

    /// <summary>The array, for readers that want one; valid up to <see cref="Length"/>.</summary>
    internal byte[] Array => _array;

    /// <summary>Makes room for <paramref name="bytes"/> more; false when the budget has none.</summary>
    internal bool TryReserve(int bytes)
    {
        if (_array.Length - _length >= bytes) return true;
        // Growth follows what has arrived, not what a client announces: an announced 8 MiB costs nothing until it comes.
        var wanted = Math.Max(SmallestBytes, checked((int)Math.Min(System.Array.MaxLength, Math.Max(2L * _array.Length, (long)_length + bytes))));
        var larger = ArrayPool<byte>.Shared.Rent(wanted);
        if (!budget.TryTake(larger.Length))
        {
            ArrayPool<byte>.Shared.Return(larger);
            return false;
        }
        _array.AsSpan(0, _length).CopyTo(larger);
        Release();
        _array = larger;
        return true;
    }

    /// <summary>Appends bytes; false when the budget has no room.</summary>
    internal bool TryAppend(in ReadOnlySequence<byte> bytes)
    {
        var count = checked((int)bytes.Length);
        if (!TryReserve(count)) return false;
        bytes.CopyTo(_array.AsSpan(_length));
        _length += count;
        return true;
    }

    /// <summary>Takes bytes of <see cref="Free"/> as written.</summary>
    internal void Advance(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _array.Length - _length);
        _length += bytes;
    }

    /// <summary>Drops the bytes from <paramref name="length"/> on.</summary>
    internal void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length);
        _length = length;
    }

    public void Dispose()
    {
        Release();
        _array = [];
        _length = 0;
    }

    private void Release()
    {
        if (_array.Length == 0) return;
        budget.Return(_array.Length);
        ArrayPool<byte>.Shared.Return(_array);
    }
}
