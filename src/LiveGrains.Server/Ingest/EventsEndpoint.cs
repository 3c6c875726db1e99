using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using LiveGrains.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

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
    private readonly BodyBudget _budget;
    private readonly TimeSpan _bodyTimeout;

    internal EventsEndpoint(ILiveGrains engine, ServerOptions options, RequestMetrics metrics, ILogger logger)
    {
        _engine = engine;
        _metrics = metrics;
        _route = metrics.Route(Path);
        _logger = logger;
        _budget = new BodyBudget(options.MaxBodyBytesInFlight);
        _bodyTimeout = options.BodyTimeout;
        metrics.BodyBytes = () => _budget.Taken;
    }

    /// <summary>True for the request as everybody spells it.</summary>
    internal static bool IsMatch(HttpRequest request) =>
        string.Equals(request.Path.Value, Path, StringComparison.Ordinal) && HttpMethods.IsPost(request.Method);

    /// <summary>Maps the call for routing, which answers other methods, and for the description.</summary>
    internal void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, (RequestDelegate)ThrowingAsync).Describe(EventsDescription.Call, ThrowingAsync, _route);

    /// <summary>Answers the request, whatever happens, and counts it.</summary>
    internal async Task HandleAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        _metrics.Began();
        try
        {
            await AnswerAsync(context, started).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await ProblemResponse.WriteAsync(context, exception, _metrics, _logger).ConfigureAwait(false);
        }
        finally
        {
            _route.Count(context.Response.StatusCode, Stopwatch.GetElapsedTime(started));
            _metrics.Ended();
        }
    }

    private Task ThrowingAsync(HttpContext context) => AnswerAsync(context, Stopwatch.GetTimestamp()).AsTask();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync(HttpContext context, long started)
    {
        var request = context.Request;
        var limits = _engine.Limits;
        var (refusal, format, gzip) = ReadHeaders(request, limits);
        if (refusal != ErrorCode.None)
        {
            await RefuseAsync(context, refusal, null).ConfigureAwait(false);
            return;
        }
        var attributes = format == EventFormat.CloudEventBinary ? CloudEventHeaders.Read(request.Headers) : null;

        var reader = request.BodyReader;
        IngestAnswer answer;
        var first = await reader.ReadAsync().ConfigureAwait(false);
        if (!gzip && first.Buffer.IsSingleSegment && (first.IsCompleted || first.Buffer.Length == request.ContentLength))
        {
            ValueTask<IngestAnswer> pending;
            try
            {
                pending = first.Buffer.Length > limits.MaxBodyBytes
                    ? throw new LiveGrainsException(ErrorCode.BodyTooLarge)
                    : _engine.IngestAsync(first.Buffer.First, format, attributes);
            }
            finally
            {
                // The engine has read the body when its call returns; the piece may go back to the connection.
                reader.AdvanceTo(first.Buffer.End);
            }
            answer = await pending.ConfigureAwait(false);
        }
        else
        {
            var (code, detail, whole) = await PutTogetherAsync(reader, first, gzip, limits, started, format, attributes).ConfigureAwait(false);
            if (whole is null)
            {
                await RefuseAsync(context, code, detail).ConfigureAwait(false);
                return;
            }
            answer = whole;
        }
        await SendAsync(context, answer).ConfigureAwait(false);
    }

    private static (ErrorCode Refusal, EventFormat Format, bool Gzip) ReadHeaders(HttpRequest request, RequestLimits limits)
    {
        var headers = request.Headers;
        var known = EventMediaType.TryParse(headers.ContentType.ToString(), out var format);
        var structured = known && (format is EventFormat.CloudEvent or EventFormat.CloudEventBatch);
        // In binary mode the content type is that of the data, whatever it is.
        if (!structured && CloudEventHeaders.ArePresent(headers)) format = EventFormat.CloudEventBinary;
        else if (!known) return (ErrorCode.UnsupportedMediaType, default, false);
        var gzip = false;
        var encoding = headers.ContentEncoding;
        if (encoding.Count > 0)
        {
            gzip = IsEncoding(encoding, "gzip") || IsEncoding(encoding, "x-gzip");
            if (!gzip && !IsEncoding(encoding, "identity")) return (ErrorCode.UnsupportedEncoding, default, false);
        }
        return request.ContentLength > limits.MaxBodyBytes
            ? (ErrorCode.BodyTooLarge, default, false)
            : (ErrorCode.None, format, gzip);
    }

    private static bool IsEncoding(StringValues header, string encoding) =>
        header.ToString().AsSpan().Trim().Equals(encoding, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the body to its end into one array, inflates it where that is asked for, and hands it to the engine.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(ErrorCode Code, string? Detail, IngestAnswer? Answer)> PutTogetherAsync(PipeReader reader, ReadResult first,
        bool gzip, RequestLimits limits, long started, EventFormat format, CloudEventAttributes? attributes)
    {
        using var body = new Body(_budget);
        for (var read = first; ; read = await reader.ReadAsync().ConfigureAwait(false))
        {
            var buffer = read.Buffer;
            var tooLarge = body.Length + buffer.Length > limits.MaxBodyBytes;
            var taken = !tooLarge && body.TryAppend(buffer);
            reader.AdvanceTo(buffer.End);
            if (tooLarge) return (ErrorCode.BodyTooLarge, null, null);
            if (!taken) return (ErrorCode.Busy, "The server holds as many bodies as it may. Send the same request again after Retry-After.", null);
            if (read.IsCompleted) break;
            // A body that stalls is cut off by Kestrel's minimum rate, so this line is reached again within its grace.
            if (Stopwatch.GetElapsedTime(started) > _bodyTimeout) return (ErrorCode.RequestTimeout, null, null);
        }
        // The engine has read a body when its call returns: memory is given back before the wait for the disk.
        ValueTask<IngestAnswer> pending;
        if (!gzip)
        {
            pending = _engine.IngestAsync(body.Bytes, format, attributes);
            body.Dispose();
            return (ErrorCode.None, null, await pending.ConfigureAwait(false));
        }
        using (var inflated = new Body(_budget))
        {
            var outcome = GzipInflater.Inflate(body, inflated, limits.MaxInflatedBytes);
            if (outcome != ErrorCode.None)
            {
                return (outcome, outcome switch
                {
                    ErrorCode.BodyTooLarge => $"The body inflates to more than {limits.MaxInflatedBytes} bytes. Send smaller batches.",
                    ErrorCode.NothingToRead => "The body is not gzip, or is cut short, although Content-Encoding says gzip.",
                    _ => null,
                }, null);
            }
            body.Dispose();
            pending = _engine.IngestAsync(inflated.Bytes, format, attributes);
        }
        return (ErrorCode.None, null, await pending.ConfigureAwait(false));
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
}
