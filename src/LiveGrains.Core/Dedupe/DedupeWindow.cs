using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// The ids seen last: a ring in order of arrival, and chains through it that start at the heads of a hash table and run
/// from the newest entry to older ones. An entry that fell out of the ring ends every chain it is on, because all behind it
/// are older still, so that forgetting costs nothing. 96 bits of each id are compared: with 20 M ids in the window an id
/// is taken for another with a probability of 10⁻²² an event. A head also tells of its chain what is enough for a new id, which
/// is nearly every id, to cost the one line of memory that the head is in: 31 bits of a single id, or a Bloom filter (Bloom,
/// CACM 1970) over several, two bits each. 16 bytes an id, plus 8 bytes a head, of which there is one for two ids. One thread.
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
    private const uint Several = 1u << 31; // the summary is a filter over several ids

    private readonly ulong* _heads; // summary ≪ 32 | ring place + 1; 0: no chain
    private readonly uint _headMask;
    private readonly uint _placeMask;
    private readonly uint _capacity;
    private readonly long _windowSeconds;
    private readonly Entry*[] _chunks;
    private readonly Queue<(long Second, long FirstNumber)> _seconds;
    private long _next; // number of the next entry; its ring place is number % capacity
    private long _oldest;
    private long _second = long.MinValue;
    private long _secondFirst; // number of the first entry of the second
    private long _freed; // number of the first entry whose chunk was not given back, at a chunk's beginning
    private uint _place; // _next % capacity
    private int _chunkCount;
    private Entry* _spare; // chunks that nothing alive is in; the first entry of each holds the address of the next

    /// <summary>Makes an empty window of at most <paramref name="ids"/> ids (rounded up to a power of two, at least 1,024) and an age in ms.</summary>
    public DedupeWindow(NativeArena arena, int ids, long windowMs)
    {
        _arena = arena;
        _capacity = (uint)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(ids, 1024, 1 << 30));
        _placeMask = _capacity - 1;
        _headMask = _capacity / 2 - 1;
        _heads = (ulong*)arena.Allocate((nuint)_capacity * 4);
        _chunks = new Entry*[Math.Max(1, _capacity >> ChunkShift)];
        _windowSeconds = (windowMs + 999) / 1000;
        _seconds = new Queue<(long, long)>((int)Math.Min(_windowSeconds + 2, 8192));
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
        ref var head = ref _heads[(uint)hash & _headMask];
        return head != 0 && MayHave((uint)(head >> 32), hash2) && IsOnChain(ref head, hash, hash2);
    }

    private bool IsOnChain(ref ulong head, ulong hash, uint hash2)
    {
        var age = 0L;
        uint summary = 0;
        var link = (uint)head;
        while (link != 0)
        {
            // How many entries ago this place was written; along a chain it only grows.
            var linkAge = (long)((_place - link) & _placeMask) + 1;
            if (linkAge <= age || linkAge > _next - _oldest) break;
            var entry = At(link - 1);
            if (entry->Hash == hash && entry->Hash2 == hash2) return true;
            summary = age == 0 ? Single(entry->Hash2) : With(summary, entry->Hash2);
            age = linkAge;
            link = entry->Older;
        }

        // The summary said yes for an id that is forgotten or never was: from here on it knows the chain as it is.
        head = (ulong)summary << 32 | (uint)head;
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
        // With the newest entry of a chain all of it is too old, and the summary begins anew.
        var older = (uint)head;
        var alive = older != 0 && ((_place - older) & _placeMask) + 1 <= _next - _oldest;
        entry->Older = alive ? older : 0;
        head = (ulong)(alive ? With((uint)(head >> 32), hash2) : Single(hash2)) << 32 | (_place + 1);
        _next++;
        _place = (_place + 1) & _placeMask;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Single(uint hash2) => hash2 & ~Several;

    // Bits 0 to 30: a filter does not use the flag's.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint FilterBits(uint hash2) => 1u << (int)((hash2 & 31) % 31) | 1u << (int)((hash2 >> 5 & 31) % 31);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint With(uint summary, uint hash2) =>
        Several | FilterBits(hash2) | ((summary & Several) != 0 ? summary : FilterBits(summary));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayHave(uint summary, uint hash2) =>
        (summary & Several) == 0 ? summary == Single(hash2) : (summary & FilterBits(hash2)) == FilterBits(hash2);

    /// <summary>A window of another size with the newest of the same ids. This one must not be used any more.</summary>
    public DedupeWindow Resized(int ids, long windowMs)
    {
        var other = new DedupeWindow(_arena, ids, windowMs) { _second = _second, _secondFirst = _secondFirst - _oldest };
        foreach (var (second, first) in _seconds) other._seconds.Enqueue((second, first - _oldest));
        for (var number = _oldest; number < _next; number++)
        {
            var entry = At((uint)number & _placeMask);
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
            var entry = At((uint)number & _placeMask);
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

    // What is forgotten is no longer looked at, so memory is needed for the ids of the window and not for the whole ring.
    private void FreeForgotten()
    {
        for (; _freed + (1 << ChunkShift) <= _oldest; _freed += 1 << ChunkShift)
        {
            // In a full ring the newest ids already stand where these were.
            if (_freed + _capacity < _next) continue;
            ref var chunk = ref _chunks[((uint)_freed & _placeMask) >> ChunkShift];
            *(Entry**)chunk = _spare;
            _spare = chunk;
            chunk = null;
        }
    }

    private Entry* At(uint place) => _chunks[place >> ChunkShift] + (place & ((1 << ChunkShift) - 1));

    private Entry* Next()
    {
        var chunk = _place >> ChunkShift;
        if (_chunks[chunk] == null)
        {
            FreeForgotten();
            if (_spare != null)
            {
                _chunks[chunk] = _spare;
                _spare = *(Entry**)_spare;
            }
            else
            {
                _chunks[chunk] = (Entry*)_arena.Allocate((nuint)Math.Min(1 << ChunkShift, _capacity) * (nuint)sizeof(Entry));
                _chunkCount++;
            }
        }

        return _chunks[chunk] + (_place & ((1 << ChunkShift) - 1));
    }
}
