using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// Byte strings of up to 65,535 bytes, each named by a number (its place in units of 8 bytes; 0 is "none"). Freed places
/// are reused by strings of the same size class. One thread; others may read strings whose numbers it gave them.
/// </summary>
internal sealed unsafe class BlobArena
{
    private const int ChunkShift = 17; // units: 1 MiB
    private const uint ChunkUnits = 1u << ChunkShift;
    private const int Classes = 8200;
    private readonly NativeArena _arena;
    private readonly uint[] _free = new uint[Classes];
    private byte** _chunks;
    private int _chunkCount;
    private int _chunkCapacity;
    private uint _next = 1;

    public BlobArena(NativeArena arena) => _arena = arena;

    /// <summary>Bytes of the chunks.</summary>
    public long Bytes => (long)_chunkCount << (ChunkShift + 3);

    /// <summary>The string under a number.</summary>
    public ReadOnlySpan<byte> this[uint number]
    {
        get
        {
            if (number == 0) return default;
            var place = Place(number);
            return new ReadOnlySpan<byte>(place + 2, *(ushort*)place);
        }
    }

    /// <summary>The address of a string's two length bytes, which its bytes follow.</summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    public byte* Place(uint number) => _chunks[number >> ChunkShift] + ((ulong)(number & (ChunkUnits - 1)) << 3);

    /// <summary>Stores a string.</summary>
    public uint Add(ReadOnlySpan<byte> bytes)
    {
        var units = Units(bytes.Length);
        var number = _free[units];
        if (number != 0)
        {
            _free[units] = *(uint*)Place(number);
        }
        else
        {
            // A string lies within one chunk; what is left of the last one is skipped.
            if ((_next & (ChunkUnits - 1)) + units > ChunkUnits) _next = (_next | (ChunkUnits - 1)) + 1;
            number = _next;
            _next += (uint)units;
            while (_next - 1 >> ChunkShift >= _chunkCount) Grow();
        }

        var place = Place(number);
        // The padding is part of the saved state, so it must not keep what was there before.
        new Span<byte>(place, units * 8).Clear();
        *(ushort*)place = checked((ushort)bytes.Length);
        bytes.CopyTo(new Span<byte>(place + 2, bytes.Length));
        return number;
    }

    /// <summary>Gives a string's place back.</summary>
    public void Free(uint number)
    {
        var place = Place(number);
        var units = Units(*(ushort*)place);
        *(uint*)place = _free[units];
        _free[units] = number;
    }

    /// <summary>Stores a string in place of another (0: none).</summary>
    public uint Replace(uint number, ReadOnlySpan<byte> bytes)
    {
        if (number != 0)
        {
            if (this[number].SequenceEqual(bytes)) return number;
            Free(number);
        }

        return Add(bytes);
    }

    public void Save(IStateSink sink)
    {
        sink.Put(_next);
        sink.Write(MemoryMarshal.AsBytes(_free.AsSpan()));
        long left = _next;
        for (var i = 0; i < _chunkCount; i++)
        {
            var units = (int)Math.Min(left, ChunkUnits);
            sink.Write(new ReadOnlySpan<byte>(_chunks[i], units * 8));
            left -= units;
        }
    }

    public void Load(IStateSource source)
    {
        _next = source.Take<uint>();
        source.Read(MemoryMarshal.AsBytes(_free.AsSpan()));
        if (_next == 1) return;
        while (_next - 1 >> ChunkShift >= _chunkCount) Grow();
        long left = _next;
        for (var i = 0; i < _chunkCount; i++)
        {
            var units = (int)Math.Min(left, ChunkUnits);
            source.Read(new Span<byte>(_chunks[i], units * 8));
            left -= units;
        }
    }

    // At least 4 bytes must fit for the free list; 8 always do.
    private static int Units(int length) => (length + 2 + 7) >> 3;

    private void Grow()
    {
        if (_chunkCount == _chunkCapacity)
        {
            _chunkCapacity = Math.Max(16, _chunkCapacity * 2);
            var chunks = (byte**)_arena.Allocate((nuint)(_chunkCapacity * sizeof(byte*)));
            for (var i = 0; i < _chunkCount; i++) chunks[i] = _chunks[i];
            Thread.MemoryBarrier(); // As in Pool.
            _chunks = chunks;
        }

        _chunks[_chunkCount++] = _arena.Allocate(ChunkUnits * 8);
    }
}
