using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// Rows of one size in chunks that never move, addressed by a dense number from 1; 0 is "none". Freed rows are reused,
/// last freed first. One thread; others may read rows whose numbers it gave them.
/// </summary>
internal sealed unsafe class Pool
{
    private readonly NativeArena _arena;
    private readonly int _shift;
    private readonly uint _mask;
    private readonly uint _stride;
    private byte** _chunks;
    private int _chunkCount;
    private int _chunkCapacity;
    private uint _free;

    /// <summary>Makes a pool of rows of <paramref name="stride"/> bytes (a multiple of 4), 2^<paramref name="shift"/> rows a chunk.</summary>
    public Pool(NativeArena arena, int stride, int shift)
    {
        _arena = arena;
        _stride = (uint)stride;
        _shift = shift;
        _mask = (1u << shift) - 1;
    }

    /// <summary>The highest number given out.</summary>
    public uint High { get; private set; }

    /// <summary>Rows in use.</summary>
    public uint Count { get; private set; }

    /// <summary>Bytes of the chunks.</summary>
    public long Bytes => (long)_chunkCount * (_stride << _shift);

    /// <summary>The address of a row, 1 ≤ number ≤ <see cref="High"/>.</summary>
    public byte* this[uint number]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _chunks[number >> _shift] + (number & _mask) * (ulong)_stride;
    }

    /// <summary>Brings the first lines of a row into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(uint number, int lines)
    {
        if (!Sse.IsSupported) return;
        var row = this[number];
        for (var i = 0; i < lines; i++) Sse.Prefetch0(row + i * 64);
    }

    /// <summary>A zeroed row.</summary>
    public uint Allocate()
    {
        var reused = _free != 0;
        var number = AllocateAsLeft();
        if (reused) Unsafe.InitBlockUnaligned(this[number], 0, _stride);
        return number;
    }

    /// <summary>A row as it was when it was freed, but for its first four bytes; a new one is zeroed.</summary>
    public uint AllocateAsLeft()
    {
        Count++;
        if (_free != 0)
        {
            var reused = _free;
            _free = *(uint*)this[reused];
            if (_free != 0) Prefetch(_free, 1);
            return reused;
        }

        var number = ++High;
        if (number >> _shift >= _chunkCount) Grow();
        return number;
    }

    /// <summary>Gives a row back; the caller holds no other reference to it.</summary>
    public void Free(uint number)
    {
        *(uint*)this[number] = _free;
        _free = number;
        Count--;
    }

    /// <summary>Writes all rows, free ones included, so that a load gives the same numbers.</summary>
    public void Save(IStateSink sink)
    {
        sink.Put(High);
        sink.Put(Count);
        sink.Put(_free);
        for (long left = (long)High + 1, i = 0; left > 0; i++)
        {
            var rows = Math.Min(left, (long)_mask + 1);
            sink.Write(new ReadOnlySpan<byte>(_chunks == null ? null : i < _chunkCount ? _chunks[i] : null, i < _chunkCount ? (int)(rows * _stride) : 0));
            left -= rows;
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote into an empty pool.</summary>
    public void Load(IStateSource source)
    {
        High = source.Take<uint>();
        Count = source.Take<uint>();
        _free = source.Take<uint>();
        if (High == 0) return;
        while (High >> _shift >= _chunkCount) Grow();
        for (long left = (long)High + 1, i = 0; left > 0; i++)
        {
            var rows = Math.Min(left, (long)_mask + 1);
            source.Read(new Span<byte>(_chunks[i], (int)(rows * _stride)));
            left -= rows;
        }
    }

    private void Grow()
    {
        if (_chunkCount == _chunkCapacity)
        {
            var capacity = Math.Max(16, _chunkCapacity * 2);
            var chunks = (byte**)_arena.Allocate((nuint)(capacity * sizeof(byte*)));
            for (var i = 0; i < _chunkCount; i++) chunks[i] = _chunks[i];
            Thread.MemoryBarrier(); // Who reads beside this thread finds the old chunks in the new array.
            _chunks = chunks;
            _chunkCapacity = capacity;
        }

        _chunks[_chunkCount++] = _arena.Allocate((nuint)_stride << _shift);
    }
}
