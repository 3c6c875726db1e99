using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LiveGrains.Core;

namespace LiveGrains.Engine.Ingest;

/// <summary>
/// Reads the body of a request in any of its forms into a block: good events become records, bad ones errors. Any
/// thread; makes no object for a good event.
/// </summary>
internal sealed class BodyReader(RequestLimits limits, KeyHash hash)
{
    [ThreadStatic]
    private static byte[]? _scratch;

    private readonly RecordWriter _writer = new(hash);
    private readonly JsonReaderOptions _options = new() { MaxDepth = limits.MaxDepth };

    /// <summary>Reads a body. <paramref name="latestTimeMs"/> is the latest event time that is taken. Throws when the request is refused as a whole.</summary>
    public void Read(ReadOnlySpan<byte> body, EventFormat format, CloudEventAttributes? attributes, long latestTimeMs, IngestBlock block)
    {
        if (body.Length > limits.MaxInflatedBytes) throw new LiveGrainsException(ErrorCode.BodyTooLarge);
        if (body.StartsWith("\uFEFF"u8)) body = body[3..];
        switch (format)
        {
            case EventFormat.Json: ReadJson(body, latestTimeMs, block, cloud: false); break;
            case EventFormat.NdJson: ReadLines(body, latestTimeMs, block); break;
            case EventFormat.CloudEvent or EventFormat.CloudEventBatch: ReadJson(body, latestTimeMs, block, cloud: true); break;
            case EventFormat.CloudEventBinary: ReadBinaryCloudEvent(body, attributes, latestTimeMs, block); break;
            case EventFormat.Block: ReadBlock(body, latestTimeMs, block); break;
            default: throw new LiveGrainsException(ErrorCode.UnsupportedMediaType);
        }
    }

    private byte[] Scratch() => _scratch is { } s && s.Length >= limits.MaxEventBytes * 2 ? s : _scratch = new byte[limits.MaxEventBytes * 2];

    private void ReadLines(ReadOnlySpan<byte> body, long latestTimeMs, IngestBlock block)
    {
        var index = 0;
        var scratch = Scratch();
        // One look at the whole is cheaper than one at each line; only when it fails does each line have to answer for itself.
        var allUtf8 = Utf8.IsValid(body);
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            line = line.TrimEnd((byte)'\r');
            if (line.Trim(" \t"u8).IsEmpty) continue;
            if (index >= limits.MaxEvents) throw TooMany();
            ReadLine(line, allUtf8, scratch, latestTimeMs, block, index++);
        }

