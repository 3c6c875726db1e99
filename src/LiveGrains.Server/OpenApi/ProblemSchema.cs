using LiveGrains.Server.Problems;
using Microsoft.OpenApi;

namespace LiveGrains.Server.OpenApi;

/// <summary>Problem details as described.</summary>
internal static class ProblemSchema
{
    /// <summary>The component's name.</summary>
    internal const string Name = "Problem";

    /// <summary>Makes the schema.</summary>
    internal static OpenApiSchema Make() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Problem details (RFC 9457).",
        Required = new HashSet<string> { "type", "title", "status", "detail", "code", "instance" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = Text($"`{ProblemResponse.TypePrefix}` and the code."),
            ["title"] = Text("What is wrong in general and what to do."),
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer, Description = "The HTTP status." },
            ["detail"] = Text("What is wrong in this case."),
            ["code"] = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Description = "The stable code; more may come.",
                Enum = [.. Enum.GetValues<ErrorCode>().Where(code => code != ErrorCode.None)
                    .Select(code => (System.Text.Json.Nodes.JsonNode)code.Describe().Code)],
            },
            ["instance"] = Text("The path of the request."),
        },
    };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
}
