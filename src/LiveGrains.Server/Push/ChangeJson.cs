using System.Runtime.InteropServices;
using System.Text.Json;

namespace LiveGrains.Server.Push;

/// <summary>What became of a state.</summary>
internal enum ChangeKind
{
    /// <summary>Nothing but `asOf` is different.</summary>
    None,
    /// <summary>Members have other values, or came.</summary>
    Change,
    /// <summary>A member is gone, which a change cannot say.</summary>
    Reset,
}

/// <summary>
/// The difference of two states as JSON: an object with the members that are different, in the same places. Objects are merged
/// member by member; every other value, null and arrays too, replaces the old one. (JSON Merge Patch, RFC 7396, would take a null for
/// a removal, and null is a value here: a ratio without a denominator.)
/// </summary>
internal static class ChangeJson
{
    private const string Clock = "asOf";

    /// <summary>Writes the difference. What is written counts only for <see cref="ChangeKind.Change"/>.</summary>
    internal static ChangeKind Write(JsonElement before, JsonElement after, Utf8JsonWriter json)
    {
        var real = false;
        json.WriteStartObject();
        foreach (var member in after.EnumerateObject())
        {
            if (!before.TryGetProperty(member.Name, out var old))
            {
                member.WriteTo(json);
                real = true;
                continue;
            }

            if (JsonMarshal.GetRawUtf8Value(old).SequenceEqual(JsonMarshal.GetRawUtf8Value(member.Value))) continue;
            real |= member.Name != Clock;
            if (old.ValueKind == JsonValueKind.Object && member.Value.ValueKind == JsonValueKind.Object)
            {
                json.WritePropertyName(member.Name);
                if (Write(old, member.Value, json) == ChangeKind.Reset) return ChangeKind.Reset;
            }
            else
            {
                json.WritePropertyName(member.Name);
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value), skipInputValidation: true);
            }
        }

        json.WriteEndObject();
        foreach (var member in before.EnumerateObject())
        {
            if (!after.TryGetProperty(member.Name, out _)) return ChangeKind.Reset;
        }
        return real ? ChangeKind.Change : ChangeKind.None;
    }
}
