using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace LiveGrains.Server.OpenApi;

/// <summary>An event (SPEC 2) as described.</summary>
internal static class EventSchema
{
    /// <summary>The component's name.</summary>
    internal const string Name = "Event";

    /// <summary>Makes the schema.</summary>
    internal static OpenApiSchema Make() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "One event. Members that are not listed are refused with `unknown_field`; free-form data goes in `attrs`.",
        Required = new HashSet<string> { "id", "type", "time" },
        AdditionalPropertiesAllowed = false,
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["id"] = Text(64, "Unique within `source`; the dedupe key is (`source`, `id`).", 1),
            ["source"] = Text(128, "The producer; default empty."),
            ["seq"] = Whole("Strictly increasing per `source`; with it dedupe is exact for ever.", 1),
            ["type"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "What happened.",
                Enum = [.. Enum.GetValues<EventType>().Where(type => type != EventType.None).Select(type => (JsonNode)type.Name())],
            },
            ["time"] = new OpenApiSchema
            {
                Description = "Event time: RFC 3339 with an offset, or milliseconds since 1970 UTC.",
                OneOf =
                [
                    new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
                    new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
                ],
            },
            ["room"] = Key("room"),
            ["user"] = Key("user"),
            ["product"] = Key("product"),
            ["video"] = Key("video"),
            ["count"] = Whole("A burst of likes, a number of gifts; default 1.", 1, 1_000_000),
            ["amount"] = Whole("Money in minor units (fen, cents).", 0, 1_000_000_000_000_000),
            ["currency"] = new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[A-Z]{3}$", Description = "ISO 4217; default `CNY`." },
            ["ms"] = Whole("Watched milliseconds, for `play`.", 0, 86_400_000),
            ["text"] = Text(2000, "Comment, question, report."),
            ["title"] = Text(200, "Catalog types."),
            ["host"] = Text(200, "Catalog types."),
            ["category"] = Text(200, "Catalog types."),
            ["tags"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                MaxItems = 32,
                Items = Text(200, "A tag."),
                Description = "Catalog types.",
            },
            ["price"] = Whole("`product.upsert`, `video.upsert`: minor units.", 0, 1_000_000_000_000_000),
            ["stock"] = Whole("`product.upsert`, `video.upsert`.", 0),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["on", "off", "blocked"], Description = "`off` takes it off sale or off line; `blocked` keeps it, and a room, out of all recommendations." },
            ["channel"] = Text(32, "Where the viewer came from: `feed`, `search`, `follow`, `ad`, `share`, …", 1),
            ["attrs"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                MaxProperties = 32,
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String },
                Description = "Free-form strings, 4 KiB in all.",
            },
        },
    };

    private static OpenApiSchema Text(int maxLength, string description, int? minLength = null) =>
        new() { Type = JsonSchemaType.String, MinLength = minLength, MaxLength = maxLength, Description = description };

    private static OpenApiSchema Key(string what) =>
        new() { Type = JsonSchemaType.String, Pattern = "^[A-Za-z0-9._:-]{1,64}$", Description = $"The {what}'s id." };

    private static OpenApiSchema Whole(string description, long minimum, long? maximum = null) => new()
    {
        Type = JsonSchemaType.Integer,
        Format = "int64",
        Minimum = minimum.ToString(),
        Maximum = maximum?.ToString(),
        Description = description,
    };
}
