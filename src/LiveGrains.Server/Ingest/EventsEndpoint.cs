using System.Diagnostics;
using System.IO.Pipelines;
using LiveGrains.Server.Hosting;
using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using LiveGrains.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace LiveGrains.Server.Ingest;

/// <summary>
/// `POST /v1/events`: the hottest call. A body that has arrived in one piece is read where it lies; any other is put
/// together in a pooled array. Outcomes are values up to the answer; exceptions are for the engine's refusals.
/// </summary>
internal sealed class EventsEndpoint
{
    private const string Path = "/v1/events";

    private readonly ILiveGrains _engine;
    private readonly RequestMetrics _metrics;
    private readonly RouteCounters _route;
    private readonly ILogger _logger;
    private readonly BodyIntake _intake;

    internal EventsEndpoint(ILiveGrains engine, BodyIntake intake, RequestMetrics metrics, ILogger logger)
    {
        _engine = engine;
        _metrics = metrics;
        _route = metrics.Route(Path);
        _logger = logger;
        _intake = intake;
        metrics.BodyBytes = () => intake.Budget.Taken;
    }

    /// <summary>True for every request that routing would bring here.</summary>
    internal static bool IsMatch(HttpRequest request)
    {
        if (!HttpMethods.IsPost(request.Method)) return false;
        var path = request.Path.Value.AsSpan();
        if (path.EndsWith('/')) path = path[..^1];
        return path.Equals(Path, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Maps the call for routing, which answers other methods, and for the description.</summary>
    internal void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, (RequestDelegate)HandleAsync).Describe(EventsDescription.Call, HandleAsync, _route);

    /// <summary>Answers the request, whatever happens, and counts it. One state machine, because each that waits is an allocation.</summary>
    internal async Task HandleAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        _metrics.Began();
        var activity = RequestTrace.Begin(context.Request);
        try
        {
            var refusal = ReadHeaders(context.Request, _engine.Limits, out var form);
            if (refusal != ErrorCode.None)
            {
                await RefuseAsync(context, refusal, null).ConfigureAwait(false);
                return;
            }
            var first = await context.Request.BodyReader.ReadAsync().ConfigureAwait(false);
            if (TryIngestInPlace(context.Request, first, form, out var pending))
                await SendAsync(context, await pending.ConfigureAwait(false)).ConfigureAwait(false);
            else
                await PutTogetherAsync(context, first, form, started).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await ProblemResponse.WriteAsync(context, _route, exception, _metrics, _logger).ConfigureAwait(false);
        }
        finally
        {
            _route.Count(context.Request.Method, context.Response.StatusCode, Stopwatch.GetElapsedTime(started));
            _metrics.Ended();
            RequestTrace.End(activity, context, _route);
        }
    }

    /// <summary>Hands the engine a body that is whole and lies in one piece of the connection's memory.</summary>
    private bool TryIngestInPlace(HttpRequest request, in ReadResult first, BodyForm form, out ValueTask<IngestAnswer> pending)
    {
        var buffer = first.Buffer;
        pending = default;
        if (form.Gzip || !buffer.IsSingleSegment || buffer.Length > _engine.Limits.MaxBodyBytes) return false;
        if (!first.IsCompleted && buffer.Length != request.ContentLength) return false;
        try
        {
            pending = _engine.IngestAsync(buffer.First, form.Format, AttributesOf(request, form));
        }
        finally
        {
            // The engine has read the body when its call returns; the piece may go back to the connection.
            request.BodyReader.AdvanceTo(buffer.End);
        }
        return true;
    }

    private static ErrorCode ReadHeaders(HttpRequest request, RequestLimits limits, out BodyForm form)
    {
        form = default;
        var headers = request.Headers;
        var known = EventMediaType.TryParse(headers.ContentType.ToString(), out var format);
        var structured = known && (format is EventFormat.CloudEvent or EventFormat.CloudEventBatch);
        // In binary mode the content type is that of the data, whatever it is.
        if (!structured && CloudEventHeaders.ArePresent(headers)) format = EventFormat.CloudEventBinary;
        else if (!known) return ErrorCode.UnsupportedMediaType;
        if (!BodyIntake.TryReadEncoding(headers, out var gzip)) return ErrorCode.UnsupportedEncoding;
        if (request.ContentLength > limits.MaxBodyBytes) return ErrorCode.BodyTooLarge;
        form = new BodyForm(format, gzip);
        return ErrorCode.None;
    }

