using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using LiveGrains.Core;

namespace LiveGrains.Engine.Ingest;

/// <summary>The binary block (docs/block-format.md): a head of 32 bytes, then the events.</summary>
internal static class BlockFormat
{
    public const int HeadBytes = 32;
    public const ushort Version = 1;
    public const uint HasCount = 1 << 18, HasAmount = 1 << 19, HasDuration = 1 << 20;
    public const uint KnownMembers = (1 << 21) - 1;
    public static ReadOnlySpan<byte> Magic => "LGB1"u8;
}

/// <summary>Reads the events of a binary block. One thread.</summary>
internal ref struct BlockReader
{
    private readonly Span<byte> _scratch;
    private ReadOnlySpan<byte> _rest;

    /// <summary>Checks the head and the checksum; throws <see cref="ErrorCode.InvalidBlock"/> as refusal of the whole.</summary>
    public BlockReader(ReadOnlySpan<byte> body, Span<byte> scratch)
    {
        _scratch = scratch;
        if (body.Length < BlockFormat.HeadBytes || !body.StartsWith(BlockFormat.Magic)) throw Invalid("it does not start with LGB1");
        if (BinaryPrimitives.ReadUInt16LittleEndian(body[4..]) != BlockFormat.Version) throw Invalid("its version is unknown");
        if (BinaryPrimitives.ReadUInt16LittleEndian(body[6..]) != 0 || BinaryPrimitives.ReadUInt64LittleEndian(body[24..]) != 0) throw Invalid("reserved bytes are not 0");
        var count = BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(body[12..]);
        _rest = body[BlockFormat.HeadBytes..];
        if (length != (uint)_rest.Length) throw Invalid("its length is not the body's");
        if (count > length / 9 + 1) throw Invalid("it is too short for its count of events");
        var sum = Checksum.Of(_rest, Checksum.Of(body[..16]));
        if (BinaryPrimitives.ReadUInt64LittleEndian(body[16..]) != sum) throw Invalid("its checksum is wrong");
        Count = (int)count;
    }

    /// <summary>Events in the block.</summary>
    public int Count { get; }

    /// <summary>Bytes behind the events read so far.</summary>
    public readonly int BytesLeft => _rest.Length;

    /// <summary>Reads the next event into an empty draft.</summary>
    public ErrorCode Next(ref EventDraft draft)
    {
        draft.Type = (EventType)Take(1)[0];
        var present = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
        if ((present & ~BlockFormat.KnownMembers) != 0) throw Invalid("an event has unknown members");
        var first = draft.Type is EventType.None || (int)draft.Type >= EventTypes.Count ? ErrorCode.InvalidType : ErrorCode.None;
        Note(ref first, draft.SetNumber(EventField.Time, Long()));
        var members = (Members)present;
        if ((members & Members.User) != 0) Note(ref first, Text(ref draft, EventField.User, true));
        if ((members & Members.Room) != 0) Note(ref first, Text(ref draft, EventField.Room, true));
        if ((members & Members.Product) != 0) Note(ref first, Text(ref draft, EventField.Product, true));
        if ((members & Members.Video) != 0) Note(ref first, Text(ref draft, EventField.Video, true));
        if ((members & Members.Source) != 0) Note(ref first, Text(ref draft, EventField.Source, false));
        if ((members & Members.Id) != 0) Note(ref first, Text(ref draft, EventField.Id, false));
        if ((members & Members.Channel) != 0) Note(ref first, Text(ref draft, EventField.Channel, false));
        if ((members & Members.Currency) != 0) Note(ref first, Text(ref draft, EventField.Currency, false));
        if ((members & Members.Text) != 0) Note(ref first, Text(ref draft, EventField.Text, false));
        if ((members & Members.Title) != 0) Note(ref first, Text(ref draft, EventField.Title, false));
        if ((members & Members.Host) != 0) Note(ref first, Text(ref draft, EventField.Host, false));
        if ((members & Members.Category) != 0) Note(ref first, Text(ref draft, EventField.Category, false));
        var used = 0;
        if ((members & Members.Tags) != 0)
        {
            draft.Tags = Strings(EventDraft.MaxTags, 1, EventDraft.MaxTitleChars, ref used, ref first, ErrorCode.InvalidTags, out _);
            draft.Members |= Members.Tags;
        }

        if ((members & Members.Price) != 0) Note(ref first, draft.SetNumber(EventField.Price, Long()));
        if ((members & Members.Stock) != 0) Note(ref first, draft.SetNumber(EventField.Stock, Long()));
        if ((members & Members.Status) != 0) Note(ref first, draft.SetText(EventField.Status, CatalogStatus.Name(Take(1)[0])));
        if ((members & Members.Attributes) != 0)
        {
            draft.Attributes = Strings(EventDraft.MaxAttributes, 2, int.MaxValue / 8, ref used, ref first, ErrorCode.InvalidAttributes, out var count);
            if (draft.Attributes.Length - 4 * count > EventDraft.MaxAttributeBytes) Note(ref first, ErrorCode.InvalidAttributes);
            draft.Members |= Members.Attributes;
        }

        if ((members & Members.Sequence) != 0) Note(ref first, draft.SetNumber(EventField.Seq, Long()));
        if ((present & BlockFormat.HasCount) != 0) Note(ref first, draft.SetNumber(EventField.Count, BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
        if ((present & BlockFormat.HasAmount) != 0) Note(ref first, draft.SetNumber(EventField.Amount, Long()));
        if ((present & BlockFormat.HasDuration) != 0) Note(ref first, draft.SetNumber(EventField.Ms, Long()));
        return first;
    }

    /// <summary>Throws when bytes are left.</summary>
    public readonly void ExpectEnd()
    {
        if (!_rest.IsEmpty) throw Invalid("bytes are left behind its last event");
    }

    private static void Note(ref ErrorCode first, ErrorCode code)
    {
        if (first == ErrorCode.None) first = code;
    }

    private ErrorCode Text(ref EventDraft draft, EventField field, bool key)
    {
        var text = Take(key ? Take(1)[0] : BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
        return !key && !Utf8.IsValid(text) ? ErrorCode.InvalidUtf8 : draft.SetText(field, text);
    }

    // Copies counted strings into the form that records have: two length bytes and the bytes of each.
    private ReadOnlySpan<byte> Strings(int most, int parts, int maxChars, scoped ref int used, scoped ref ErrorCode first, ErrorCode code, out int count)
    {
        count = Take(1)[0];
        if (count > most) Note(ref first, code);
        var start = used;
        for (var i = 0; i < count * parts; i++)
        {
            var length = Take(2);
            var text = Take(BinaryPrimitives.ReadUInt16LittleEndian(length));
            if (!Utf8.IsValid(text)) Note(ref first, ErrorCode.InvalidUtf8);
            if (!EventDraft.Fits(text, maxChars)) Note(ref first, code);
            if (used + 2 + text.Length > _scratch.Length)
            {
                Note(ref first, ErrorCode.EventTooLarge);
                continue;
            }

            length.CopyTo(_scratch[used..]);
            text.CopyTo(_scratch[(used + 2)..]);
            used += 2 + text.Length;
        }

        return _scratch[start..used];
    }

    private long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    private ReadOnlySpan<byte> Take(int bytes)
    {
        if (bytes > _rest.Length) throw Invalid("it ends within an event");
        var taken = _rest[..bytes];
        _rest = _rest[bytes..];
        return taken;
    }

    private static LiveGrainsException Invalid(string why) => new(ErrorCode.InvalidBlock, $"The binary block is not valid: {why}.");
}
