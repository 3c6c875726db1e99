using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>What the fold depends on besides the events. It stands in the log, so that a log always gives the same state.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct FoldSettings
{
    /// <summary>Bytes of the struct in the log.</summary>
    public const int Bytes = 76;

    public ulong HashKey0;
    public ulong HashKey1;
    public long LatenessMs;
    public long PresenceTimeoutMs;
    public long DedupeWindowMs;
    public long MaxAudiencePairs;
    public int DedupeIds;
    public int ExactAudience;
    public int MaxRooms;
    public int MaxUsers;
    public int MaxProducts;
    /// <summary>0 wall, 1 event.</summary>
    public int Clock;
    /// <summary>Three ASCII letters.</summary>
    public uint Currency;

    /// <summary>The currency as text.</summary>
    public readonly string CurrencyName =>
        new([(char)(Currency & 0xFF), (char)((Currency >> 8) & 0xFF), (char)((Currency >> 16) & 0xFF)]);

    /// <summary>The number that stands for a currency.</summary>
    public static uint CurrencyOf(ReadOnlySpan<byte> letters) => letters.Length == 3 ? (uint)(letters[0] | letters[1] << 8 | letters[2] << 16) : 0;
}
