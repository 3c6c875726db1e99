using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// 64-bit checksum of bytes: two CRC-32C (Castagnoli, RFC 3720), the low half over the even and the high half over the odd
/// 8-byte words, the rest padded with zeros, each started from the length. Every burst of up to 32 bits in a half, so
/// every damaged byte, is found for certain; anything else with 1 − 2⁻⁶⁴. Two streams also keep the processor's CRC unit busy.
/// </summary>
internal static class Checksum
{
    /// <summary>The checksum of bytes, continued from that of what came before (0: nothing).</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes, ulong before = 0)
    {
        var low = (uint)before ^ (uint)bytes.Length ^ 0xFFFFFFFF;
        var high = (uint)(before >> 32) ^ 0xFFFFFFFF;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ref var p = ref MemoryMarshal.GetReference(words);
        var i = 0;
        for (; i + 1 < words.Length; i += 2)
        {
            low = BitOperations.Crc32C(low, Unsafe.Add(ref p, i));
            high = BitOperations.Crc32C(high, Unsafe.Add(ref p, i + 1));
        }

        if (i < words.Length) low = BitOperations.Crc32C(low, Unsafe.Add(ref p, i));
        var rest = bytes[(words.Length * 8)..];
        if (!rest.IsEmpty)
        {
            Span<byte> last = stackalloc byte[8];
            last.Clear();
            rest.CopyTo(last);
            high = BitOperations.Crc32C(high, MemoryMarshal.Read<ulong>(last));
        }

        return (ulong)high << 32 | low;
    }
}
