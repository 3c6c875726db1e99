using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

/// <summary>
/// Keys of the table of pairs: 3 bits of kind, 29 bits of the first row, 32 bits of the second, spread one to one by
/// <see cref="KeyHash.Mix"/>, so that the hash is the key. Values: of (broadcast, user) the mask of what the user did, or,
/// with <see cref="VisitBit"/>, the number of a visit; of (item, user) the mask; of (room, item) the number of its row.
/// </summary>
internal static class PairKey
{
    public const uint RoomUser = 0, ProductUser = 1, VideoUser = 2, RoomProduct = 3, RoomVideo = 4;
    public const uint VisitBit = 1u << 31;
    public const uint RowMask = (1u << 29) - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(uint kind, uint first, uint second) => KeyHash.Mix((ulong)(kind << 29 | first) << 32 | second);

    public static void Parts(ulong hash, out uint kind, out uint first, out uint second)
    {
        var key = KeyHash.Unmix(hash);
        kind = (uint)(key >> 61);
        first = (uint)(key >> 32) & RowMask;
        second = (uint)key;
    }
}
