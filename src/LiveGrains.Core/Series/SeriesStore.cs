using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>Where the series of one room, product or video is; part of its row.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct SeriesHandle
{
    /// <summary>The newest open bucket, 0: none.</summary>
    public uint Live;
    /// <summary>The oldest and the newest chunk of sealed buckets, 0: none.</summary>
    public uint Head;
    public uint Tail;
}

/// <summary>Takes the values of one bucket; a bucket may come in several parts.</summary>
internal unsafe delegate void BucketVisitor(long bucket, long* values, uint mask);

/// <summary>Gives the address of an owner's handle.</summary>
internal unsafe delegate SeriesHandle* HandleOfOwner(uint owner);

/// <summary>
/// Time series of 10 s buckets for many owners. A bucket that events can still reach is a row of counters; once it is older
/// than the lateness it is sealed: only its counters that are not 0 remain, as variable-length integers in chunks of 128
/// bytes, a dozen bytes for a typical bucket of a small room. Sealing is work of two buckets an event at most. One thread.
/// </summary>
internal sealed unsafe class SeriesStore
{
    /// <summary>Milliseconds of a bucket.</summary>
    public const int BucketMs = 10_000;

    private const int ChunkBytes = 128;
    private const int ChunkHead = 24;
    private const int MaxWidth = 28;

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct LiveBucket // then `width` counters
    {
        public long Bucket;
        public uint Owner;
        public uint OlderOfOwner;
        public uint NewerOfOwner;
        public uint NextInOrder;
    }

    [StructLayout(LayoutKind.Sequential, Size = ChunkHead)]
    private struct Chunk
    {
        public uint Next;
        public uint Used;
        public long Base;
        public long Newest;
    }

    private readonly Pool _live;
    private readonly Pool _chunks;
    private readonly int _width;
    private readonly long _keepBuckets;
    private uint _first; // order of opening, for sealing
    private uint _last;

    /// <summary>Makes a store of <paramref name="width"/> counters a bucket that keeps sealed buckets for <paramref name="keepBuckets"/> (0: for ever).</summary>
    public SeriesStore(NativeArena arena, int width, long keepBuckets)
    {
        if (width > MaxWidth) throw new ArgumentOutOfRangeException(nameof(width));
        _width = width;
        _keepBuckets = keepBuckets;
        _live = new Pool(arena, sizeof(LiveBucket) + width * 8, 9);
        _chunks = new Pool(arena, ChunkBytes, 10);
    }

    /// <summary>Bytes of memory.</summary>
    public long Bytes => _live.Bytes + _chunks.Bytes;

    /// <summary>The counters of an owner's open bucket, opened when it is not.</summary>
    public long* Open(ref SeriesHandle handle, uint owner, long bucket)
    {
        // Newest first: an event in order looks at one bucket, a late one at as many as it is late.
        uint newer = 0;
        var older = handle.Live;
        while (older != 0)
        {
            var row = (LiveBucket*)_live[older];
            if (row->Bucket == bucket) return (long*)(row + 1);
            if (row->Bucket < bucket) break;
            newer = older;
            older = row->OlderOfOwner;
        }

        var opened = _live.Allocate();
        var live = (LiveBucket*)_live[opened];
        live->Bucket = bucket;
        live->Owner = owner;
        live->OlderOfOwner = older;
        live->NewerOfOwner = newer;
        if (older != 0) ((LiveBucket*)_live[older])->NewerOfOwner = opened;
        if (newer != 0) ((LiveBucket*)_live[newer])->OlderOfOwner = opened;
        else handle.Live = opened;
        if (_last != 0) ((LiveBucket*)_live[_last])->NextInOrder = opened;
        else _first = opened;
        _last = opened;
        return (long*)(live + 1);
    }

    /// <summary>Brings the newest open bucket of an owner into the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(in SeriesHandle handle)
    {
        if (handle.Live != 0) _live.Prefetch(handle.Live, 3);
    }

    /// <summary>Where the handle of an owner is; asked when a bucket of it is sealed.</summary>
    public required HandleOfOwner HandleOf { get; init; }

    /// <summary>Seals the bucket that was opened first, when it ended before a bucket; false when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool SealOne(long beforeBucket, long clockBucket)
    {
        if (_first == 0 || ((LiveBucket*)_live[_first])->Bucket >= beforeBucket) return false;
        SealFirst(clockBucket);
        return true;
    }

    /// <summary>Empties the series of an owner that begins anew.</summary>
    public void Clear(ref SeriesHandle handle)
    {
        while (handle.Head != 0)
        {
            var next = ((Chunk*)_chunks[handle.Head])->Next;
            _chunks.Free(handle.Head);
            handle.Head = next;
        }

        // Open buckets stay in the order of sealing, but belong to nobody.
        for (var number = handle.Live; number != 0; number = ((LiveBucket*)_live[number])->OlderOfOwner)
            ((LiveBucket*)_live[number])->Owner = 0;
        handle = default;
    }

