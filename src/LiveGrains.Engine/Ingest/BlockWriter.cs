using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using LiveGrains.Core;

namespace LiveGrains.Engine.Ingest;

/// <summary>An event for <see cref="BlockWriter"/>; null members are absent.</summary>
public sealed record BlockEvent
{
    /// <summary>1 to 64 characters.</summary>
    public required string Id { get; init; }
    /// <summary>The type.</summary>
    public required EventType Type { get; init; }
    /// <summary>Event time, ms since 1970 UTC.</summary>
    public required long TimeMs { get; init; }
    public string? Source { get; init; }
    public long? Seq { get; init; }
    public string? Room { get; init; }
    public string? User { get; init; }
    public string? Product { get; init; }
    public string? Video { get; init; }
    public uint? Count { get; init; }
    public long? Amount { get; init; }
    public string? Currency { get; init; }
    public long? DurationMs { get; init; }
    public string? Text { get; init; }
    public string? Title { get; init; }
    public string? Host { get; init; }
    public string? Category { get; init; }
    public IReadOnlyList<string>? Tags { get; init; }
    public long? Price { get; init; }
    public long? Stock { get; init; }
    /// <summary>true: on.</summary>
    public bool? Status { get; init; }
    public string? Channel { get; init; }
    public IReadOnlyDictionary<string, string>? Attrs { get; init; }
}

/// <summary>Writes binary blocks (docs/block-format.md) for programs that send many events. One thread.</summary>
public sealed class BlockWriter
{
    private readonly ArrayBufferWriter<byte> _events = new(64 << 10);
    private uint _count;

    /// <summary>Adds an event. It is checked by the engine, not here.</summary>
    public void Add(BlockEvent e)
    {
        var members = Members.None;
        void Have(object? value, Members member) => members |= value == null ? Members.None : member;
        Have(e.User, Members.User);
        Have(e.Room, Members.Room);
        Have(e.Product, Members.Product);
        Have(e.Video, Members.Video);
        Have(e.Source, Members.Source);
        Have(e.Id, Members.Id);
        Have(e.Channel, Members.Channel);
        Have(e.Currency, Members.Currency);
        Have(e.Text, Members.Text);
        Have(e.Title, Members.Title);
        Have(e.Host, Members.Host);
        Have(e.Category, Members.Category);
        Have(e.Tags, Members.Tags);
        Have(e.Price, Members.Price);
        Have(e.Stock, Members.Stock);
        Have(e.Status, Members.Status);
        Have(e.Attrs, Members.Attributes);
        Have(e.Seq, Members.Sequence);
        var present = (uint)members | (e.Count != null ? BlockFormat.HasCount : 0) | (e.Amount != null ? BlockFormat.HasAmount : 0)
            | (e.DurationMs != null ? BlockFormat.HasDuration : 0);
        _events.Write([(byte)e.Type]);
        Number32(present);
        Number64(e.TimeMs);
        foreach (var key in (ReadOnlySpan<string?>)[e.User, e.Room, e.Product, e.Video])
        {
            if (key == null) continue;
            var bytes = Encoding.UTF8.GetBytes(key);
            _events.Write([checked((byte)bytes.Length)]);
            _events.Write(bytes);
        }

        foreach (var text in (ReadOnlySpan<string?>)[e.Source, e.Id, e.Channel, e.Currency, e.Text, e.Title, e.Host, e.Category])
        {
            if (text != null) Text(text);
        }

        if (e.Tags is { } tags)
        {
            _events.Write([checked((byte)tags.Count)]);
            foreach (var tag in tags) Text(tag);
        }

        if (e.Price is { } price) Number64(price);
        if (e.Stock is { } stock) Number64(stock);
        if (e.Status is { } status) _events.Write([(byte)(status ? 1 : 0)]);
        if (e.Attrs is { } attributes)
        {
            _events.Write([checked((byte)attributes.Count)]);
            foreach (var (name, value) in attributes)
            {
                Text(name);
                Text(value);
            }
        }

        if (e.Seq is { } seq) Number64(seq);
        if (e.Count is { } count) Number32(count);
        if (e.Amount is { } amount) Number64(amount);
        if (e.DurationMs is { } duration) Number64(duration);
        _count++;
    }

    /// <summary>The block of all events added, and the writer is empty again.</summary>
    public byte[] ToBlock()
    {
        var block = new byte[BlockFormat.HeadBytes + _events.WrittenCount];
        BlockFormat.Magic.CopyTo(block);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(4), BlockFormat.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(8), _count);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(12), (uint)_events.WrittenCount);
        _events.WrittenSpan.CopyTo(block.AsSpan(BlockFormat.HeadBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(block.AsSpan(16), Checksum.Of(_events.WrittenSpan, Checksum.Of(block.AsSpan(0, 16))));
        _events.Clear();
        _count = 0;
        return block;
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)bytes.Length));
        _events.Write(length);
        _events.Write(bytes);
    }

    private void Number32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_events.GetSpan(4), value);
        _events.Advance(4);
    }

    private void Number64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_events.GetSpan(8), value);
        _events.Advance(8);
    }
}
