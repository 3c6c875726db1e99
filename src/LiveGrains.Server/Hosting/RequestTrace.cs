using System.Diagnostics;
using LiveGrains.Server.Metrics;
using Microsoft.AspNetCore.Http;

namespace LiveGrains.Server.Hosting;

/// <summary>
/// The span of a request, by OpenTelemetry's conventions for HTTP servers, when somebody listens. It tells the route and never the path or
/// the query: they hold ids of users.
/// </summary>
internal static class RequestTrace
{
    private static readonly ActivitySource _source = new(LiveGrainsServer.TelemetryName);

    /// <summary>Begins it under the caller's span, if the request names one; null: nobody listens or this one is not sampled.</summary>
    internal static Activity? Begin(HttpRequest request)
    {
        if (!_source.HasListeners()) return null;
        ActivityContext.TryParse(request.Headers.TraceParent, request.Headers.TraceState, isRemote: true, out var parent);
        return _source.StartActivity(request.Method, ActivityKind.Server, parent);
    }

    /// <summary>Ends it.</summary>
    internal static void End(Activity? activity, HttpContext context, RouteCounters route)
    {
        if (activity is null) return;
        var status = context.Response.StatusCode;
        activity.DisplayName = $"{context.Request.Method} {route.Route}";
        activity.SetTag("http.request.method", context.Request.Method);
        activity.SetTag("http.route", route.Route);
        activity.SetTag("http.response.status_code", status);
        activity.SetTag("url.scheme", context.Request.Scheme);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            activity.SetTag("error.type", status.ToString(System.Globalization.CultureInfo.InvariantCulture));
            activity.SetStatus(ActivityStatusCode.Error);
        }

        activity.Dispose();
    }
}
