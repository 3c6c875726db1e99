using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

/// <summary>
/// Rows that are found by a string key. The first four bytes of a row are the number of its key in the arena of keys. A
/// key is compared byte by byte: two keys with the same hash are two rows. One thread.
/// </summary>
internal sealed unsafe class KeyTable
{
    private readonly BlobArena _keys;

    public KeyTable(NativeArena arena, BlobArena keys, int stride, int shift)
    {
        _keys = keys;
        Index = new HashIndex(arena);
        Rows = new Pool(arena, stride, shift);
    }

    /// <summary>From the keys' hashes to row numbers.</summary>
    public HashIndex Index { get; }

    /// <summary>The rows.</summary>
    public Pool Rows { get; }

    /// <summary>Rows in use.</summary>
    public uint Count => Rows.Count;

    /// <summary>Bytes of rows and index, without keys.</summary>
    public long Bytes => Rows.Bytes + Index.Bytes;

    /// <summary>The key of a row.</summary>
    public ReadOnlySpan<byte> Key(uint row) => _keys[*(uint*)Rows[row]];

    /// <summary>The row of a key, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Find(ulong hash, ReadOnlySpan<byte> key)
    {
        for (var slot = Index.Find(hash); slot != null; slot = Index.FindNext(slot))
        {
            var stored = _keys.Place(*(uint*)Rows[slot->Value]);
            if (key.SequenceEqual(new ReadOnlySpan<byte>(stored + 2, *(ushort*)stored))) return slot->Value;
        }

        return 0;
    }

    /// <summary>The row of a key, or 0; <paramref name="likely"/> is looked at first, unless it is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Find(ulong hash, ReadOnlySpan<byte> key, uint likely)
    {
        if (likely == 0) return Find(hash, key);
        var stored = _keys.Place(*(uint*)Rows[likely]);
        return key.SequenceEqual(new ReadOnlySpan<byte>(stored + 2, *(ushort*)stored)) ? likely : Find(hash, key);
    }

    /// <summary>The first row with this hash, its key not yet compared, or 0: for prefetching.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Peek(ulong hash)
    {
        var slot = Index.Find(hash);
        return slot == null ? 0 : slot->Value;
    }

    /// <summary>Brings a row's key into the cache; the row itself must be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchKey(uint row)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
            System.Runtime.Intrinsics.X86.Sse.Prefetch0(_keys.Place(*(uint*)Rows[row]));
    }

    /// <summary>Adds a row for a key that is not there.</summary>
    public uint Add(ulong hash, ReadOnlySpan<byte> key)
    {
        var row = Rows.Allocate();
        *(uint*)Rows[row] = _keys.Add(key);
        Index.Add(hash, row);
        return row;
    }

    public void Save(IStateSink sink)
    {
        Index.Save(sink);
        Rows.Save(sink);
    }

    public void Load(IStateSource source)
    {
        Index.Load(source);
        Rows.Load(source);
    }
}
