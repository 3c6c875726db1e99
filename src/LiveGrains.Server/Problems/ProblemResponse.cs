using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LiveGrains.Server.Problems;

/// <summary>Answers a request with problem details (RFC 9457) from the catalogue of errors.</summary>
internal static class ProblemResponse
{
    /// <summary>The media type of problem details.</summary>
    internal const string MediaType = "application/problem+json";

    /// <summary>The URI that names a kind of problem: this prefix and its code.</summary>
    internal const string TypePrefix = "urn:livegrains:error:";

    /// <summary>
    /// Answers an exception. A client that went away gets nothing; what is not expected is logged and answered with
    /// `internal_error`, without its message. The log names the route and not the path: a path can hold a user's id.
    /// </summary>
    internal static Task WriteAsync(HttpContext context, RouteCounters route, Exception exception, RequestMetrics metrics, ILogger logger)
    {
        switch (exception)
        {
            case LiveGrainsException known:
                return WriteAsync(context, known.Code, known.Detail, metrics);
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return WriteAsync(context, ErrorCode.BodyTooLarge, null, metrics);
            case BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }:
                return WriteAsync(context, ErrorCode.RequestTimeout, null, metrics);
            case BadHttpRequestException:
                return WriteAsync(context, ErrorCode.NothingToRead, "The body ended early or is badly framed.", metrics);
            case ConnectionResetException or ConnectionAbortedException:
            case OperationCanceledException or IOException when context.RequestAborted.IsCancellationRequested:
                // Without this Kestrel can try to drain the body of a connection that is gone, and log that it fails.
                context.Abort();
                return Task.CompletedTask;
            default:
                ServerLog.Failed(logger, context.Request.Method, route.Route, exception);
                return WriteAsync(context, ErrorCode.InternalError, null, metrics);
        }
    }

    /// <summary>Answers a code; without a detail the catalogue's words stand in for it.</summary>
    internal static async Task WriteAsync(HttpContext context, ErrorCode code, string? detail, RequestMetrics metrics)
    {
        var error = code.Describe();
        metrics.Refused(code);
        var response = context.Response;
        if (response.HasStarted)
        {
            // Half an answer is worse than none: the client must see that it is cut short.
            context.Abort();
            return;
        }

        var allow = response.Headers.Allow;
        response.Clear();
        response.StatusCode = error.Status;
        var headers = response.Headers;
        if (allow.Count > 0) headers.Allow = allow;
        if (error.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable) headers.RetryAfter = "1";
        if (code == ErrorCode.UnsupportedEncoding) headers.AcceptEncoding = "gzip";
        if (code is ErrorCode.BodyTooLarge or ErrorCode.RequestTimeout) headers.Connection = "close";
        headers.CacheControl = "no-store";

        using var buffer = new PooledBuffer();
        using (var json = buffer.BeginJson())
        {
            json.WriteStartObject();
            json.WriteString("type"u8, TypePrefix + error.Code);
            json.WriteString("title"u8, error.Title);
            json.WriteNumber("status"u8, error.Status);
            json.WriteString("detail"u8, detail ?? error.Title);
            json.WriteString("code"u8, error.Code);
            json.WriteString("instance"u8, context.Request.PathBase.Add(context.Request.Path).ToUriComponent());
            json.WriteEndObject();
        }
        await JsonResponse.SendAsync(context, MediaType, buffer).ConfigureAwait(false);
    }
}
