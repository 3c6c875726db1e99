namespace LiveGrains.Core;

/// <summary>The values of the member `status` of catalog events, as blocks and the log have them.</summary>
internal static class CatalogStatus
{
    public const byte Off = 0, On = 1;

    /// <summary>Taken away by the platform: in no list, whoever turns it on, until it is given another status.</summary>
    public const byte Blocked = 2;

    /// <summary>Not a status.</summary>
    public const byte None = 255;

    /// <summary>The value of a name, or <see cref="None"/>.</summary>
    public static byte Parse(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("on"u8) ? On : name.SequenceEqual("off"u8) ? Off : name.SequenceEqual("blocked"u8) ? Blocked : None;

    /// <summary>The name of a value; empty for what is none.</summary>
    public static ReadOnlySpan<byte> Name(byte status) => status switch { Off => "off"u8, On => "on"u8, Blocked => "blocked"u8, _ => default };
}
