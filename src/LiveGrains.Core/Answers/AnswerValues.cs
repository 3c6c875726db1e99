using System.Text;

namespace LiveGrains.Core;

/// <summary>Values as answers show them.</summary>
internal static class AnswerValues
{
    /// <summary>The windows of SPEC 3 and their buckets.</summary>
    public static readonly (string Name, int Buckets)[] Windows = [("10s", 1), ("1m", 6), ("5m", 30), ("10m", 60), ("1h", 360)];

    /// <summary>a ÷ b, or null when b is 0.</summary>
    public static double? Ratio(double a, double b) => b == 0 ? null : a / b;

    /// <summary>A moment; out of the calendar's range its nearest end.</summary>
    public static DateTimeOffset Time(long ms) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(ms, -62_135_596_800_000, 253_402_300_799_999));

    public static string? Text(ReadOnlySpan<byte> catalog, Members member) =>
        (CatalogBlob.MembersOf(catalog) & member) == 0 ? null : Encoding.UTF8.GetString(CatalogBlob.Get(catalog, member));

    public static long? Number(ReadOnlySpan<byte> catalog, Members member) =>
        (CatalogBlob.MembersOf(catalog) & member) == 0 ? null : BitConverter.ToInt64(CatalogBlob.Get(catalog, member));

    public static IReadOnlyList<string> Tags(ReadOnlySpan<byte> catalog)
    {
        var bytes = CatalogBlob.Get(catalog, Members.Tags);
        if (bytes.IsEmpty) return [];
        var tags = new List<string>();
        while (!bytes.IsEmpty)
        {
            var length = BitConverter.ToUInt16(bytes);
            tags.Add(Encoding.UTF8.GetString(bytes.Slice(2, length)));
            bytes = bytes[(2 + length)..];
        }

        return tags;
    }

    public static SortedDictionary<string, string> Attributes(ReadOnlySpan<byte> bytes)
    {
        var attributes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        while (!bytes.IsEmpty)
        {
            var name = BitConverter.ToUInt16(bytes);
            var value = BitConverter.ToUInt16(bytes[(2 + name)..]);
            attributes[Encoding.UTF8.GetString(bytes.Slice(2, name))] = Encoding.UTF8.GetString(bytes.Slice(4 + name, value));
            bytes = bytes[(4 + name + value)..];
        }

        return attributes;
    }

    public static IReadOnlyDictionary<string, ForeignAmounts>? Foreign(ShardState state, uint kind, uint row)
    {
        if (state.Foreign.Count == 0) return null;
        SortedDictionary<string, ForeignAmounts>? found = null;
        foreach (var (key, sums) in state.Foreign)
        {
            if (key.Kind != kind || key.Row != row) continue;
            var name = new string([(char)(key.Currency & 0xFF), (char)((key.Currency >> 8) & 0xFF), (char)((key.Currency >> 16) & 0xFF)]);
            (found ??= new(StringComparer.Ordinal))[name] = new(sums.Gifts, sums.Subscribes, sums.Orders, sums.Gmv, sums.Refunds);
        }

        return found;
    }

    public static string Name(ReadOnlySpan<byte> key) => Encoding.UTF8.GetString(key);
}