    /// <summary>Visits the buckets of an owner in [from, to], sealed ones first, in no other order.</summary>
    public void Visit(in SeriesHandle handle, long from, long to, BucketVisitor visitor)
    {
        var values = stackalloc long[MaxWidth];
        for (var number = handle.Head; number != 0;)
        {
            var chunk = (Chunk*)_chunks[number];
            if (chunk->Newest >= from) VisitChunk(chunk, from, to, values, visitor);
            number = chunk->Next;
        }

        for (var number = handle.Live; number != 0;)
        {
            var row = (LiveBucket*)_live[number];
            if (row->Bucket >= from && row->Bucket <= to) visitor(row->Bucket, (long*)(row + 1), (1u << _width) - 1);
            number = row->OlderOfOwner;
        }
    }

    public void Save(IStateSink sink)
    {
        _live.Save(sink);
        _chunks.Save(sink);
        sink.Put(_first);
        sink.Put(_last);
    }

    public void Load(IStateSource source)
    {
        _live.Load(source);
        _chunks.Load(source);
        _first = source.Take<uint>();
        _last = source.Take<uint>();
    }

    private void SealFirst(long clockBucket)
    {
        var number = _first;
        var row = (LiveBucket*)_live[number];
        _first = row->NextInOrder;
        if (_first == 0) _last = 0;
        else _live.Prefetch(_first, 4); // It is as cold as this one was, and comes next.
        if (row->Owner != 0)
        {
            var handle = HandleOf(row->Owner);
            if (row->NewerOfOwner != 0) ((LiveBucket*)_live[row->NewerOfOwner])->OlderOfOwner = row->OlderOfOwner;
            else handle->Live = row->OlderOfOwner;
            if (row->OlderOfOwner != 0) ((LiveBucket*)_live[row->OlderOfOwner])->NewerOfOwner = row->NewerOfOwner;
            Append(ref *handle, row->Bucket, (long*)(row + 1));
            DropOld(ref *handle, clockBucket);
        }

        _live.Free(number);
    }

    private void DropOld(ref SeriesHandle handle, long clockBucket)
    {
        if (_keepBuckets == 0) return;
        while (handle.Head != handle.Tail && ((Chunk*)_chunks[handle.Head])->Newest < clockBucket - _keepBuckets)
        {
            var next = ((Chunk*)_chunks[handle.Head])->Next;
            _chunks.Free(handle.Head);
            handle.Head = next;
        }
    }

    // An entry: zigzag(bucket − base), mask of counters, the counters that the mask names.
    private void Append(ref SeriesHandle handle, long bucket, long* values)
    {
        uint mask = 0;
        for (var i = 0; i < _width; i++)
        {
            if (values[i] != 0) mask |= 1u << i;
        }

        while (mask != 0)
        {
            var chunk = handle.Tail == 0 ? null : (Chunk*)_chunks[handle.Tail];
            if (chunk != null)
            {
                var part = Fit(values, mask, ChunkBytes - ChunkHead - (int)chunk->Used - Length(ZigZag(bucket - chunk->Base)));
                // Splitting an entry between chunks costs a header; a new chunk is better when most would move.
                if (part == mask || (part != 0 && chunk->Used < 40))
                {
                    Write(chunk, bucket, values, part);
                    mask &= ~part;
                    continue;
                }
            }

            var added = _chunks.Allocate();
            var fresh = (Chunk*)_chunks[added];
            fresh->Base = bucket;
            fresh->Newest = bucket;
            if (chunk != null) chunk->Next = added;
            else handle.Head = added;
            handle.Tail = added;
        }
    }

    private static uint Fit(long* values, uint mask, int room)
    {
        uint part = 0;
        room -= 4; // the mask's own bytes at most, for 28 counters
        for (var rest = mask; rest != 0; rest &= rest - 1)
        {
            var i = System.Numerics.BitOperations.TrailingZeroCount(rest);
            room -= Length((ulong)values[i]);
            if (room < 0) break;
            part |= 1u << i;
        }

        return part;
    }

    private static void Write(Chunk* chunk, long bucket, long* values, uint mask)
    {
        var start = (byte*)chunk + ChunkHead;
        var p = Put(start + chunk->Used, ZigZag(bucket - chunk->Base));
        p = Put(p, mask);
        for (var rest = mask; rest != 0; rest &= rest - 1)
            p = Put(p, (ulong)values[System.Numerics.BitOperations.TrailingZeroCount(rest)]);
        chunk->Used = (uint)(p - start);
        chunk->Newest = Math.Max(chunk->Newest, bucket);
    }

    private static void VisitChunk(Chunk* chunk, long from, long to, long* values, BucketVisitor visitor)
    {
        var p = (byte*)chunk + ChunkHead;
        var end = p + chunk->Used;
        while (p < end)
        {
            p = Get(p, out var delta);
            p = Get(p, out var mask);
            var bucket = chunk->Base + ((long)(delta >> 1) ^ -(long)(delta & 1));
            for (var i = 0; i < MaxWidth; i++) values[i] = 0;
            for (var rest = (uint)mask; rest != 0; rest &= rest - 1)
            {
                p = Get(p, out var value);
                values[System.Numerics.BitOperations.TrailingZeroCount(rest)] = (long)value;
            }

            if (bucket >= from && bucket <= to) visitor(bucket, values, (uint)mask);
        }
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static int Length(ulong value) => (70 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7;

    private static byte* Put(byte* p, ulong value)
    {
        for (; value >= 0x80; value >>= 7) *p++ = (byte)(value | 0x80);
        *p++ = (byte)value;
        return p;
    }

    private static byte* Get(byte* p, out ulong value)
    {
        value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = *p++;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return p;
        }
    }
}
