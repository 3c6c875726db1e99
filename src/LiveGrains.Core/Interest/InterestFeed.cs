using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>What an <see cref="InterestFeed"/> tells.</summary>
internal enum FeedKind : byte
{
    /// <summary>A user came to an item that is new to them; the entries are those before it, the body is <see cref="HistoryEntry"/> × n.</summary>
    Visit = 1,
    /// <summary>An item is new, or its catalog members changed; the body is its <see cref="CatalogBlob"/>.</summary>
    Item = 2,
    /// <summary>A user to whom items were recommended did something.</summary>
    Outcome = 3,
    /// <summary>A <see cref="Visit"/> of before the process began, for models that do not survive a restart.</summary>
    PastVisit = 4,
    /// <summary>A user's static features changed; the body is <see cref="StaticFeatures"/>.</summary>
    User = 5,
}

/// <summary>The head of a record of the feed: 24 bytes, then its body.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct FeedHead
{
    public FeedKind Kind;
    public EventType Type;
    /// <summary>Bytes of the body.</summary>
    public ushort Length;
    /// <summary>As <see cref="InterestItem"/> numbers it, in the shard's rows.</summary>
    public uint Item;
    public uint User;
    public uint TimeSeconds;
    public float Strength;
    public uint Pad;
}

/// <summary>
/// What the models of an engine learn from, written by a shard's fold while it goes and handed over after each group of
/// blocks. Not part of the state: a state without a feed is the same state. Bounded: what does not fit is counted and
/// left out, because models may miss something and the fold may not wait. One thread; a taken buffer belongs to its taker.
/// </summary>
internal sealed unsafe class InterestFeed
{
    private const int MaxBytes = 16 << 20;
    private byte[] _buffer = new byte[64 << 10];
    private int _used;
    private ulong[] _served = [];

    /// <summary>Records that did not fit.</summary>
    public long Dropped { get; private set; }

    /// <summary>Bytes to take.</summary>
    public int Bytes => _used;

    /// <summary>From now on the feed tells what this user does.</summary>
    public void Follow(uint user)
    {
        var word = (int)(user >> 6);
        if (word >= _served.Length) Array.Resize(ref _served, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)word + 1));
        _served[word] |= 1UL << (int)(user & 63);
    }

    /// <summary>True when items were recommended to the user.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Follows(uint user)
    {
        var word = user >> 6;
        return word < (uint)_served.Length && (_served[word] >> (int)(user & 63) & 1) != 0;
    }

    /// <summary>Adds a record.</summary>
    public void Add(in FeedHead head, ReadOnlySpan<byte> body)
    {
        var length = sizeof(FeedHead) + body.Length;
        if (_used + length > _buffer.Length)
        {
            if (_used + length > MaxBytes)
            {
                Dropped++;
                return;
            }

            Array.Resize(ref _buffer, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_used + length)));
        }

        var place = _buffer.AsSpan(_used, length);
        MemoryMarshal.Write(place, head with { Length = (ushort)body.Length });
        body.CopyTo(place[sizeof(FeedHead)..]);
        _used += length;
    }

    /// <summary>The records so far, at the beginning of a buffer that is the caller's; the feed begins anew in another one.</summary>
    public ArraySegment<byte> Take(byte[] next)
    {
        var taken = new ArraySegment<byte>(_buffer, 0, _used);
        _buffer = next;
        _used = 0;
        return taken;
    }

    /// <summary>Reads a record and moves behind it; false at the end.</summary>
    public static bool TryRead(ref ReadOnlySpan<byte> records, out FeedHead head, out ReadOnlySpan<byte> body)
    {
        head = default;
        body = default;
        if (records.IsEmpty) return false;
        head = MemoryMarshal.Read<FeedHead>(records);
        body = records.Slice(sizeof(FeedHead), head.Length);
        records = records[(sizeof(FeedHead) + head.Length)..];
        return true;
    }
}
