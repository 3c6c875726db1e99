using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Unicode;
using LiveGrains.Core;

namespace LiveGrains.Engine.Ingest;

/// <summary>Reads one JSON object of SPEC 2 from a reader into a draft. The scratch memory is one thread's.</summary>
internal ref struct JsonEventReader
{
    private readonly Span<byte> _scratch;
    private int _used;
    private uint _seen;

    /// <summary>Makes a reader; the scratch must hold an event of the largest size twice.</summary>
    public JsonEventReader(Span<byte> scratch) => _scratch = scratch;

    /// <summary>The name of the member that was refused, for the message; null where there is none to name.</summary>
    public string? Member { get; private set; }

    /// <summary>
    /// Reads an object; the reader stands on its start and, whatever was found, is left on its end. Throws what the JSON
    /// reader throws when the text is not JSON.
    /// </summary>
    public ErrorCode Read(ref Utf8JsonReader json, ref EventDraft draft)
    {
        var first = ErrorCode.None;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            var field = FieldOf(ref json);
            json.Read();
            var code = ReadMember(ref json, ref draft, field);
            if (code == ErrorCode.None || first != ErrorCode.None) continue;
            first = code;
            Member ??= field == EventField.Unknown ? null : field.ToString();
        }

        return first;
    }

    private static EventField FieldOf(ref Utf8JsonReader json)
    {
        if (!json.ValueIsEscaped) return EventFields.Parse(json.ValueSpan);
        if (json.ValueSpan.Length > 64) return EventField.Unknown;
        Span<byte> name = stackalloc byte[64];
        return TryUnescape(ref json, name, out var length) ? EventFields.Parse(name[..length]) : EventField.Unknown;
    }

    private ErrorCode ReadMember(ref Utf8JsonReader json, ref EventDraft draft, EventField field)
    {
        if (field == EventField.Unknown)
        {
            json.Skip();
            return ErrorCode.UnknownField;
        }

        if ((_seen >> (int)field & 1) != 0)
        {
            json.Skip();
            return ErrorCode.DuplicateField;
        }

        _seen |= 1u << (int)field;
        switch (json.TokenType)
        {
            case JsonTokenType.String when field is not (EventField.Tags or EventField.Attributes):
                return TryText(ref json, out var text) ? draft.SetText(field, text) : EventDraft.WrongKind(field);
            case JsonTokenType.Number:
                return draft.SetNumber(field, json.TryGetInt64(out var number) ? number : null);
            case JsonTokenType.StartArray when field == EventField.Tags:
                return ReadTags(ref json, ref draft);
            case JsonTokenType.StartObject when field == EventField.Attributes:
                return ReadAttributes(ref json, ref draft);
            default:
                json.Skip();
                return EventDraft.WrongKind(field);
        }
    }

    private ErrorCode ReadTags(ref Utf8JsonReader json, ref EventDraft draft)
    {
        var start = _used;
        var count = 0;
        var good = true;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.String || !TryAppend(ref json, EventDraft.MaxTitleChars))
            {
                good = false;
                json.Skip();
            }

            count++;
        }

        draft.Tags = _scratch[start.._used];
        draft.Members |= Members.Tags;
        return good && count <= EventDraft.MaxTags ? ErrorCode.None : ErrorCode.InvalidTags;
    }

    private ErrorCode ReadAttributes(ref Utf8JsonReader json, ref EventDraft draft)
    {
        var start = _used;
        var count = 0;
        var good = true;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            good &= TryAppend(ref json, int.MaxValue / 8);
            json.Read();
            if (json.TokenType != JsonTokenType.String || !TryAppend(ref json, int.MaxValue / 8))
            {
                good = false;
                json.Skip();
            }

            count++;
        }

        draft.Attributes = _scratch[start.._used];
        draft.Members |= Members.Attributes;
        return good && count <= EventDraft.MaxAttributes && draft.Attributes.Length - 4 * count <= EventDraft.MaxAttributeBytes
            ? ErrorCode.None : ErrorCode.InvalidAttributes;
    }

    // Two length bytes, then the text.
    private bool TryAppend(scoped ref Utf8JsonReader json, int maxChars)
    {
        if (json.ValueSpan.Length + 2 > _scratch.Length - _used || json.ValueSpan.Length > ushort.MaxValue) return false;
        var place = _scratch[(_used + 2)..];
        int length;
        if (json.ValueIsEscaped)
        {
            if (!TryUnescape(ref json, place, out length)) return false;
        }
        else
        {
            length = json.ValueSpan.Length;
            json.ValueSpan.CopyTo(place);
        }

        Unsafe.WriteUnaligned(ref _scratch[_used], (ushort)length);
        _used += 2 + length;
        return EventDraft.Fits(place[..length], maxChars);
    }

    private bool TryText(scoped ref Utf8JsonReader json, out ReadOnlySpan<byte> text)
    {
        text = json.ValueSpan;
        if (!json.ValueIsEscaped) return true;
        if (text.Length > _scratch.Length - _used || !TryUnescape(ref json, _scratch[_used..], out var length)) return false;
        text = _scratch.Slice(_used, length);
        _used += length;
        return true;
    }

    /// <summary>True when the name or string under the reader is a text; one with a lone surrogate is none.</summary>
    public static bool TextEquals(ref Utf8JsonReader json, ReadOnlySpan<byte> text)
    {
        if (!json.ValueIsEscaped) return json.ValueSpan.SequenceEqual(text);
        Span<byte> unescaped = stackalloc byte[64];
        return json.ValueSpan.Length <= unescaped.Length && TryUnescape(ref json, unescaped, out var length) && unescaped[..length].SequenceEqual(text);
    }

    private static bool TryUnescape(scoped ref Utf8JsonReader json, scoped Span<byte> place, out int length)
    {
        length = 0;
        try
        {
            length = json.CopyString(place);
            return true;
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate in an escape: not text.
            return false;
        }
    }
}
