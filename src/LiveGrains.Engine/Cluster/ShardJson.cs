using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using LiveGrains.Core;

namespace LiveGrains.Engine.Cluster;

/// <summary>Questions and answers between machines as JSON; all machines run the same build, or one beside it in a rolling restart.</summary>
internal static class ShardJson
{
    private static readonly JsonSerializerOptions _options = new()
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new TotalsConverter() },
    };

    /// <summary>An answer as bytes.</summary>
    public static byte[] Write<T>(T answer) => JsonSerializer.SerializeToUtf8Bytes(answer, _options);

    /// <summary>The answer of bytes.</summary>
    public static T Read<T>(byte[] answer) => JsonSerializer.Deserialize<T>(answer, _options)!;

    /// <summary>A question as bytes.</summary>
    public static byte[] WriteQuestion(ShardQuestion question) => JsonSerializer.SerializeToUtf8Bytes(question, _options);

    /// <summary>The question of bytes. Throws <see cref="ErrorCode.InvalidParameter"/> for one that this build does not know.</summary>
    public static ShardQuestion ReadQuestion(byte[] question)
    {
        try
        {
            return JsonSerializer.Deserialize<ShardQuestion>(question, _options)!;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new LiveGrainsException(ErrorCode.InvalidParameter, "The question is not one that this build knows; all silos must run the same one.", e);
        }
    }

    // Its counters are a block of memory. What another build has more or less of them is not guessed.
    private sealed class TotalsConverter : JsonConverter<Totals>
    {
        public override Totals Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var bytes = reader.GetBytesFromBase64();
            var totals = default(Totals);
            var into = MemoryMarshal.AsBytes(new Span<Totals>(ref totals));
            if (bytes.Length != into.Length) throw new JsonException("The counters are another build's.");
            bytes.CopyTo(into);
            return totals;
        }

        public override void Write(Utf8JsonWriter writer, Totals value, JsonSerializerOptions options) =>
            writer.WriteBase64StringValue(MemoryMarshal.AsBytes(new ReadOnlySpan<Totals>(in value)));
    }
}
