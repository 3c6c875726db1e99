using System.Numerics;

namespace LiveGrains.Core;

/// <summary>
/// A timing wheel (Varghese and Lauck, SOSP 1987) with one slot a millisecond, so that sessions end at exactly their
/// moment and in order, however far the clock moves at once. A signal does not move an entry: when the entry comes up
/// and its session was extended, it is armed again. One thread.
/// </summary>
internal sealed unsafe class PresenceWheel
{
    private readonly uint* _heads;
    private readonly ulong* _occupied;
    private readonly uint _mask;

    /// <summary>Makes a wheel that reaches at least <paramref name="spanMs"/> ms ahead.</summary>
    public PresenceWheel(NativeArena arena, long spanMs)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(4096, spanMs + 1));
        _mask = size - 1;
        _heads = (uint*)arena.Allocate((nuint)size * 4);
        _occupied = (ulong*)arena.Allocate((nuint)size / 8);
    }

    /// <summary>The moment up to which the wheel has turned, ms.</summary>
    public long NowMs { get; private set; } = long.MinValue;

    /// <summary>Entries.</summary>
    public long Count { get; private set; }

    /// <summary>Puts an entry in the slot of a moment; <paramref name="next"/> is the entry's link. A moment beyond the wheel's reach comes up early and is to be armed again.</summary>
    public void Arm(uint entry, long momentMs, ref uint next)
    {
        if (NowMs == long.MinValue) NowMs = momentMs - 1;
        momentMs = Math.Clamp(momentMs, NowMs + 1, NowMs + _mask);
        var slot = (uint)momentMs & _mask;
        next = _heads[slot];
        _heads[slot] = entry;
        _occupied[slot >> 6] |= 1UL << (int)(slot & 63);
        Count++;
    }

    /// <summary>The next moment not later than the clock that has entries, and their list, taken off the wheel; false when there is none, and the wheel then stands at the clock.</summary>
    public bool TryTake(long clockMs, out long momentMs, out uint list)
    {
        list = 0;
        momentMs = 0;
        if (clockMs <= NowMs) return false;
        if (Count == 0 || !NextOccupied(clockMs, out momentMs))
        {
            NowMs = clockMs;
            return false;
        }

        NowMs = momentMs;
        var slot = (uint)momentMs & _mask;
        list = _heads[slot];
        _heads[slot] = 0;
        _occupied[slot >> 6] &= ~(1UL << (int)(slot & 63));
        return true;
    }

    /// <summary>The first entry of a moment's slot, or 0: for prefetching.</summary>
    public uint Peek(long momentMs) => _heads[(uint)momentMs & _mask];

    /// <summary>Tells that an entry of a taken list was dealt with.</summary>
    public void Taken() => Count--;

    public void Save(IStateSink sink)
    {
        sink.Put(NowMs);
        sink.Put(Count);
        for (uint word = 0; word <= _mask >> 6; word++)
        {
            for (var occupied = _occupied[word]; occupied != 0; occupied &= occupied - 1)
            {
                var slot = word << 6 | (uint)BitOperations.TrailingZeroCount(occupied);
                sink.Put(slot);
                sink.Put(_heads[slot]);
            }
        }

        sink.Put(uint.MaxValue);
    }

    public void Load(IStateSource source)
    {
        NowMs = source.Take<long>();
        Count = source.Take<long>();
        for (var slot = source.Take<uint>(); slot != uint.MaxValue; slot = source.Take<uint>())
        {
            if (slot > _mask) throw new InvalidDataException("presence wheel");
            _heads[slot] = source.Take<uint>();
            _occupied[slot >> 6] |= 1UL << (int)(slot & 63);
        }
    }

    private bool NextOccupied(long clockMs, out long momentMs)
    {
        var last = Math.Min(clockMs, NowMs + _mask + 1);
        momentMs = NowMs + 1;
        while (momentMs <= last)
        {
            var slot = (uint)momentMs & _mask;
            var word = _occupied[slot >> 6] >> (int)(slot & 63);
            if (word != 0)
            {
                momentMs += BitOperations.TrailingZeroCount(word);
                return momentMs <= last;
            }

            momentMs += 64 - (slot & 63);
        }

        return false;
    }
}
