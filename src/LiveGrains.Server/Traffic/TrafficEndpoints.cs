using System.Diagnostics;
using System.Globalization;
using LiveGrains.Server.Ingest;
using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Traffic;

/// <summary>The calls of traffic: the policy and what became of it.</summary>
internal sealed class TrafficEndpoints(ILiveGrains engine, BodyIntake intake)
{
    private const string PolicyPath = "/v1/traffic/policy";

    /// <summary>Maps the calls.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics)
    {
        routes.MapRead("/v1/traffic", SharesAsync, TrafficDescriptions.Shares, metrics);
        routes.MapRead(PolicyPath, ReadAsync, TrafficDescriptions.Read, metrics);
        routes.MapPut(PolicyPath, (RequestDelegate)WriteAsync).Describe(TrafficDescriptions.Write, WriteAsync, metrics.Route(PolicyPath));
    }

    private async Task SharesAsync(HttpContext context) =>
        await JsonResponse.WriteAsync(context, await engine.GetTrafficAsync(context.RequestAborted).ConfigureAwait(false), AnswerJson.Default.TrafficShares).ConfigureAwait(false);

    private async Task ReadAsync(HttpContext context) => await AnswerAsync(context, await engine.GetTrafficPolicyAsync(context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task WriteAsync(HttpContext context)
    {
        TrafficPolicy policy;
        using (var body = await intake.ReadJsonAsync(context.Request).ConfigureAwait(false)) policy = TrafficRequestJson.ReadPolicy(body.Bytes.Span);
        if (IfMatch(context.Request) is { } version)
        {
            if (policy.Version is { } other && other != version) throw new LiveGrainsException(ErrorCode.InvalidPolicy, "version and If-Match are different versions.");
            policy = policy with { Version = version };
        }

        await AnswerAsync(context, await engine.SetTrafficPolicyAsync(policy, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(HttpContext context, TrafficPolicy policy)
    {
        context.Response.Headers.ETag = $"\"{policy.Version?.ToString(CultureInfo.InvariantCulture)}\"";
        await JsonResponse.WriteAsync(context, policy, AnswerJson.Default.TrafficPolicy).ConfigureAwait(false);
    }

    private static long? IfMatch(HttpRequest request)
    {
        var text = request.Headers.IfMatch.ToString().Trim();
        if (text is "" or "*") return null;
        if (text.Length > 2 && text[0] == '"' && text[^1] == '"' && long.TryParse(text.AsSpan(1, text.Length - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var version)) return version;
        throw new LiveGrainsException(ErrorCode.InvalidParameter, "If-Match must be the ETag of a policy, such as \"3\".");
    }
}
