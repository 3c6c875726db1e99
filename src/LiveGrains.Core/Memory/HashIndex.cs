using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>One slot: a 64-bit hash and a value; value 0 is an empty slot.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct HashSlot
{
    public ulong Hash;
    public uint Value;
}

/// <summary>
/// Extendible hashing (Fagin et al., TODS 1979): segments of 4,096 slots with linear probing under a directory that is
/// indexed by the leading bits of the hash. A full segment is split alone, so that growing never stands still for longer
/// than one segment takes (about 30 µs), whatever the size of the table. Several slots may have the same hash. One thread.
/// </summary>
internal sealed unsafe class HashIndex
{
    private const int SegmentSlots = 4096;
    private const int SlotMask = SegmentSlots - 1;
    private const int MaxFill = 3400;
    private const int HeaderBytes = 64;
    private const int SegmentBytes = HeaderBytes + SegmentSlots * 12;
    private const int MaxDepth = 40;

    private readonly NativeArena _arena;
    private byte** _directory;
    private int _depth;
    private int _segments;
    private HashSlot[]? _old;

    /// <summary>Makes an index of one empty segment.</summary>
    public HashIndex(NativeArena arena)
    {
        _arena = arena;
        _directory = (byte**)arena.Allocate((nuint)sizeof(byte*));
        _directory[0] = NewSegment(0);
    }

    /// <summary>Tells of a slot that its entry is dead and may be dropped; asked only when a segment is full.</summary>
    public Func<ulong, uint, bool>? IsStale { get; set; }

    /// <summary>Slots in use.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of segments.</summary>
    public long Bytes => (long)_segments * SegmentBytes;

    /// <summary>Brings the home slot of a hash into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong hash)
    {
        if (Sse.IsSupported) Sse.Prefetch0(Slots(hash) + ((int)hash & SlotMask));
    }

    /// <summary>The first slot with this hash, or null. It stays valid until the next <see cref="Add"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HashSlot* Find(ulong hash)
    {
        var slots = Slots(hash);
        for (var i = (int)hash & SlotMask; ; i = (i + 1) & SlotMask)
        {
            var slot = slots + i;
            if (slot->Value == 0) return null;
            if (slot->Hash == hash) return slot;
        }
    }

    /// <summary>The next slot with the same hash, or null.</summary>
    public HashSlot* FindNext(HashSlot* found)
    {
        var slots = Slots(found->Hash);
        for (var i = ((int)(found - slots) + 1) & SlotMask; ; i = (i + 1) & SlotMask)
        {
            var slot = slots + i;
            if (slot->Value == 0) return null;
            if (slot->Hash == found->Hash) return slot;
        }
    }

    /// <summary>Adds a slot, value ≠ 0. The caller knows that it is not there.</summary>
    public void Add(ulong hash, uint value)
    {
        var segment = Segment(hash);
        while (*(int*)(segment + 4) >= MaxFill)
        {
            MakeRoom(hash, segment);
            segment = Segment(hash);
        }

        Place(segment, hash, value);
        Count++;
    }

    /// <summary>Calls a function for each slot, in the order of the directory.</summary>
    public void ForEach(Action<ulong, uint> action)
    {
        for (long i = 0; i < 1L << _depth;)
        {
            var segment = _directory[i];
            var slots = (HashSlot*)(segment + HeaderBytes);
            for (var j = 0; j < SegmentSlots; j++)
            {
                if (slots[j].Value != 0) action(slots[j].Hash, slots[j].Value);
            }

            i += 1L << (_depth - *(int*)segment);
        }
    }

    public void Save(IStateSink sink)
    {
        sink.Put(_depth);
        sink.Put(Count);
        for (long i = 0; i < 1L << _depth;)
        {
            sink.Write(new ReadOnlySpan<byte>(_directory[i], SegmentBytes));
            i += 1L << (_depth - *(int*)_directory[i]);
        }
    }

    public void Load(IStateSource source)
    {
        _depth = source.Take<int>();
        if (_depth is < 0 or > MaxDepth) throw new InvalidDataException("index depth");
        Count = source.Take<long>();
        _segments = 0;
        _directory = (byte**)_arena.Allocate((nuint)(sizeof(byte*) * (1L << _depth)));
        for (long i = 0; i < 1L << _depth;)
        {
            var segment = NewSegment(0);
            source.Read(new Span<byte>(segment, SegmentBytes));
            var depth = *(int*)segment;
            if (depth < 0 || depth > _depth) throw new InvalidDataException("segment depth");
            var end = i + (1L << (_depth - depth));
            for (; i < end; i++) _directory[i] = segment;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Segment(ulong hash) => _directory[(hash >> 1) >> (63 - _depth)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private HashSlot* Slots(ulong hash) => (HashSlot*)(Segment(hash) + HeaderBytes);

    private static void Place(byte* segment, ulong hash, uint value)
    {
        var slots = (HashSlot*)(segment + HeaderBytes);
        var i = (int)hash & SlotMask;
        while (slots[i].Value != 0) i = (i + 1) & SlotMask;
        slots[i].Hash = hash;
        slots[i].Value = value;
        (*(int*)(segment + 4))++;
    }

    private byte* NewSegment(int depth)
    {
        _segments++;
        var segment = _arena.Allocate(SegmentBytes);
        *(int*)segment = depth;
        return segment;
    }

    private void MakeRoom(ulong hash, byte* segment)
    {
        // Kept for the next time: the fold leaves nothing for the garbage collector.
        var live = (_old ??= new HashSlot[SegmentSlots]).AsSpan();
        new Span<HashSlot>(segment + HeaderBytes, SegmentSlots).CopyTo(live);
        if (IsStale is { } stale)
        {
            foreach (ref var slot in live)
            {
                if (slot.Value == 0 || !stale(slot.Hash, slot.Value)) continue;
                slot.Value = 0;
                Count--;
                (*(int*)(segment + 4))--;
            }
        }

        var depth = *(int*)segment;
        var left = *(int*)(segment + 4);
        new Span<byte>(segment + HeaderBytes, SegmentSlots * 12).Clear();
        *(int*)(segment + 4) = 0;
        // A quarter of room is worth the rebuild; with less the segment would soon be here again.
        if (left <= MaxFill * 3 / 4)
        {
            foreach (ref readonly var slot in live)
            {
                if (slot.Value != 0) Place(segment, slot.Hash, slot.Value);
            }

            return;
        }

        if (depth == MaxDepth) throw new InvalidOperationException("Too many equal hashes.");
        if (depth == _depth) DoubleDirectory();
        var other = NewSegment(depth + 1);
        *(int*)segment = depth + 1;
        var bit = 1UL << (63 - depth);
        foreach (ref readonly var slot in live)
        {
            if (slot.Value != 0) Place((slot.Hash & bit) != 0 ? other : segment, slot.Hash, slot.Value);
        }

        var span = 1L << (_depth - depth);
        var first = (long)((hash >> 1) >> (63 - _depth)) & ~(span - 1);
        for (var i = first + span / 2; i < first + span; i++) _directory[i] = other;
    }

    private void DoubleDirectory()
    {
        var size = 1L << _depth;
        var directory = (byte**)_arena.Allocate((nuint)(sizeof(byte*) * size * 2));
        for (long i = 0; i < size; i++) directory[2 * i] = directory[2 * i + 1] = _directory[i];
        _directory = directory;
        _depth++;
    }
}
