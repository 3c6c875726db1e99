using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LiveGrains.Core;

namespace LiveGrains.Engine.Ingest;

/// <summary>Writes checked events as records. Any thread, with a block of its own.</summary>
internal readonly struct RecordWriter(KeyHash hash)
{
    /// <summary>Appends a checked event to a block.</summary>
    public void Write(IngestBlock block, in EventDraft draft, int index)
    {
        var members = draft.Members;
        var product = (members & Members.Product) != 0;
        var length = EventRecord.Bytes
            + Key(draft.User) + Key(draft.Room) + Key(draft.Product) + Key(draft.Video)
            + Field(members, Members.Source, draft.Source.Length) + Field(members, Members.Id, draft.Id.Length)
            + Field(members, Members.Channel, draft.Channel.Length) + Field(members, Members.Currency, draft.Currency.Length)
            + Field(members, Members.Text, draft.Text.Length) + Field(members, Members.Title, draft.Title.Length)
            + Field(members, Members.Host, draft.Host.Length) + Field(members, Members.Category, draft.Category.Length)
            + Field(members, Members.Tags, draft.Tags.Length) + Field(members, Members.Price, 8)
            + Field(members, Members.Stock, 8) + Field(members, Members.Status, 1)
            + Field(members, Members.Attributes, draft.Attributes.Length);
        var padded = (length + 7) & ~7;
        var bytes = block.Reserve(padded);
        ref var record = ref Unsafe.As<byte, EventRecord>(ref MemoryMarshal.GetReference(bytes));
        record.Units = (ushort)(padded >> 3);
        record.Type = draft.Type;
        record.Owns = Owns.All;
        record.Members = members;
        record.TimeMs = draft.TimeMs;
        record.ClockMs = 0;
        record.Value = draft.Type == EventType.Play ? draft.DurationMs : draft.HasAmount ? draft.Amount : 0;
        record.Count = draft.HasCount ? (uint)draft.Count : 1;
        record.UserHash = (members & Members.User) != 0 ? hash.Of(draft.User) : 0;
        record.RoomHash = (members & Members.Room) != 0 ? hash.Of(draft.Room) : 0;
        record.ItemHash = product ? hash.Of(draft.Product) : (members & Members.Video) != 0 ? hash.Of(draft.Video) : 0;
        if ((members & Members.Sequence) != 0)
        {
            record.IdHash = (ulong)draft.Seq;
            record.IdHash2 = 0;
        }
        else
        {
            hash.OfId(hash.Of(draft.Source), draft.Id, out record.IdHash, out record.IdHash2);
        }

        var rest = bytes[EventRecord.Bytes..];
        PutKey(ref rest, draft.User);
        PutKey(ref rest, draft.Room);
        PutKey(ref rest, draft.Product);
        PutKey(ref rest, draft.Video);
        if ((members & Members.Source) != 0) Put(ref rest, draft.Source);
        Put(ref rest, draft.Id);
        if ((members & ~(Members.Keys | Members.Source | Members.Id | Members.Sequence)) != 0) PutRare(ref rest, draft);
        rest.Clear();
        block.Append(padded, index);
    }

    private static void PutRare(ref Span<byte> rest, in EventDraft draft)
    {
        var members = draft.Members;
        if ((members & Members.Channel) != 0) Put(ref rest, draft.Channel);
        if ((members & Members.Currency) != 0) Put(ref rest, draft.Currency);
        if ((members & Members.Text) != 0) Put(ref rest, draft.Text);
        if ((members & Members.Title) != 0) Put(ref rest, draft.Title);
        if ((members & Members.Host) != 0) Put(ref rest, draft.Host);
        if ((members & Members.Category) != 0) Put(ref rest, draft.Category);
        if ((members & Members.Tags) != 0) Put(ref rest, draft.Tags);
        Span<byte> number = stackalloc byte[8];
        if ((members & Members.Price) != 0)
        {
            BitConverter.TryWriteBytes(number, draft.Price);
            Put(ref rest, number);
        }

        if ((members & Members.Stock) != 0)
        {
            BitConverter.TryWriteBytes(number, draft.Stock);
            Put(ref rest, number);
        }

        if ((members & Members.Status) != 0) Put(ref rest, [draft.Status]);
        if ((members & Members.Attributes) != 0) Put(ref rest, draft.Attributes);
    }

    private static int Key(ReadOnlySpan<byte> key) => key.IsEmpty ? 0 : 1 + key.Length;

    private static int Field(Members members, Members member, int length) => (members & member) != 0 ? 2 + length : 0;

    private static void PutKey(scoped ref Span<byte> rest, scoped ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty) return;
        rest[0] = (byte)key.Length;
        key.CopyTo(rest[1..]);
        rest = rest[(1 + key.Length)..];
    }

    private static void Put(scoped ref Span<byte> rest, scoped ReadOnlySpan<byte> bytes)
    {
        Unsafe.WriteUnaligned(ref rest[0], (ushort)bytes.Length);
        bytes.CopyTo(rest[2..]);
        rest = rest[(2 + bytes.Length)..];
    }
}
