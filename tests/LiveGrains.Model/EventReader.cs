using System.Text;
using System.Text.Json;

namespace LiveGrains.Model;

/// <summary>Reads and judges one event by the rules of SPEC section 2. A refusal is the first broken rule, in the order of the members.</summary>
internal static class EventReader
{
    private const long MaxAmount = 1_000_000_000_000_000;
    private const long MaxMs = 86_400_000;

    private static readonly string[] _neededByAll = ["id", "type", "time"];

    /// <summary>Of each group a type needs one member.</summary>
    private static readonly Dictionary<string, string[][]> _needs = new()
    {
        ["room.start"] = [["room"]],
        ["room.update"] = [["room"]],
        ["room.end"] = [["room"]],
        ["product.upsert"] = [["product"]],
        ["video.upsert"] = [["video"]],
        ["user.upsert"] = [["user"]],
        ["impression"] = [["room", "product", "video"], ["user"]],
        ["click"] = [["product", "video"], ["user"]],
        ["enter"] = [["room"], ["user"]],
        ["heartbeat"] = [["room"], ["user"]],
        ["leave"] = [["room"], ["user"]],
        ["play"] = [["video"], ["user"], ["ms"]],
        ["like"] = [["room", "product", "video"], ["user"]],
        ["comment"] = [["room", "product", "video"], ["user"]],
        ["share"] = [["room", "product", "video"], ["user"]],
        ["dislike"] = [["room", "product", "video"], ["user"]],
        ["report"] = [["room", "product", "video"], ["user"]],
        ["follow"] = [["room"], ["user"]],
        ["unfollow"] = [["room"], ["user"]],
        ["subscribe"] = [["room"], ["user"], ["amount"]],
        ["gift"] = [["room"], ["user"], ["amount"]],
        ["cart"] = [["product"], ["user"]],
        ["order"] = [["product"], ["user"], ["amount"]],
        ["pay"] = [["product"], ["user"], ["amount"]],
        ["refund"] = [["product"], ["user"], ["amount"]],
    };

    /// <summary>Returns the event, or null and the broken rule.</summary>
    public static ModelEvent? Read(JsonElement json, out ModelVerdict refusal)
    {
        refusal = default;
        if (json.ValueKind != JsonValueKind.Object)
        {
            refusal = ModelVerdict.Rejected("invalid_json");
            return null;
        }

        var read = new ModelEvent();
        var seen = new List<string>(12);
        try
        {
            foreach (var member in json.EnumerateObject())
            {
                var name = member.Name;
                var rule = seen.Contains(name) ? "duplicate_field" : ReadMember(read, name, member.Value);
                if (rule != null)
                {
                    refusal = ModelVerdict.Rejected(rule, name);
                    return null;
                }

                seen.Add(name);
            }
        }
        catch (InvalidOperationException)
        {
            // JsonElement throws this for a string that is not text: a lone surrogate or bytes that are not UTF-8.
            refusal = ModelVerdict.Rejected("invalid_utf8");
            return null;
        }

        foreach (var required in _neededByAll)
        {
            if (!seen.Contains(required))
            {
                refusal = ModelVerdict.Rejected("missing_field", required);
                return null;
            }
        }

        foreach (var oneOf in _needs[read.Type])
        {
            if (!Array.Exists(oneOf, seen.Contains))
            {
                refusal = ModelVerdict.Rejected("missing_field", string.Join('|', oneOf));
                return null;
            }
        }

        return read;
    }

    private static string? ReadMember(ModelEvent into, string name, JsonElement value)
    {
        switch (name)
        {
            case "id": return Text(value, 1, 64, out into.Id!, plain: true) ? null : "invalid_id";
            case "source": return Text(value, 0, 128, out into.Source!, plain: true) ? null : "invalid_source";
            case "seq": return Integer(value, 1, long.MaxValue, out into.Seq) ? null : "invalid_seq";
            case "type": return Text(value, 1, 64, out into.Type!) && _needs.ContainsKey(into.Type) ? null : "invalid_type";
            case "time": return EventTime.TryRead(value, out into.Time) ? null : "invalid_time";
            case "room": return Key(value, out into.Room) ? null : "invalid_key";
            case "user": return Key(value, out into.User) ? null : "invalid_key";
            case "product": return Key(value, out into.Product) ? null : "invalid_key";
            case "video": return Key(value, out into.Video) ? null : "invalid_key";
            case "count":
                if (!Integer(value, 1, 1_000_000, out var count))
                    return "invalid_count";
                into.Count = count!.Value;
                return null;
            case "amount": return Integer(value, 0, MaxAmount, out into.Amount) ? null : "invalid_amount";
            case "currency":
                return Text(value, 3, 3, out into.Currency) && into.Currency!.All(char.IsAsciiLetterUpper) ? null : "invalid_currency";
            case "ms": return Integer(value, 0, MaxMs, out into.Ms) ? null : "invalid_duration";
            case "text": return Text(value, 0, 2000, out _) ? null : "invalid_text";
            case "title": return Text(value, 0, 200, out into.Title) ? null : "invalid_text";
            case "host": return Text(value, 0, 200, out into.Host) ? null : "invalid_text";
            case "category": return Text(value, 0, 200, out into.Category) ? null : "invalid_text";
            case "tags": return Tags(value, out into.Tags) ? null : "invalid_tags";
            case "price": return Integer(value, 0, MaxAmount, out into.Price) ? null : "invalid_price";
            case "stock": return Integer(value, 0, long.MaxValue, out into.Stock) ? null : "invalid_stock";
            case "status": return Text(value, 2, 7, out into.Status) && into.Status is "on" or "off" or "blocked" ? null : "invalid_status";
            case "channel": return Text(value, 1, 32, out into.Channel, plain: true) ? null : "invalid_channel";
            case "attrs": return Attributes(value, out into.Attrs) ? null : "invalid_attributes";
            default: return "unknown_field";
        }
    }

    /// <summary>Lengths are in Unicode code points.</summary>
    private static bool Text(JsonElement value, int shortest, int longest, out string? text, bool plain = false)
    {
        text = null;
        if (value.ValueKind != JsonValueKind.String)
            return false;
        text = value.GetString()!;
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            length++;
            if (plain && Rune.IsControl(rune))
                return false;
        }

        return length >= shortest && length <= longest;
    }

    private static bool Key(JsonElement value, out string? key)
    {
        if (!Text(value, 1, 64, out key))
            return false;
        foreach (var c in key!)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or ':' or '-'))
                return false;
        }

        return true;
    }

    private static bool Integer(JsonElement value, long smallest, long largest, out long? integer)
    {
        integer = null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number) || number < smallest || number > largest)
            return false;
        integer = number;
        return true;
    }

    private static bool Tags(JsonElement value, out List<string>? tags)
    {
        tags = null;
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > 32)
            return false;
        tags = [];
        foreach (var item in value.EnumerateArray())
        {
            if (!Text(item, 0, 200, out var tag))
                return false;
            tags.Add(tag!);
        }

        return true;
    }

    private static bool Attributes(JsonElement value, out Dictionary<string, string>? attributes)
    {
        attributes = null;
        if (value.ValueKind != JsonValueKind.Object)
            return false;
        attributes = [];
        var bytes = 0;
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.String || !attributes.TryAdd(member.Name, member.Value.GetString()!))
                return false;
            bytes += Encoding.UTF8.GetByteCount(member.Name) + Encoding.UTF8.GetByteCount(member.Value.GetString()!);
        }

        return attributes.Count <= 32 && bytes <= 4096;
    }
}
