using System.Text;
using System.Text.Json;

namespace LiveGrains.Engine.Ingest;

/// <summary>
/// Reads CloudEvents 1.0. `id`, `source`, `type` and `time` are the event's; the other members are in `data`, an object.
/// A type may have the prefix `livegrains.`. Other context attributes and extensions are allowed and not kept.
/// </summary>
internal ref struct CloudEventReader
{
    private JsonEventReader _data;
    private readonly Span<byte> _scratch;

    public CloudEventReader(Span<byte> scratch)
    {
        // The attributes' unescaped text and the data's must not overlap.
        _scratch = scratch[..1024];
        _data = new JsonEventReader(scratch[1024..]);
    }

    /// <summary>The name of the member that was refused.</summary>
    public string? Member { get; private set; }

    /// <summary>Reads an object; the reader stands on its start and is left on its end.</summary>
    public ErrorCode Read(ref Utf8JsonReader json, ref EventDraft draft)
    {
        var first = ErrorCode.None;
        var version = false;
        var used = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            var code = ErrorCode.None;
            if (JsonEventReader.TextEquals(ref json, "specversion"u8))
            {
                json.Read();
                version = json.TokenType == JsonTokenType.String && JsonEventReader.TextEquals(ref json, "1.0"u8);
                json.Skip();
            }
            else if (JsonEventReader.TextEquals(ref json, "data"u8))
            {
                json.Read();
                if (json.TokenType == JsonTokenType.StartObject)
                {
                    code = _data.Read(ref json, ref draft);
                    Member ??= _data.Member;
                }
                else
                {
                    if (json.TokenType != JsonTokenType.Null) code = ErrorCode.InvalidCloudEvent;
                    json.Skip();
                }
            }
            else
            {
                code = ReadAttribute(ref json, ref draft, ref used);
            }

            if (first == ErrorCode.None) first = code;
        }

        if (first == ErrorCode.None && (!version || draft.Type == EventType.None || draft.Id.IsEmpty)) first = ErrorCode.InvalidCloudEvent;
        return first;
    }

    /// <summary>Sets what binary mode has in its headers.</summary>
    public static ErrorCode SetAttributes(CloudEventAttributes? attributes, ref EventDraft draft)
    {
        if (attributes is not { SpecVersion: "1.0", Id: { } id, Source: { } source, Type: { } type }) return ErrorCode.InvalidCloudEvent;
        var code = draft.SetText(EventField.Id, Encoding.UTF8.GetBytes(id));
        if (code == ErrorCode.None) code = draft.SetText(EventField.Source, Encoding.UTF8.GetBytes(source));
        if (code == ErrorCode.None) code = draft.SetText(EventField.Type, WithoutPrefix(Encoding.UTF8.GetBytes(type)));
        if (code == ErrorCode.None && attributes.Time is { } time) code = draft.SetText(EventField.Time, Encoding.UTF8.GetBytes(time));
        return code;
    }

    private ErrorCode ReadAttribute(ref Utf8JsonReader json, ref EventDraft draft, ref int used)
    {
        var field = JsonEventReader.TextEquals(ref json, "id"u8) ? EventField.Id
            : JsonEventReader.TextEquals(ref json, "source"u8) ? EventField.Source
            : JsonEventReader.TextEquals(ref json, "type"u8) ? EventField.Type
            : JsonEventReader.TextEquals(ref json, "time"u8) ? EventField.Time : EventField.Unknown;
        json.Read();
        if (field == EventField.Unknown)
        {
            json.Skip();
            return ErrorCode.None;
        }

        if (json.TokenType != JsonTokenType.String)
        {
            json.Skip();
            return EventDraft.WrongKind(field);
        }

        var text = json.ValueSpan;
        if (json.ValueIsEscaped)
        {
            if (text.Length > _scratch.Length - used) return EventDraft.WrongKind(field);
            try
            {
                var length = json.CopyString(_scratch[used..]);
                text = _scratch.Slice(used, length);
                used += length;
            }
            catch (InvalidOperationException)
            {
                // A lone surrogate in an escape: not text.
                return EventDraft.WrongKind(field);
            }
        }

        return draft.SetText(field, field == EventField.Type ? WithoutPrefix(text) : text);
    }

    private static ReadOnlySpan<byte> WithoutPrefix(ReadOnlySpan<byte> type) =>
        type.StartsWith("livegrains."u8) ? type["livegrains.".Length..] : type;
}