    private static CloudEventAttributes? AttributesOf(HttpRequest request, BodyForm form) =>
        form.Format == EventFormat.CloudEventBinary ? CloudEventHeaders.Read(request.Headers) : null;

    /// <summary>Reads the body to its end into one array, inflates it where that is asked for, hands it to the engine and answers.</summary>
    private async Task PutTogetherAsync(HttpContext context, ReadResult first, BodyForm form, long started)
    {
        using var body = new Body(_intake.Budget);
        var outcome = await _intake.ReadToEndAsync(context.Request.BodyReader, first, body, started).ConfigureAwait(false);
        if (outcome != ErrorCode.None)
        {
            await RefuseAsync(context, outcome, _intake.Refusal(outcome, inflating: false)).ConfigureAwait(false);
            return;
        }

        // The engine has read a body when its call returns: memory is given back before the wait for the disk.
        var attributes = AttributesOf(context.Request, form);
        ValueTask<IngestAnswer> pending;
        if (!form.Gzip)
        {
            pending = _engine.IngestAsync(body.Bytes, form.Format, attributes);
            body.Dispose();
        }
        else
        {
            using var inflated = new Body(_intake.Budget);
            outcome = _intake.Inflate(body, inflated);
            body.Dispose();
            if (outcome != ErrorCode.None)
            {
                inflated.Dispose();
                await RefuseAsync(context, outcome, _intake.Refusal(outcome, inflating: true)).ConfigureAwait(false);
                return;
            }
            pending = _engine.IngestAsync(inflated.Bytes, form.Format, attributes);
        }
        await SendAsync(context, await pending.ConfigureAwait(false)).ConfigureAwait(false);
    }

    private Task RefuseAsync(HttpContext context, ErrorCode code, string? detail) =>
        ProblemResponse.WriteAsync(context, code, detail, _metrics);

    private Task SendAsync(HttpContext context, IngestAnswer answer)
    {
        var response = context.Response;
        if (IsAllCapacity(answer)) return RefuseAsync(context, ErrorCode.Capacity, answer.Errors[0].Message);
        response.StatusCode = StatusCodes.Status202Accepted;
        if (IngestAnswerJson.Prepared(answer) is not { } prepared) return WriteAsync(context, answer);
        var headers = response.Headers;
        headers.ContentType = JsonResponse.MediaType;
        headers.XContentTypeOptions = "nosniff";
        response.ContentLength = prepared.Length;
        var written = response.BodyWriter.WriteAsync(prepared);
        return written.IsCompletedSuccessfully ? Done(written) : written.AsTask();

        static Task Done(ValueTask<FlushResult> written)
        {
            _ = written.Result;
            return Task.CompletedTask;
        }
    }

    private static async Task WriteAsync(HttpContext context, IngestAnswer answer)
    {
        using var buffer = new PooledBuffer();
        using (var json = buffer.BeginJson()) IngestAnswerJson.Write(json, answer);
        await JsonResponse.SendAsync(context, JsonResponse.MediaType, buffer).ConfigureAwait(false);
    }

    /// <summary>Nothing was kept and nothing was there before, and the only reason is a full table: the client should come back.</summary>
    private static bool IsAllCapacity(IngestAnswer answer)
    {
        if (answer.Accepted != 0 || answer.Duplicates != 0 || answer.Rejected == 0 || answer.Errors.Count == 0) return false;
        var capacity = ErrorCode.Capacity.Describe().Code;
        foreach (var error in answer.Errors)
        {
            if (!string.Equals(error.Code, capacity, StringComparison.Ordinal)) return false;
        }
        return true;
    }

    /// <summary>What the headers say about the body.</summary>
    private readonly record struct BodyForm(EventFormat Format, bool Gzip);
}
