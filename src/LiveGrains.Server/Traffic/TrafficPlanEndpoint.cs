using LiveGrains.Server.Ingest;
using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Traffic;

/// <summary>`POST /v1/traffic/plan`. Few at once and for a limited time: a plan takes a processor for seconds.</summary>
internal sealed class TrafficPlanEndpoint(ILiveGrains engine, BodyIntake intake, ServerOptions options, RequestMetrics metrics)
{
    private const string Path = "/v1/traffic/plan";

    private readonly SemaphoreSlim _plans = new(options.MaxPlans);

    /// <summary>Maps the call.</summary>
    internal void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, (RequestDelegate)PlanAsync).Describe(TrafficPlanDescription.Call, PlanAsync, metrics.Route(Path));

    private async Task PlanAsync(HttpContext context)
    {
        if (!_plans.Wait(0)) throw new LiveGrainsException(ErrorCode.Busy, "As many plans are being solved as are allowed. Send the same request again after Retry-After.");
        try
        {
            TrafficPlanRequest request;
            using (var body = await intake.ReadJsonAsync(context.Request).ConfigureAwait(false)) request = TrafficRequestJson.ReadPlan(body.Bytes.Span);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            limit.CancelAfter(options.PlanTimeout);
            TrafficPlan plan;
            try
            {
                plan = await engine.PlanTrafficAsync(request, limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
            {
                throw new LiveGrainsException(ErrorCode.PlanTimeout);
            }
            await JsonResponse.WriteAsync(context, plan, AnswerJson.Default.TrafficPlan).ConfigureAwait(false);
        }
        finally
        {
            _plans.Release();
        }
    }
}
