using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LiveGrains.Cli;

/// <summary>JSON as the API and the tool write it: camelCase, names of enums in camelCase, nothing escaped without need.</summary>
public static class JsonText
{
    /// <summary>One line; also for reading answers of a server.</summary>
    public static JsonSerializerOptions Compact { get; } = Create(indented: false);

    /// <summary>For a person who looks at it.</summary>
    public static JsonSerializerOptions Indented { get; } = Create(indented: true);

    /// <summary>Writes one document and a line feed.</summary>
    public static void Write<T>(TextWriter writer, T value) => writer.WriteLine(JsonSerializer.Serialize(value, Indented));

    private static JsonSerializerOptions Create(bool indented) => new(JsonSerializerDefaults.Web)
    {
        WriteIndented = indented,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
