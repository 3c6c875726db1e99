using LiveGrains.Server.Ingest;
using Microsoft.OpenApi;

namespace LiveGrains.Server.OpenApi;

/// <summary>What the description says about `POST /v1/events`.</summary>
internal static class EventsDescription
{
    internal static readonly CallDescription Call = new("postEvents", "events", "Takes events: keeps the good ones and names the bad ones.", 202, typeof(IngestAnswer))
    {
        Details = "The answer is sent when the accepted events are on disk and applied. The whole body may be sent with `Content-Encoding: gzip`. "
            + "A CloudEvent in binary mode has its attributes in `ce-` headers and its data, a JSON object of the other members, in the body. "
            + "After 429 or 503 send the same request again: what was kept is then a duplicate.",
        AnswerMeans = "The verdicts; accepted + duplicates + rejected = events in the request. `errors` names the first 1,000 refused events.",
        Errors =
        [
            ErrorCode.NothingToRead, ErrorCode.RequestTimeout, ErrorCode.BodyTooLarge, ErrorCode.TooManyEvents,
            ErrorCode.UnsupportedMediaType, ErrorCode.UnsupportedEncoding, ErrorCode.Busy, ErrorCode.StorageFull,
            ErrorCode.StorageUnavailable, ErrorCode.ShardStopped, ErrorCode.ShardMoved, ErrorCode.ShuttingDown, ErrorCode.Capacity,
        ],
        Body = MakeBody,
    };

    private static OpenApiRequestBody MakeBody(OpenApiDocument document) => new()
    {
        Required = true,
        Description = "One event, an array of events, one event a line, CloudEvents 1.0, or binary blocks.",
        Content = EventMediaType.Known.ToDictionary(known => known.MediaType, known => new OpenApiMediaType { Schema = Schema(known.Format, document) }),
    };

    private static IOpenApiSchema Schema(EventFormat format, OpenApiDocument document)
    {
        IOpenApiSchema Event() => new OpenApiSchemaReference(EventSchema.Name, document);
        return format switch
        {
            EventFormat.Json => new OpenApiSchema
            {
                OneOf = [Event(), new OpenApiSchema { Type = JsonSchemaType.Array, Items = Event() }],
            },
            EventFormat.NdJson => new OpenApiSchema { Type = JsonSchemaType.String, Description = "One `Event` a line, as JSON without line breaks. Empty lines are skipped." },
            EventFormat.CloudEvent => CloudEvent(),
            EventFormat.CloudEventBatch => new OpenApiSchema { Type = JsonSchemaType.Array, Items = CloudEvent() },
            _ => new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary", Description = "See docs/block-format.md." },
        };
    }

    private static OpenApiSchema CloudEvent() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "CloudEvents 1.0, JSON format. `data` has the members of an event that are not context attributes.",
        Required = new HashSet<string> { "specversion", "id", "source", "type", "data" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["specversion"] = new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["1.0"] },
            ["id"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["source"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["time"] = new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
            ["datacontenttype"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["data"] = new OpenApiSchema { Type = JsonSchemaType.Object },
        },
    };
}
