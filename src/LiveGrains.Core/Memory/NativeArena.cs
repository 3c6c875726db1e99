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
    private readonly List<nint> _slabs = new(256);
    private readonly Action<Action>? _background;
    // Made once: growing leaves nothing for the garbage collector.
    private readonly Action? _touchAhead;
    private readonly ManualResetEventSlim? _touched;
    private Slab _ahead;
    private Slab _toTouch; // read by the other thread until it says touched
    private byte* _cursor;
    private nuint _left;
    private nuint _nextSlab = 256 << 10;

    /// <summary>Makes an arena without memory.</summary>
    /// <param name="background">
    /// Runs an action on another thread. With it the next slab is got ready there: the system clears the pages of a slab when
    /// they are first touched, up to half a millisecond for each huge page, for which a shard would stand still.
    /// </param>
    public NativeArena(Action<Action>? background = null)
    {
        if (background == null || !OperatingSystem.IsLinux()) return;
        _background = background;
        _touchAhead = TouchAhead;
        _touched = new ManualResetEventSlim(true);
    }

    /// <summary>Bytes handed out.</summary>
    public long Bytes { get; private set; }

    /// <summary>Zeroed bytes that stay where they are until <see cref="Dispose"/>.</summary>
    public byte* Allocate(nuint bytes)
    {
        bytes = (bytes + 63) & ~(nuint)63;
        Bytes += (long)bytes;
        if (bytes > MaxSlab / 2) return Keep(new Slab(bytes)).Start;
        if (bytes > _left)
        {
            while (_nextSlab < bytes) _nextSlab *= 2;
            var slab = TakeAhead(bytes);
            _cursor = slab.Start;
            _left = slab.Bytes;
            if (_nextSlab < MaxSlab) _nextSlab *= 2;
            PrepareNext();
        }

        var result = _cursor;
        _cursor += bytes;
        _left -= bytes;
        return result;
    }

    /// <summary>Gives all memory back.</summary>
    public void Dispose()
    {
        _touched?.Wait();
        foreach (var slab in _slabs) NativeMemory.Free((void*)slab);
        _slabs.Clear();
        _ahead = default;
        _left = 0;
    }

    private Slab TakeAhead(nuint bytes)
    {
        if (_ahead.Bytes < bytes) return Keep(new Slab(_nextSlab));
        var slab = _ahead;
        _ahead = default;
        return slab;
    }

    private void PrepareNext()
    {
        // Small slabs are cheap to touch, and most arenas of tests never grow.
        if (_background == null || _ahead.Bytes != 0 || _nextSlab < HugePage || !_touched!.IsSet) return;
        _ahead = _toTouch = Keep(new Slab(_nextSlab));
        _touched.Reset();
        _background(_touchAhead!);
    }

    private void TouchAhead()
    {
        _toTouch.Touch();
        _touched!.Set();
    }

    private Slab Keep(Slab slab)
    {
        _slabs.Add(slab.Raw);
        return slab;
    }

    /// <summary>Memory of the system in one piece.</summary>
    private readonly struct Slab
    {
        private const int AdviseHugePage = 14, AdvisePopulateWrite = 23;

        public Slab(nuint bytes)
        {
            // calloc of this size maps fresh zero pages, which cost nothing until they are touched.
            var align = bytes >= HugePage ? HugePage : 64;
            Bytes = bytes;
            Raw = (nint)NativeMemory.AllocZeroed(bytes + align);
            Start = (byte*)(((nuint)Raw + align - 1) & ~(align - 1));
            if (bytes >= HugePage && OperatingSystem.IsLinux()) _ = MAdvise(Start, bytes, AdviseHugePage);
        }

        public nint Raw { get; }
        public byte* Start { get; }
        public nuint Bytes { get; }

        /// <summary>Has all pages made. Where the system cannot (Linux before 5.14), they come when they are used.</summary>
        public void Touch()
        {
            // Page by page, so that whoever maps memory meanwhile waits for one page at most.
            for (nuint at = 0; at < Bytes; at += HugePage) _ = MAdvise(Start + at, Math.Min(HugePage, Bytes - at), AdvisePopulateWrite);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MAdvise(void* address, nuint length, int advice);
}
