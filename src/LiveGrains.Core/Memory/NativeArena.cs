using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// Native memory for the tables of one shard: zeroed, 64-byte aligned, stable addresses, given back all at once when the
/// shard is disposed. Slabs grow from 256 KiB to 32 MiB; large ones ask for huge pages, because a random access into
/// gigabytes costs as much in page walks as in the memory itself. One thread.
/// </summary>
internal sealed unsafe partial class NativeArena : IDisposable
{
    private const nuint HugePage = 2 << 20;
    private const nuint MaxSlab = 32 << 20;
    private readonly List<nint> _slabs = [];
    private byte* _cursor;
    private nuint _left;
    private nuint _nextSlab = 256 << 10;

    /// <summary>Bytes handed out.</summary>
    public long Bytes { get; private set; }

    /// <summary>Zeroed bytes that stay where they are until <see cref="Dispose"/>.</summary>
    public byte* Allocate(nuint bytes)
    {
        bytes = (bytes + 63) & ~(nuint)63;
        Bytes += (long)bytes;
        if (bytes > MaxSlab / 2) return Slab(bytes);
        if (bytes > _left)
        {
            while (_nextSlab < bytes) _nextSlab *= 2;
            _cursor = Slab(_nextSlab);
            _left = _nextSlab;
            if (_nextSlab < MaxSlab) _nextSlab *= 2;
        }

        var result = _cursor;
        _cursor += bytes;
        _left -= bytes;
        return result;
    }

    /// <summary>Gives all memory back.</summary>
    public void Dispose()
    {
        foreach (var slab in _slabs) NativeMemory.Free((void*)slab);
        _slabs.Clear();
        _left = 0;
    }

    private byte* Slab(nuint bytes)
    {
        // calloc of this size maps fresh zero pages, which cost nothing until they are touched.
        var align = bytes >= HugePage ? HugePage : 64;
        var raw = (byte*)NativeMemory.AllocZeroed(bytes + align);
        _slabs.Add((nint)raw);
        var aligned = (byte*)(((nuint)raw + align - 1) & ~(align - 1));
        if (bytes >= HugePage && OperatingSystem.IsLinux()) _ = MAdvise(aligned, bytes, 14 /* MADV_HUGEPAGE */);
        return aligned;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(void* address, nuint length, int advice);
}
