using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace LiveGrains.Server.OpenApi;

/// <summary>`GET /openapi/v1.json`: made when first asked for, then kept, since making it takes milliseconds.</summary>
internal sealed class OpenApiEndpoint(IServiceProvider services)
{
    private static readonly CallDescription _call = new("getOpenApi", "operations", "The description of this API.", 200, null)
    {
        MediaType = JsonResponse.MediaType,
        AnswerMeans = "An OpenAPI 3.1 document.",
    };

    private readonly Lazy<Task<byte[]>> _document = new(() => MakeAsync(services));

    /// <summary>Maps the call.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics) => routes.MapRead("/openapi/v1.json", AnswerAsync, _call, metrics);

    private async Task AnswerAsync(HttpContext context)
    {
        var document = await _document.Value.ConfigureAwait(false);
        await context.SendBytesAsync(JsonResponse.MediaType, document).ConfigureAwait(false);
    }

    private static async Task<byte[]> MakeAsync(IServiceProvider services)
    {
        var scope = services.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            var provider = scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(OpenApiRegistration.DocumentName);
            var document = await provider.GetOpenApiDocumentAsync().ConfigureAwait(false);
            using var bytes = new MemoryStream();
            await document.SerializeAsJsonAsync(bytes, OpenApiSpecVersion.OpenApi3_1).ConfigureAwait(false);
            return bytes.ToArray();
        }
    }
}
