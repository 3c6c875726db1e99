using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// Keyed 64-bit hashing of short byte strings by multiply and fold (the construction of wyhash, Wang Yi 2019, public
/// domain). The key is random per data directory, so that nobody can prepare ids that collide. Part of the log format.
/// </summary>
internal readonly struct KeyHash(ulong key0, ulong key1)
{
    private readonly ulong _key0 = key0 | 1;
    private readonly ulong _key1 = key1 | 1;

    /// <summary>The hash of a string.</summary>
    public ulong Of(ReadOnlySpan<byte> bytes) => Of(bytes, _key0);

    /// <summary>96 bits for (source, id); the source is given by its hash.</summary>
    public void OfId(ulong source, ReadOnlySpan<byte> id, out ulong hash, out uint hash2)
    {
        var whole = Of(id, source ^ _key1);
        // Ids that differ in their last digit only, whatever their base, get neighbouring values and no two the same; XOR
        // keeps an ending that all ids share harmless.
        var ending = Math.Min(1, id.Length);
        var beginning = Of(id[..^ending], source + _key1 * 0x9E3779B97F4A7C15);
        var place = ending == 0 ? 0 : DigitOf(id[^1]);
        hash = (whole & 0xFFFFFFFF_00000000) | ((uint)beginning ^ place);
        hash2 = (uint)(Of(id, source + _key0 * 0x9E3779B97F4A7C15) >> 32);
    }

    // 0 to 61 in the order 0–9, a–z, A–Z; of anything else something below 64.
    private static uint DigitOf(byte c) => (uint)(c >= 'a' ? c - 'a' + 10 : c >= 'A' ? c - 'A' + 36 : c - '0') & 63;

    /// <summary>Spreads a 64-bit number one to one (Stafford's Mix13, the finaliser of SplitMix64).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    /// <summary>The inverse of <see cref="Mix"/>.</summary>
    public static ulong Unmix(ulong x)
    {
        x = (x ^ (x >> 31) ^ (x >> 62)) * 0x319642B2D24D8EC3;
        x = (x ^ (x >> 27) ^ (x >> 54)) * 0x96DE1B173F119089;
        return x ^ (x >> 30) ^ (x >> 60);
    }

    private ulong Of(ReadOnlySpan<byte> bytes, ulong seed)
    {
        const ulong Secret = 0xA0761D6478BD642F;
        ref var p = ref MemoryMarshal.GetReference(bytes);
        var length = bytes.Length;
        var h = seed ^ Fold(seed ^ Secret, _key1);
        var left = length;
        while (left > 16)
        {
            h = Fold(Read64(ref p) ^ _key1, Read64(ref Unsafe.Add(ref p, 8)) ^ h);
            p = ref Unsafe.Add(ref p, 16);
            left -= 16;
        }

        ulong a, b;
        if (left >= 8)
        {
            a = Read64(ref p);
            b = Read64(ref Unsafe.Add(ref p, left - 8));
        }
        else if (left >= 4)
        {
            a = Unsafe.ReadUnaligned<uint>(ref p);
            b = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref p, left - 4));
        }
        else if (left > 0)
        {
            a = ((ulong)p << 16) | ((ulong)Unsafe.Add(ref p, left >> 1) << 8) | Unsafe.Add(ref p, left - 1);
            b = 0;
        }
        else
        {
            a = b = 0;
        }

        return Fold(Secret ^ (ulong)length, Fold(a ^ _key1, b ^ h));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read64(ref byte p) => Unsafe.ReadUnaligned<ulong>(ref p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
