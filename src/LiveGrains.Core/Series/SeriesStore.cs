using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

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

/// <summary>
/// Time series of 10 s buckets for many owners. A bucket that events can still reach is a row of counters, the four that
/// most events touch in its first line of memory; once it is older than the lateness it is sealed: only its counters that
/// are not 0 remain, as variable-length integers in chunks of 128 bytes, a dozen bytes for a typical bucket of a small
/// room. A row knows which counters it uses: the others are neither cleared nor read. One thread.
/// </summary>
internal sealed unsafe class SeriesStore
{
    /// <summary>Milliseconds of a bucket.</summary>
    public const int BucketMs = 10_000;

    private const int ChunkBytes = 128;
    private const int ChunkHead = 24;
    private const int MaxWidth = 28;

    private const int LineBytes = 64;

    [StructLayout(LayoutKind.Sequential, Size = 32)]
    internal struct LiveBucket // then `width` counters, in a free row all 0
    {
        public long Bucket;
        public uint Owner;
        public uint OlderOfOwner;
        public uint NewerOfOwner;
        public uint NextInOrder;
        public uint Used; // bits by counter
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
    private readonly byte* _places; // of the counters in a row
    private readonly long _keepBuckets;
    private uint _first; // order of opening, for sealing
    private uint _last;

    /// <summary>Makes a store of <paramref name="width"/> counters a bucket that keeps sealed buckets for <paramref name="keepBuckets"/> (0: for ever).</summary>
    /// <param name="arena">Where the memory comes from.</param>
    /// <param name="width">Counters, at most 28.</param>
    /// <param name="keepBuckets">Buckets, 0: all.</param>
    /// <param name="frequent">The counters that most events touch, most frequent first; four lie beside the head.</param>
    public SeriesStore(NativeArena arena, int width, long keepBuckets, params ReadOnlySpan<int> frequent)
    {
        if (width > MaxWidth) throw new ArgumentOutOfRangeException(nameof(width));
        _width = width;
        _keepBuckets = keepBuckets;
        _live = new Pool(arena, (sizeof(LiveBucket) + width * 8 + LineBytes - 1) & ~(LineBytes - 1), 9);
        _chunks = new Pool(arena, ChunkBytes, 10);
        _places = arena.Allocate(MaxWidth);
        byte place = 0;
        foreach (var counter in frequent) _places[counter] = place++;
        for (var counter = 0; counter < width; counter++)
        {
            if (!frequent.Contains(counter)) _places[counter] = place++;
        }
    }

    /// <summary>Bytes of memory.</summary>
    public long Bytes => _live.Bytes + _chunks.Bytes;

    /// <summary>One counter of an open bucket, to be changed at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref long At(LiveBucket* bucket, int counter)
    {
        bucket->Used |= 1u << counter;
        return ref ((long*)(bucket + 1))[_places[counter]];
    }

    /// <summary>An owner's open bucket, opened when it is not.</summary>
    public LiveBucket* Open(ref SeriesHandle handle, uint owner, long bucket)
    {
        // Newest first: an event in order looks at one bucket, a late one at as many as it is late.
        uint newer = 0;
        var older = handle.Live;
        while (older != 0)
        {
            var row = (LiveBucket*)_live[older];
            if (row->Bucket == bucket) return row;
            if (row->Bucket < bucket) break;
            newer = older;
            older = row->OlderOfOwner;
        }

        var opened = _live.AllocateAsLeft();
        var live = (LiveBucket*)_live[opened];
        *live = new LiveBucket { Bucket = bucket, Owner = owner, OlderOfOwner = older, NewerOfOwner = newer };
        if (older != 0) ((LiveBucket*)_live[older])->NewerOfOwner = opened;
        if (newer != 0) ((LiveBucket*)_live[newer])->OlderOfOwner = opened;
        else handle.Live = opened;
        if (_last != 0) ((LiveBucket*)_live[_last])->NextInOrder = opened;
        else SetFirst(opened);
        _last = opened;
        return live;
    }

