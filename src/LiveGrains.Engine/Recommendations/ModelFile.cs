using System.Buffers;
using System.Runtime.InteropServices;
using LiveGrains.Core;

namespace LiveGrains.Engine.Recommendations;

/// <summary>The head of the models' file, 64 bytes, the same in every version.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct ModelFileHead
{
    public const int Bytes = 64;
    public const uint MagicNumber = 0x314D474C; // LGM1
    public const uint CurrentVersion = 1;

    public uint Magic;
    public uint Version;
    /// <summary>See <see cref="Recommender.StateFormat"/>.</summary>
    public ulong Format;
    public long PayloadBytes;
    /// <summary>Of the head with 0 in its place and, continued, of the payload.</summary>
    public ulong Checksum;

    public static ulong Compute(ModelFileHead head, ReadOnlySpan<byte> payload)
    {
        head.Checksum = 0;
        return Core.Checksum.Of(payload, Core.Checksum.Of(MemoryMarshal.AsBytes(new ReadOnlySpan<ModelFileHead>(in head))));
    }
}

/// <summary>What is in a models' file.</summary>
/// <param name="Payload">What <see cref="Recommender.Save"/> wrote; null: it cannot be used.</param>
/// <param name="IsDamaged">True: some byte is not as it was written; else the file is good, but of another version.</param>
/// <param name="Detail">Why it cannot be used.</param>
internal readonly record struct ModelFileContent(byte[]? Payload, bool IsDamaged, string Detail);

/// <summary>
/// The bytes in which the ranker's weights and the centres of the segments survive a restart, and a move of their shard (docs/log-format.md,
/// "Models"). Worth having, not needed: what cannot be used is named and begins anew.
/// </summary>
internal static class ModelFile
{
    /// <summary>Far more than it ever has; a length beyond is damage, not a reason to ask for memory.</summary>
    public const long MaxBytes = 1 << 20;

    /// <summary>The bytes of a recommender's state. On its thread.</summary>
    public static byte[] PayloadOf(Recommender recommender)
    {
        var sink = new Sink();
        recommender.Save(sink);
        return sink.Bytes;
    }

    /// <summary>Writes a payload with its head. Throws as <see cref="IModelStore.Write"/>.</summary>
    public static void Write(IModelStore store, ReadOnlySpan<byte> payload)
    {
        var head = new ModelFileHead { Magic = ModelFileHead.MagicNumber, Version = ModelFileHead.CurrentVersion, Format = Recommender.StateFormat, PayloadBytes = payload.Length };
        head.Checksum = ModelFileHead.Compute(head, payload);
        store.Write([.. MemoryMarshal.AsBytes(new ReadOnlySpan<ModelFileHead>(in head)), .. payload]);
    }

    /// <summary>Reads what is kept; null when there is nothing. Changes nothing.</summary>
    public static ModelFileContent? Read(IModelStore store)
    {
        if (store.Read() is not { } bytes) return null;
        if (bytes.Length is < ModelFileHead.Bytes or > (int)MaxBytes) return Damaged("its length is wrong");
        var head = MemoryMarshal.Read<ModelFileHead>(bytes);
        var payload = bytes[ModelFileHead.Bytes..];
        if (head.Magic != ModelFileHead.MagicNumber || head.PayloadBytes != payload.Length || head.Checksum != ModelFileHead.Compute(head, payload)) return Damaged("its checksum is wrong");
        return head.Version != ModelFileHead.CurrentVersion || head.Format != Recommender.StateFormat
            ? new ModelFileContent(null, false, "it was written by a version whose models are others")
            : new ModelFileContent(payload, false, "");
    }

    /// <summary>Gives a new recommender what is kept. Says what people should know: why it could not.</summary>
    public static string? Load(IModelStore store, Recommender recommender)
    {
        try
        {
            if (Read(store) is not { } content) return null;
            if (content.Payload == null) return Note(store, content.Detail);
            recommender.Load(new Source(content.Payload));
            return null;
        }
        catch (IOException e)
        {
            return Note(store, e.Message);
        }
    }

    private static string Note(IModelStore store, string detail) => $"{store.Name} cannot be used: {detail}; the ranker begins with its priors";

    private static ModelFileContent Damaged(string detail) => new(null, true, detail);

    private sealed class Sink : IStateSink
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(32 << 10);

        public byte[] Bytes => _bytes.WrittenSpan.ToArray();

        public void Write(ReadOnlySpan<byte> bytes) => _bytes.Write(bytes);
    }

    private sealed class Source(byte[] bytes) : IStateSource
    {
        private int _at;

        public void Read(Span<byte> into)
        {
            if (into.Length > bytes.Length - _at) throw new InvalidDataException("it ends too early");
            bytes.AsSpan(_at, into.Length).CopyTo(into);
            _at += into.Length;
        }
    }
}
