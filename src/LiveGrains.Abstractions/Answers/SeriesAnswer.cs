using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiveGrains;

/// <summary>What series to read.</summary>
/// <param name="Metric">A member of SPEC 3: `comments`, `gifts.amount`, `online`, `products.clicks`, …</param>
/// <param name="StepSeconds">A multiple of 10.</param>
/// <param name="From">First moment, in ms since 1970 UTC; null: the room's first bucket.</param>
/// <param name="To">End, exclusive; null: the bucket that holds the clock, inclusive.</param>
public sealed record SeriesQuery(string Metric, int StepSeconds = 10, long? From = null, long? To = null);

/// <summary>A series: one point a step, 0 where nothing happened.</summary>
/// <param name="Metric">As asked.</param>
/// <param name="Step">Seconds.</param>
/// <param name="Points">`[bucket start in ms, value]`, oldest first.</param>
public sealed record SeriesAnswer(string Metric, int Step, IReadOnlyList<SeriesPoint> Points);

/// <summary>One point; written as a JSON array of two numbers.</summary>
[JsonConverter(typeof(SeriesPointConverter))]
public readonly record struct SeriesPoint(long StartMs, double Value);

/// <summary>Writes a point as `[start, value]`.</summary>
public sealed class SeriesPointConverter : JsonConverter<SeriesPoint>
{
    /// <inheritdoc/>
    public override SeriesPoint Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        reader.Read();
        var start = reader.GetInt64();
        reader.Read();
        var value = reader.GetDouble();
        reader.Read();
        return new SeriesPoint(start, value);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SeriesPoint value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.StartMs);
        writer.WriteNumberValue(value.Value);
        writer.WriteEndArray();
    }
}
