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
/// indexed by the leading bits of the hash. A segment is full when a slot would come to lie too far behind its home; it is
/// split alone, so that growing never stands still for longer than one segment takes (about 30 µs), whatever the size of
/// the table. Finding and adding touch no memory but the directory and the slots from the home on. Several slots may have
/// the same hash. One thread.
/// </summary>
internal sealed unsafe class HashIndex
{
    private const int SegmentSlots = 4096;
    private const int SlotMask = SegmentSlots - 1;
    // At 83 % of slots used, the mean distance of a new slot is 17 and one of a hundred lies further than this.
    private const int MaxDistance = 96;
    private const int WorthRebuilding = SegmentSlots * 5 / 8;
    private const int HeaderBytes = 64;
    private const int SegmentBytes = HeaderBytes + SegmentSlots * 12;
    // 2^24 segments of 2,560 slots are more than any table may have; what needs more has thousands of equal hashes.
    private const int MaxDepth = 24;

    private readonly NativeArena _arena;
    private byte** _directory;
    private int _depth;
    private int _segments;
    private HashSlot* _old;

    /// <summary>Makes an index of one empty segment.</summary>
    public HashIndex(NativeArena arena)
    {
        _arena = arena;
        _directory = (byte**)arena.Allocate((nuint)sizeof(byte*));
        _directory[0] = NewSegment(0);
    }

    /// <summary>Tells whether there may be entries of which <see cref="IsStale"/> is true.</summary>
    public Func<bool>? HasStale { get; set; }

    /// <summary>Tells of a slot that its entry is dead and may be dropped; asked only when a segment is full.</summary>
    public Func<ulong, uint, bool>? IsStale { get; set; }

    /// <summary>Slots in use.</summary>
    public long Count { get; private set; }

    /// <summary>Changes whenever slots move or go.</summary>
    public int Version { get; private set; }

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

    /// <summary>The slot with this hash or, where there is none, the empty one that ends the search: its value is 0. Valid while <see cref="Version"/> stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HashSlot* Seek(ulong hash)
    {
        var slots = Slots(hash);
        for (var i = (int)hash & SlotMask; ; i = (i + 1) & SlotMask)
        {
            var slot = slots + i;
            if (slot->Hash == hash || slot->Value == 0) return slot;
        }
    }

    /// <summary>As <see cref="Seek(ulong)"/>, beginning where a search for the same hash ended; <see cref="Version"/> is as it was then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HashSlot* Seek(ulong hash, HashSlot* ended)
    {
        // Nothing goes from a chain while the version stays, so that what was passed over need not be looked at again.
        if (ended->Hash == hash || ended->Value == 0) return ended;
        return Seek(hash);
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

    /// <summary>Adds a slot, value ≠ 0, and returns it; it stays valid until the next call. The caller knows that it is not there.</summary>
    public HashSlot* Add(ulong hash, uint value)
    {
        HashSlot* slot;
        while ((slot = TryPlace(Slots(hash), hash, value)) == null)
        {
            if (MakeRoom(hash, Segment(hash))) continue;
            slot = Place((HashSlot*)(Segment(hash) + HeaderBytes), new HashSlot { Hash = hash, Value = value });
            break;
        }

        Count++;
        return slot;
    }

    /// <summary>Adds a slot where <see cref="Seek(ulong)"/> for its hash ended, with nothing added since.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HashSlot* AddAt(HashSlot* place, ulong hash, uint value)
    {
        var distance = ((int)(place - Slots(hash)) - (int)hash) & SlotMask;
        if (distance > MaxDistance) return Add(hash, value);
        place->Hash = hash;
        place->Value = value;
        Count++;
        return place;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HashSlot* TryPlace(HashSlot* slots, ulong hash, uint value)
    {
        var home = (int)hash & SlotMask;
        for (var i = home; i <= home + MaxDistance; i++)
        {
            var slot = slots + (i & SlotMask);
            if (slot->Value != 0) continue;
            slot->Hash = hash;
            slot->Value = value;
            return slot;
        }

        return null;
    }

    // At any distance: the segment is not full.
    private static HashSlot* Place(HashSlot* slots, in HashSlot slot)
    {
        var i = (int)slot.Hash & SlotMask;
        while (slots[i].Value != 0) i = (i + 1) & SlotMask;
        slots[i] = slot;
        return slots + i;
    }

    private byte* NewSegment(int depth)
    {
        _segments++;
        var segment = _arena.Allocate(SegmentBytes);
        *(int*)segment = depth;
        return segment;
    }

    // False when the segment has much room, only not here: too many hashes are alike, and a split would not part them.
    private bool MakeRoom(ulong hash, byte* segment)
    {
        Version++;
        // Kept for the next time: the fold leaves nothing for the garbage collector.
        if (_old == null) _old = (HashSlot*)_arena.Allocate((nuint)(SegmentSlots * sizeof(HashSlot)));
        var live = new Span<HashSlot>(_old, SegmentSlots);
        new Span<HashSlot>(segment + HeaderBytes, SegmentSlots).CopyTo(live);
        var dropsStale = HasStale?.Invoke() == true && IsStale != null;
        var left = 0;
        foreach (ref var slot in live)
        {
            if (slot.Value == 0) continue;
            left++;
            if (!dropsStale || !IsStale!(slot.Hash, slot.Value)) continue;
            slot.Value = 0;
            Count--;
            left--;
        }

        if (!dropsStale && left < WorthRebuilding) return false;
        var depth = *(int*)segment;
        new Span<byte>(segment + HeaderBytes, SegmentSlots * 12).Clear();
        // Only when much was dropped: else the segment would soon be here again.
        if (dropsStale && left <= WorthRebuilding)
        {
            foreach (ref readonly var slot in live)
            {
                if (slot.Value != 0) Place((HashSlot*)(segment + HeaderBytes), slot);
            }

            return true;
        }

        if (depth == MaxDepth) throw new InvalidOperationException("Too many equal hashes.");
        if (depth == _depth) DoubleDirectory();
        var other = NewSegment(depth + 1);
        *(int*)segment = depth + 1;
        var bit = 1UL << (63 - depth);
        foreach (ref readonly var slot in live)
        {
            if (slot.Value != 0) Place((HashSlot*)(((slot.Hash & bit) != 0 ? other : segment) + HeaderBytes), slot);
        }

        var span = 1L << (_depth - depth);
        var first = (long)((hash >> 1) >> (63 - _depth)) & ~(span - 1);
        for (var i = first + span / 2; i < first + span; i++) _directory[i] = other;
        return true;
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
