using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using LiveGrains.Server.Parameters;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Items;

/// <summary>The calls that read products and videos.</summary>
internal sealed class ItemEndpoints(ILiveGrains engine)
{
    private static readonly CallDescription _productCall = Describe("getProduct", "product");
    private static readonly CallDescription _videoCall = Describe("getVideo", "video");

    /// <summary>Maps the calls.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics)
    {
        routes.MapRead("/v1/products/{product}", GetProductAsync, _productCall, metrics);
        routes.MapRead("/v1/videos/{video}", GetVideoAsync, _videoCall, metrics);
    }

    private async Task GetProductAsync(HttpContext context)
    {
        var item = await engine.GetProductAsync(PathParameter.Id(context, "product"), context.RequestAborted).ConfigureAwait(false)
            ?? throw new LiveGrainsException(ErrorCode.NotFound, "No event has named this product.");
        await JsonResponse.WriteAsync(context, item, AnswerJson.Default.ItemMetrics).ConfigureAwait(false);
    }

    private async Task GetVideoAsync(HttpContext context)
    {
        var item = await engine.GetVideoAsync(PathParameter.Id(context, "video"), context.RequestAborted).ConfigureAwait(false)
            ?? throw new LiveGrainsException(ErrorCode.NotFound, "No event has named this video.");
        await JsonResponse.WriteAsync(context, item, AnswerJson.Default.ItemMetrics).ConfigureAwait(false);
    }

    private static CallDescription Describe(string operation, string kind) =>
        new(operation, "items", $"Everything known about a {kind}, over all rooms.", 200, typeof(ItemMetrics))
        {
            AnswerMeans = $"The {kind}'s metrics.",
            Parameters = [CallParameter.Id(kind)],
            Errors = [ErrorCode.InvalidParameter, ErrorCode.NotFound],
        };
}
