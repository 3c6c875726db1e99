using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiveGrains.Core;

/// <summary>
/// The key of a row, at the row's beginning: a length byte and up to 15 bytes of key, so that a key as platforms have them is
/// compared within the line of memory that its row needs anyway. Of a longer key four bytes are its number in the arena of
/// keys. 16 bytes; what the key does not fill is 0.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct RowKey
{
    public const int Bytes = 16;
    public const int MaxInline = 15;
    public const int MaxLength = 255;

    public byte Length;
}

/// <summary>
/// Rows that are found by a string key. A row begins with its <see cref="RowKey"/>. A key is compared byte by byte: two keys
/// with the same hash are two rows. One thread.
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

    /// <summary>Bytes of rows and index, without keys of more than 15 bytes.</summary>
    public long Bytes => Rows.Bytes + Index.Bytes;

    /// <summary>The key of a row.</summary>
    public ReadOnlySpan<byte> Key(uint row)
    {
        var key = Rows[row];
        return *key <= RowKey.MaxInline ? new ReadOnlySpan<byte>(key + 1, *key) : _keys[Unsafe.ReadUnaligned<uint>(key + 1)];
    }

    /// <summary>The row of a key, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Find(ulong hash, ReadOnlySpan<byte> key)
    {
        for (var slot = Index.Find(hash); slot != null; slot = Index.FindNext(slot))
        {
            if (Key(slot->Value).SequenceEqual(key)) return slot->Value;
        }

        return 0;
    }

    /// <summary>The row of a key, or 0; <paramref name="likely"/> is looked at first, unless it is 0.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="key">A length byte, then the key's bytes.</param>
    /// <param name="readable">How many bytes may be read from <paramref name="key"/> on.</param>
    /// <param name="likely">A row or 0.</param>
    /// <param name="likelyRow">Where that row is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Find(ulong hash, byte* key, long readable, uint likely, void* likelyRow)
    {
        var length = *key;
        if (likely == 0 || length > RowKey.MaxInline || readable < RowKey.Bytes) return FindFrom(hash, key, likely);
        // All of both keys at once: behind the key the row has zeros, and what the event has there is masked off.
        var wanted = Vector128.Load(key) & Vector128.LessThanOrEqual(Vector128<byte>.Indices, Vector128.Create(length));
        return wanted == Vector128.Load((byte*)likelyRow) ? likely : FindFrom(hash, key, 0);
    }

    /// <summary>The first row with this hash, its key not yet compared, or 0: for prefetching.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Peek(ulong hash)
    {
        var slot = Index.Find(hash);
        return slot == null ? 0 : slot->Value;
    }

    /// <summary>Adds a row for a key that is not there, of at most 255 bytes.</summary>
    public uint Add(ulong hash, ReadOnlySpan<byte> key)
    {
        var row = Rows.Allocate();
        var place = Rows[row];
        *place = checked((byte)key.Length);
        if (key.Length <= RowKey.MaxInline) key.CopyTo(new Span<byte>(place + 1, RowKey.MaxInline));
        else Unsafe.WriteUnaligned(place + 1, _keys.Add(key));
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

    private uint FindFrom(ulong hash, byte* key, uint likely)
    {
        var bytes = new ReadOnlySpan<byte>(key + 1, *key);
        return likely != 0 && Key(likely).SequenceEqual(bytes) ? likely : Find(hash, bytes);
    }
}