    /// <summary>Brings the newest open bucket of an owner into the cache, as far as a counter needs it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(in SeriesHandle handle, int counter)
    {
        if (handle.Live == 0 || !Sse.IsSupported) return;
        var row = (LiveBucket*)_live[handle.Live];
        Sse.Prefetch0(row);
        Sse.Prefetch0((long*)(row + 1) + _places[counter]);
    }

    /// <summary>The rows of the owners.</summary>
    public required Pool Owners { get; init; }

    /// <summary>Where in an owner's row its handle is, bytes.</summary>
    public required int HandleOffset { get; init; }

    /// <summary>The first millisecond behind the open bucket that was opened first; long.MaxValue: none is open.</summary>
    public long FirstEndMs { get; private set; } = long.MaxValue;

    /// <summary>Seals the bucket that was opened first; there is one.</summary>
    /// <param name="clockBucket">The clock's bucket; what is older than the store keeps is dropped.</param>
    public void SealFirst(long clockBucket)
    {
        var number = _first;
        var row = (LiveBucket*)_live[number];
        SetFirst(row->NextInOrder);
        if (_first == 0) _last = 0;
        else PrefetchFollowing();
        if (row->Owner != 0)
        {
            var handle = HandleOf(row->Owner);
            if (row->NewerOfOwner != 0) ((LiveBucket*)_live[row->NewerOfOwner])->OlderOfOwner = row->OlderOfOwner;
            else handle->Live = row->OlderOfOwner;
            if (row->OlderOfOwner != 0) ((LiveBucket*)_live[row->OlderOfOwner])->NewerOfOwner = row->NewerOfOwner;
            Append(ref *handle, row);
            DropOld(ref *handle, clockBucket);
        }

        for (var used = row->Used; used != 0; used &= used - 1) At(row, BitOperations.TrailingZeroCount(used)) = 0;
        _live.Free(number);
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
            if (row->Bucket >= from && row->Bucket <= to)
            {
                for (var counter = 0; counter < _width; counter++) values[counter] = (row->Used >> counter & 1) != 0 ? At(row, counter) : 0;
                visitor(row->Bucket, values, (1u << _width) - 1);
            }

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
        SetFirst(source.Take<uint>());
        _last = source.Take<uint>();
    }

    private void SetFirst(uint number)
    {
        _first = number;
        FirstEndMs = number == 0 ? long.MaxValue : (((LiveBucket*)_live[number])->Bucket + 1) * BucketMs;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SeriesHandle* HandleOf(uint owner) => (SeriesHandle*)(Owners[owner] + HandleOffset);

    // What comes next is as cold as this bucket was, and each thing tells where the next one is: the third bucket from here
    // is asked for, the owner of the second, and where the first one's values will be appended.
    private void PrefetchFollowing()
    {
        if (!Sse.IsSupported) return;
        var first = (LiveBucket*)_live[_first];
        if (first->Owner != 0 && HandleOf(first->Owner)->Tail is var tail and not 0) _chunks.Prefetch(tail, 2);
        if (first->NextInOrder == 0) return;
        var second = (LiveBucket*)_live[first->NextInOrder];
        if (second->Owner != 0) Sse.Prefetch0(HandleOf(second->Owner));
        if (second->NextInOrder != 0) _live.Prefetch(second->NextInOrder, 2);
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
    [SkipLocalsInit]
    private void Append(ref SeriesHandle handle, LiveBucket* row)
    {
        var bucket = row->Bucket;
        var values = stackalloc long[MaxWidth];
        uint mask = 0;
        for (var used = row->Used; used != 0; used &= used - 1)
        {
            var counter = BitOperations.TrailingZeroCount(used);
            values[counter] = At(row, counter);
            if (values[counter] != 0) mask |= 1u << counter;
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
            var i = BitOperations.TrailingZeroCount(rest);
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
            p = Put(p, (ulong)values[BitOperations.TrailingZeroCount(rest)]);
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
                values[BitOperations.TrailingZeroCount(rest)] = (long)value;
            }

            if (bucket >= from && bucket <= to) visitor(bucket, values, (uint)mask);
        }
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static int Length(ulong value) => (70 - BitOperations.LeadingZeroCount(value | 1)) / 7;

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
