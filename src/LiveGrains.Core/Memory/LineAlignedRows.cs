using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// Rows of plain memory, zeroed, of which the first begins with a line of the cache, so that a row of 16, 32 or 64 bytes lies in one line
/// and can be brought on its way from memory by its number. The garbage collector never moves them and frees them with their owner. One thread.
/// </summary>
/// <typeparam name="T">A row of 16, 32 or 64 bytes.</typeparam>
internal sealed unsafe class LineAlignedRows<T> where T : unmanaged
{
    private const int Line = 64;

    private byte[] _memory = [];
    private T* _first;

    /// <summary>Rows.</summary>
    public int Length { get; private set; }

    /// <summary>A row from 0; its place is another after <see cref="Grow"/>.</summary>
    public T* this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Debug.Assert((uint)row < (uint)Length);
            return _first + row;
        }
    }

    /// <summary>Makes room for so many rows at least, to the next power of two; what was there stays.</summary>
    public void Grow(int rows)
    {
        if (rows <= Length) return;
        var length = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows);
        var memory = GC.AllocateArray<byte>(checked(length * sizeof(T) + Line), pinned: true);
        var first = (T*)(((nuint)Unsafe.AsPointer(ref memory[0]) + Line - 1) & ~(nuint)(Line - 1));
        new ReadOnlySpan<T>(_first, Length).CopyTo(new Span<T>(first, length));
        _memory = memory;
        _first = first;
        Length = length;
    }

    /// <summary>Makes all rows zero.</summary>
    public void Clear() => _memory.AsSpan().Clear();

    /// <summary>Brings a row on its way from memory; nothing where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int row)
    {
        if (Sse.IsSupported && (uint)row < (uint)Length) Sse.Prefetch0(_first + row);
    }
}
