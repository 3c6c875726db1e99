using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace LiveGrains.Server.OpenApi;

/// <summary>What is the same for every call in the description of the API.</summary>
internal static class OpenApiRegistration
{
    /// <summary>The document's name, and its place: `/openapi/v1.json`.</summary>
    internal const string DocumentName = "v1";

    /// <summary>Registers the document.</summary>
    internal static void AddLiveGrainsOpenApi(this IServiceCollection services) => services.AddOpenApi(DocumentName, options =>
    {
        options.AddSchemaTransformer(static (schema, context, _) =>
        {
            Correct(schema, context.JsonTypeInfo.Type);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "LiveGrains",
                Version = "v1",
                Description = "State of live rooms, users, products and videos, kept by the event stream. Amounts are in minor units; "
                    + "a ratio whose denominator is 0 is null; moments are RFC 3339 in UTC. Every error is problem details with a stable `code`.",
            };
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.AddComponent(EventSchema.Name, EventSchema.Make());
            document.AddComponent(ProblemSchema.Name, ProblemSchema.Make());
            return Task.CompletedTask;
        });
    });

    /// <summary>Says what a custom converter writes, which cannot be seen from outside.</summary>
    private static void Correct(OpenApiSchema schema, Type type)
    {
        var nullable = Nullable.GetUnderlyingType(type) is not null;
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        if (bare == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String | (nullable ? JsonSchemaType.Null : 0);
            schema.Format = "date-time";
        }
        else if (bare == typeof(IReadOnlyList<SeriesPoint>))
        {
            schema.Items = new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                MinItems = 2,
                MaxItems = 2,
                Items = new OpenApiSchema { Type = JsonSchemaType.Number },
                Description = "`[bucket start in ms since 1970 UTC, value]`",
            };
        }
        // Numbers are written as numbers; the exporter also lists the strings that a lenient reader would take.
        else if (bare == typeof(long) || bare == typeof(int) || bare == typeof(double))
        {
            schema.Type = (bare == typeof(double) ? JsonSchemaType.Number : JsonSchemaType.Integer) | (nullable ? JsonSchemaType.Null : 0);
            schema.Pattern = null;
        }
    }
}