        if (index == 0) throw new LiveGrainsException(ErrorCode.NothingToRead);
    }

    private void ReadLine(ReadOnlySpan<byte> line, bool isUtf8, byte[] scratch, long latestTimeMs, IngestBlock block, int index)
    {
        if (line.Length > limits.MaxEventBytes)
        {
            Refuse(block, index, default, ErrorCode.EventTooLarge);
            return;
        }

        if (!isUtf8 && !Utf8.IsValid(line))
        {
            Refuse(block, index, default, ErrorCode.InvalidUtf8);
            return;
        }

        var json = new Utf8JsonReader(line, _options);
        var draft = default(EventDraft);
        try
        {
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                Refuse(block, index, default, ErrorCode.InvalidJson);
                return;
            }

            var reader = new JsonEventReader(scratch);
            var code = reader.Read(ref json, ref draft);
            if (json.Read()) code = ErrorCode.InvalidJson;
            Take(block, index, draft, code, reader.Member, latestTimeMs);
        }
        catch (JsonException)
        {
            Refuse(block, index, draft, Fault(json));
        }
    }

    // One object, or an array of objects; with `cloud` of CloudEvents.
    private void ReadJson(ReadOnlySpan<byte> body, long latestTimeMs, IngestBlock block, bool cloud)
    {
        if (!Utf8.IsValid(body)) throw new LiveGrainsException(ErrorCode.NothingToRead, ErrorCode.InvalidUtf8.Describe().Title);
        var json = new Utf8JsonReader(body, _options);
        var scratch = Scratch();
        var index = 0;
        var draft = default(EventDraft);
        try
        {
            json.Read();
            var array = json.TokenType == JsonTokenType.StartArray;
            if (!array && json.TokenType != JsonTokenType.StartObject) throw new LiveGrainsException(ErrorCode.NothingToRead, ErrorCode.InvalidJson.Describe().Title);
            while (!array || (json.Read() && json.TokenType != JsonTokenType.EndArray))
            {
                if (index >= limits.MaxEvents) throw TooMany();
                draft = default;
                ReadElement(ref json, ref draft, scratch, latestTimeMs, block, index, cloud);
                index++;
                if (!array) break;
            }

            if (json.Read()) throw new JsonException("more than one value");
        }
        catch (JsonException)
        {
            // What follows a place that is not JSON cannot be read. What was read before it is kept.
            if (index == 0 && block.Count == 0)
                throw new LiveGrainsException(ErrorCode.NothingToRead, Fault(json).Describe().Title);
            Refuse(block, index, draft, ErrorCode.InvalidJson);
            index++;
        }

        if (index == 0) throw new LiveGrainsException(ErrorCode.NothingToRead);
    }

    private void ReadElement(ref Utf8JsonReader json, ref EventDraft draft, byte[] scratch, long latestTimeMs, IngestBlock block, int index, bool cloud)
    {
        if (json.TokenType != JsonTokenType.StartObject)
        {
            json.Skip();
            Refuse(block, index, default, ErrorCode.InvalidJson);
            return;
        }

        var start = json.TokenStartIndex;
        ErrorCode code;
        string? member;
        if (cloud)
        {
            var reader = new CloudEventReader(scratch);
            code = reader.Read(ref json, ref draft);
            member = reader.Member;
        }
        else
        {
            var reader = new JsonEventReader(scratch);
            code = reader.Read(ref json, ref draft);
            member = reader.Member;
        }

        if (json.BytesConsumed - start > limits.MaxEventBytes) code = ErrorCode.EventTooLarge;
        Take(block, index, draft, code, member, latestTimeMs);
    }

    private void ReadBinaryCloudEvent(ReadOnlySpan<byte> body, CloudEventAttributes? attributes, long latestTimeMs, IngestBlock block)
    {
        if (body.Length > limits.MaxEventBytes) throw new LiveGrainsException(ErrorCode.EventTooLarge);
        if (!Utf8.IsValid(body)) throw new LiveGrainsException(ErrorCode.NothingToRead, ErrorCode.InvalidUtf8.Describe().Title);
        var draft = default(EventDraft);
        var code = CloudEventReader.SetAttributes(attributes, ref draft);
        string? member = null;
        if (!body.Trim(" \t\r\n"u8).IsEmpty)
        {
            var json = new Utf8JsonReader(body, _options);
            try
            {
                json.Read();
                if (json.TokenType != JsonTokenType.StartObject) throw new JsonException("not an object");
                var reader = new JsonEventReader(Scratch());
                var read = reader.Read(ref json, ref draft);
                if (code == ErrorCode.None) code = read;
                member = reader.Member;
                if (json.Read()) throw new JsonException("more than one value");
            }
            catch (JsonException)
            {
                throw new LiveGrainsException(ErrorCode.NothingToRead, Fault(json).Describe().Title);
            }
        }

        Take(block, 0, draft, code, member, latestTimeMs);
    }

    private void ReadBlock(ReadOnlySpan<byte> body, long latestTimeMs, IngestBlock block)
    {
        var reader = new BlockReader(body, Scratch());
        if (reader.Count > limits.MaxEvents) throw TooMany();
        if (reader.Count == 0) throw new LiveGrainsException(ErrorCode.NothingToRead);
        for (var index = 0; index < reader.Count; index++)
        {
            var draft = default(EventDraft);
            var left = reader.BytesLeft;
            var code = reader.Next(ref draft);
            if (left - reader.BytesLeft > limits.MaxEventBytes) code = ErrorCode.EventTooLarge;
            Take(block, index, draft, code, null, latestTimeMs);
        }

        reader.ExpectEnd();
    }

    // A reader that may not go deeper stands on the start that it could not enter.
    private ErrorCode Fault(in Utf8JsonReader json) =>
        json.CurrentDepth + (json.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? 1 : 0) >= limits.MaxDepth ? ErrorCode.TooDeep : ErrorCode.InvalidJson;

    private void Take(IngestBlock block, int index, in EventDraft draft, ErrorCode code, string? member, long latestTimeMs)
    {
        if (code == ErrorCode.None)
        {
            code = draft.Check(latestTimeMs, out var missing);
            member = missing;
        }

        if (code == ErrorCode.None) _writer.Write(block, draft, index);
        else Refuse(block, index, draft, code, member);
    }

    private static void Refuse(IngestBlock block, int index, in EventDraft draft, ErrorCode code, string? member = null)
    {
        block.Rejected++;
        if (!block.ListsMoreErrors) return;
        // An id is given back only when it is one: errors are shown to people.
        var id = !draft.Id.IsEmpty && code != ErrorCode.InvalidId && EventDraft.Fits(draft.Id, EventDraft.MaxIdChars) ? Encoding.UTF8.GetString(draft.Id) : null;
        var description = code.Describe();
        var message = code == ErrorCode.MissingField && member != null ? $"The event lacks {member}, which its type needs." : description.Title;
        block.Errors.Add(new IngestError(index, id, description.Code, message));
    }

    private LiveGrainsException TooMany() => new(ErrorCode.TooManyEvents, $"A request may have at most {limits.MaxEvents} events. Send smaller batches.");
}
