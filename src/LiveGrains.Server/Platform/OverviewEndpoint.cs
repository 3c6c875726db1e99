using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Platform;

/// <summary>`GET /v1/overview`.</summary>
internal sealed class OverviewEndpoint(ILiveGrains engine)
{
    private static readonly CallDescription _call = new("getOverview", "platform", "Platform totals, rates and the rooms with most heat.", 200, typeof(Overview))
    {
        AnswerMeans = "The platform.",
    };

    /// <summary>Maps the call.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics) => routes.MapRead("/v1/overview", GetAsync, _call, metrics);

    private async Task GetAsync(HttpContext context)
    {
        var overview = await engine.GetOverviewAsync(context.RequestAborted).ConfigureAwait(false);
        await JsonResponse.WriteAsync(context, overview, AnswerJson.Default.Overview).ConfigureAwait(false);
    }
}
