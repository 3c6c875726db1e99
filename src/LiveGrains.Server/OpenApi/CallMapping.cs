using LiveGrains.Server.Metrics;
using LiveGrains.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace LiveGrains.Server.OpenApi;

/// <summary>Maps calls together with their description and their counters.</summary>
internal static class CallMapping
{
    /// <summary>Maps a call that reads: GET as described, and HEAD.</summary>
    internal static void MapRead(this IEndpointRouteBuilder routes, string pattern, RequestDelegate handler, CallDescription call, RequestMetrics metrics)
    {
        var counters = metrics.Route(pattern);
        routes.MapMethods(pattern, [HttpMethods.Get], handler).Describe(call, handler, counters);
        routes.MapMethods(pattern, [HttpMethods.Head], handler).WithMetadata(counters).ExcludeFromDescription();
    }

    /// <summary>Gives a mapped call its description and its counters.</summary>
    internal static void Describe(this IEndpointConventionBuilder endpoint, CallDescription call, RequestDelegate handler, RouteCounters counters)
    {
        endpoint
            // A raw delegate is only described when its method is in the metadata.
            .WithMetadata(handler.Method, counters, new ProducesResponseTypeMetadata(call.Status, call.Answer ?? typeof(string), [call.MediaType]))
            .WithName(call.OperationId)
            .WithTags(call.Tag)
            .WithSummary(call.Summary)
            .AddOpenApiOperationTransformer((operation, context, _) =>
            {
                Complete(operation, call, context.Document!);
                return Task.CompletedTask;
            });
        if (call.Details is not null) endpoint.WithDescription(call.Details);
    }

    private static void Complete(OpenApiOperation operation, CallDescription call, OpenApiDocument document)
    {
        operation.Parameters = [.. call.Parameters.Select(Parameter)];
        if (call.Body is not null) operation.RequestBody = call.Body(document);
        operation.Responses ??= [];
        if (operation.Responses.TryGetValue(call.Status.ToString(), out var answer) && answer is OpenApiResponse known)
            known.Description = call.AnswerMeans;
        foreach (var group in call.Errors.Append(ErrorCode.InternalError).Select(ErrorCatalogue.Describe).GroupBy(error => error.Status))
        {
            operation.Responses[group.Key.ToString()] = new OpenApiResponse
            {
                Description = string.Join("\n", group.Select(error => $"`{error.Code}`: {error.Title}")),
                Headers = group.Key is 429 or 503 ? RetryAfter() : null,
                Content = new Dictionary<string, OpenApiMediaType>
                {
                    [ProblemResponse.MediaType] = new() { Schema = new OpenApiSchemaReference(ProblemSchema.Name, document) },
                },
            };
        }
    }

    private static Dictionary<string, IOpenApiHeader> RetryAfter() => new()
    {
        ["Retry-After"] = new OpenApiHeader
        {
            Description = "Seconds to wait before the same request is sent again.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.Integer },
        },
    };

    private static IOpenApiParameter Parameter(CallParameter parameter) => new OpenApiParameter
    {
        Name = parameter.Name,
        In = parameter.InPath ? ParameterLocation.Path : ParameterLocation.Query,
        Required = parameter.InPath,
        Description = parameter.Description,
        Schema = parameter.Schema,
    };
}
