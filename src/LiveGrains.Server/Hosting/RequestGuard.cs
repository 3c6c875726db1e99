using System.Diagnostics;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LiveGrains.Server.Hosting;

/// <summary>
/// Around every call but the ingest call, which has its own: counts and times it, answers every exception and every empty
/// error with problem details.
/// </summary>
internal sealed class RequestGuard(RequestMetrics metrics, ILogger logger)
{
    private readonly RouteCounters _unmatched = metrics.Route("other");

    /// <summary>Runs the rest of the pipeline.</summary>
    internal async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var started = Stopwatch.GetTimestamp();
        metrics.Began();
        var activity = RequestTrace.Begin(context.Request);
        try
        {
            context.Response.Headers.XContentTypeOptions = "nosniff";
            await next(context).ConfigureAwait(false);
            await DescribeEmptyErrorAsync(context).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await ProblemResponse.WriteAsync(context, RouteOf(context), exception, metrics, logger).ConfigureAwait(false);
        }
        finally
        {
            var route = RouteOf(context);
            route.Count(context.Request.Method, context.Response.StatusCode, Stopwatch.GetElapsedTime(started));
            metrics.Ended();
            RequestTrace.End(activity, context, route);
        }
    }

    private RouteCounters RouteOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RouteCounters>() ?? _unmatched;

    /// <summary>Routing answers an unknown path or method with a bare status.</summary>
    private Task DescribeEmptyErrorAsync(HttpContext context)
    {
        if (context.Response.HasStarted || context.Response.StatusCode < 400) return Task.CompletedTask;
        if (context.Response.ContentLength is > 0 || context.Response.ContentType is not null) return Task.CompletedTask;
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ProblemResponse.WriteAsync(context, ErrorCode.NotFound,
                "There is no such path. The calls are listed at /openapi/v1.json.", metrics),
            StatusCodes.Status405MethodNotAllowed => ProblemResponse.WriteAsync(context, ErrorCode.MethodNotAllowed,
                $"This path takes {context.Response.Headers.Allow}.", metrics),
            _ => Task.CompletedTask,
        };
    }
}
