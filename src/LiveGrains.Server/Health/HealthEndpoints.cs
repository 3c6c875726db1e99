using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Health;

/// <summary>`GET /healthz/live` and `GET /healthz/ready`.</summary>
internal sealed class HealthEndpoints(ILiveGrains engine)
{
    private const string Tag = "operations";

    private static readonly CallDescription _liveCall = new("getLiveness", Tag, "Whether the process answers.", 200, typeof(Liveness))
    {
        AnswerMeans = "It does.",
    };

    private static readonly CallDescription _readyCall = new("getReadiness", Tag, "Whether the engine serves.", 200, typeof(Readiness))
    {
        Details = "200 when the state is `ready`, `full` or `unavailable`: with a full disk, or a database that cannot be reached, questions are "
            + "still answered and events are refused with `storage_full` or `storage_unavailable`. 503 with the same body when it is `starting`, `stopped` or `closing`.",
        AnswerMeans = "The state.",
    };

    /// <summary>Maps the calls.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics)
    {
        routes.MapRead("/healthz/live", LiveAsync, _liveCall, metrics);
        routes.MapRead("/healthz/ready", ReadyAsync, _readyCall, metrics);
    }

    private static Task LiveAsync(HttpContext context) =>
        JsonResponse.WriteAsync(context, new Liveness("live"), AnswerJson.Default.Liveness);

    private Task ReadyAsync(HttpContext context)
    {
        var status = engine.GetStatus();
        if (status.State is not ("ready" or "full" or "unavailable"))
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
        }
        return JsonResponse.WriteAsync(context, new Readiness(status.State, status.StateDetail, status.Clock), AnswerJson.Default.Readiness);
    }
}
