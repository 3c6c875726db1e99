using LiveGrains.Server.Json;
using LiveGrains.Server.OpenApi;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Metrics;

/// <summary>`GET /metrics`. No label names a room, a user or an item: the number of series does not grow with the platform.</summary>
internal sealed class MetricsEndpoint(ILiveGrains engine, RequestMetrics requests)
{
    private const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly CallDescription _call = new("getMetrics", "operations", "Counters of engine, server and process, for Prometheus.", 200, null)
    {
        MediaType = "text/plain",
        AnswerMeans = "Text exposition format 0.0.4.",
    };

    /// <summary>Maps the call.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics) => routes.MapRead("/metrics", AnswerAsync, _call, metrics);

    private Task AnswerAsync(HttpContext context)
    {
        var text = new ExpositionWriter();
        MetricExposition.Write(text, new MetricReading(engine.GetStatus(), requests));
        ProcessMetrics.Write(text);
        context.Response.Headers.CacheControl = "no-store";
        return context.SendBytesAsync(MediaType, text.ToUtf8());
    }
}
