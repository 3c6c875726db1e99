using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// What `user.upsert` says of a user that groups them with others (SPEC 2: age band, gender, region, language), as hashes; 0: not
/// said. 16 bytes, no text.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct StaticFeatures(uint Age, uint Gender, uint Region, uint Language)
{
    /// <summary>Number of features.</summary>
    public const int Count = 4;

    /// <summary>True when nothing is known.</summary>
    public bool IsEmpty => (Age | Gender | Region | Language) == 0;

    private static readonly KeyHash TextHash = new(0x7374_6174_6963_2066, 0x8CB9_2BA7_2F3D_8DD7);

    /// <summary>The features among the attributes of a user, names and values as the log has them. Other attributes are ignored.</summary>
    public static StaticFeatures Of(ReadOnlySpan<byte> attributes)
    {
        uint age = 0, gender = 0, region = 0, language = 0;
        while (!attributes.IsEmpty)
        {
            var name = attributes.Slice(2, BitConverter.ToUInt16(attributes));
            attributes = attributes[(2 + name.Length)..];
            var value = attributes.Slice(2, BitConverter.ToUInt16(attributes));
            attributes = attributes[(2 + value.Length)..];
            if (name.SequenceEqual("age"u8) || name.SequenceEqual("ageBand"u8) || name.SequenceEqual("age_band"u8)) age = HashOf(value);
            else if (name.SequenceEqual("gender"u8) || name.SequenceEqual("sex"u8)) gender = HashOf(value);
            else if (name.SequenceEqual("region"u8) || name.SequenceEqual("country"u8)) region = HashOf(value);
            else if (name.SequenceEqual("language"u8) || name.SequenceEqual("lang"u8)) language = HashOf(value);
        }

        return new StaticFeatures(age, gender, region, language);
    }

    // An empty value says nothing.
    private static uint HashOf(ReadOnlySpan<byte> value) => value.IsEmpty ? 0 : (uint)TextHash.Of(value) | 1;
}
