using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// The ids seen last: a ring in order of arrival, and chains through it that start at the heads of a hash table and run
/// from the newest entry to older ones. An entry that fell out of the ring ends every chain it is on, because all behind it
/// are older still, so that forgetting costs nothing. 96 bits of each id are compared: with 20 M ids in the window an id
/// is taken for another with a probability of 10⁻²² an event. 16 bytes an id, plus 4 bytes a head. One thread.
/// </summary>
internal sealed unsafe class DedupeWindow
{
    private const int ChunkShift = 16;

    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private struct Entry
    {
        public ulong Hash;
        public uint Hash2;
        public uint Older; // ring place + 1, 0: none
    }

    private readonly NativeArena _arena;
    private readonly uint* _heads; // ring place + 1
    private readonly uint _headMask;
    private readonly uint _capacity;
    private readonly long _windowSeconds;
    private readonly Entry*[] _chunks;
    private readonly Queue<(long Second, long FirstNumber)> _seconds = new();
    private long _next; // number of the next entry; its ring place is number % capacity
    private long _oldest;
    private long _second = long.MinValue;
    private long _secondFirst; // number of the first entry of the second
    private uint _place; // _next % capacity
    private int _chunkCount;

    /// <summary>Makes an empty window of at most <paramref name="ids"/> ids (rounded up to a power of two, at least 1,024) and an age in ms.</summary>
    public DedupeWindow(NativeArena arena, int ids, long windowMs)
    {
        _arena = arena;
        _capacity = (uint)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(ids, 1024, 1 << 30));
        _headMask = _capacity - 1;
        _heads = (uint*)arena.Allocate((nuint)_capacity * 4);
        _chunks = new Entry*[Math.Max(1, _capacity >> ChunkShift)];
        _windowSeconds = (windowMs + 999) / 1000;
    }

    /// <summary>Ids in the window.</summary>
    public long Count => _next - _oldest;

    /// <summary>Bytes of memory.</summary>
    public long Bytes => (long)_capacity * 4 + ((long)_chunkCount << ChunkShift) * sizeof(Entry);

    /// <summary>Brings the head of a chain into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported) Sse.Prefetch0(_heads + ((uint)hash & _headMask));
    }

    /// <summary>Brings the first entry of a chain into the cache; its head must be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchEntry(ulong hash)
    {
        var head = _heads[(uint)hash & _headMask];
        if (Sse.IsSupported && head != 0) Sse.Prefetch0(At(head - 1));
    }

    /// <summary>Forgets the ids that are too old at a clock. Called before each event with its clock, which never goes back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AdvanceTo(long clockMs)
    {
        var second = clockMs / 1000;
        if (second != _second) Forget(second);
    }

    /// <summary>True when the id is in the window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(ulong hash, uint hash2)
    {
        var age = 0L;
        for (var link = _heads[(uint)hash & _headMask]; link != 0;)
        {
            // How many entries ago this place was written; along a chain it only grows.
            var linkAge = (long)((_place - link) & _headMask) + 1;
            if (linkAge <= age || linkAge > _next - _oldest) return false;
            age = linkAge;
            var entry = At(link - 1);
            if (entry->Hash == hash && entry->Hash2 == hash2) return true;
            link = entry->Older;
        }

        return false;
    }

    /// <summary>Adds an id that is not there; the oldest is forgotten when the window is full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong hash, uint hash2)
    {
        if (_next - _oldest == _capacity) _oldest++;
        var entry = Next();
        ref var head = ref _heads[(uint)hash & _headMask];
        entry->Hash = hash;
        entry->Hash2 = hash2;
        entry->Older = head;
        head = _place + 1;
        _next++;
        _place = (_place + 1) & _headMask;
    }

    /// <summary>A window of another size with the newest of the same ids. This one must not be used any more.</summary>
    public DedupeWindow Resized(int ids, long windowMs)
    {
        var other = new DedupeWindow(_arena, ids, windowMs) { _second = _second, _secondFirst = _secondFirst - _oldest };
        foreach (var (second, first) in _seconds) other._seconds.Enqueue((second, first - _oldest));
        for (var number = _oldest; number < _next; number++)
        {
            var entry = At((uint)number & _headMask);
            other.Add(entry->Hash, entry->Hash2);
        }

        return other;
    }

    public void Save(IStateSink sink)
    {
        sink.Put(Count);
        sink.Put(_second);
        sink.Put(_secondFirst - _oldest);
        sink.Put(_seconds.Count);
        foreach (var (second, first) in _seconds)
        {
            sink.Put(second);
            sink.Put(first - _oldest);
        }

        Span<byte> buffer = stackalloc byte[12 * 512];
        var used = 0;
        for (var number = _oldest; number < _next; number++)
        {
            var entry = At((uint)number & _headMask);
            BitConverter.TryWriteBytes(buffer[used..], entry->Hash);
            BitConverter.TryWriteBytes(buffer[(used + 8)..], entry->Hash2);
            used += 12;
            if (used == buffer.Length)
            {
                sink.Write(buffer);
                used = 0;
            }
        }

        sink.Write(buffer[..used]);
    }

    public void Load(IStateSource source)
    {
        var count = source.Take<long>();
        if (count < 0 || count > _capacity) throw new InvalidDataException("dedupe window");
        _second = source.Take<long>();
        _secondFirst = source.Take<long>();
        for (var seconds = source.Take<int>(); seconds > 0; seconds--)
        {
            var second = source.Take<long>();
            _seconds.Enqueue((second, source.Take<long>()));
        }

        var buffer = new byte[12 * 512];
        while (count > 0)
        {
            var batch = (int)Math.Min(count, 512);
            source.Read(buffer.AsSpan(0, batch * 12));
            for (var i = 0; i < batch; i++)
                Add(BitConverter.ToUInt64(buffer, i * 12), BitConverter.ToUInt32(buffer, i * 12 + 8));
            count -= batch;
        }
    }

    private void Forget(long second)
    {
        // Seconds without entries are not noted: the state must not show how often it was asked in between.
        if (_next > _secondFirst) _seconds.Enqueue((_second, _secondFirst));
        _second = second;
        _secondFirst = _next;
        while (_seconds.Count > 0 && _seconds.Peek().Second < second - _windowSeconds)
        {
            _seconds.Dequeue();
            // All entries before the next second's first are too old.
            _oldest = Math.Max(_oldest, _seconds.Count > 0 ? _seconds.Peek().FirstNumber : _next);
        }
    }

    private Entry* At(uint place) => _chunks[place >> ChunkShift] + (place & ((1 << ChunkShift) - 1));

    private Entry* Next()
    {
        var chunk = _place >> ChunkShift;
        if (_chunks[chunk] == null)
        {
            _chunks[chunk] = (Entry*)_arena.Allocate((nuint)Math.Min(1 << ChunkShift, _capacity) * (nuint)sizeof(Entry));
            _chunkCount++;
        }

        return _chunks[chunk] + (_place & ((1 << ChunkShift) - 1));
    }
}
