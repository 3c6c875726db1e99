using Microsoft.OpenApi;

namespace LiveGrains.Server.OpenApi;

/// <summary>A parameter of a call, as described.</summary>
internal sealed record CallParameter(string Name, string Description, OpenApiSchema Schema, bool InPath = false)
{
    /// <summary>An id of a room, user, product or video in the path.</summary>
    internal static CallParameter Id(string name) => new(name, $"The {name}'s id.", new OpenApiSchema
    {
        Type = JsonSchemaType.String,
        MinLength = 1,
        MaxLength = 64,
        Pattern = "^[A-Za-z0-9._:-]{1,64}$",
    }, InPath: true);
}
