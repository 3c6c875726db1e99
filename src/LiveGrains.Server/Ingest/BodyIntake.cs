using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;

namespace LiveGrains.Server.Ingest;

/// <summary>Reads whole bodies within the limits of size, memory and time. Any thread.</summary>
internal sealed class BodyIntake(ILiveGrains engine, ServerOptions options)
{
    /// <summary>What to say when the memory of bodies is spent.</summary>
    private const string BudgetSpent = "The server holds as many bodies as it may. Send the same request again after Retry-After.";

    /// <summary>The memory of all bodies.</summary>
    internal BodyBudget Budget { get; } = new(options.MaxBodyBytesInFlight);

    /// <summary>Reads to the end, after a first piece; a code other than none says why it stopped.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<ErrorCode> ReadToEndAsync(PipeReader reader, ReadResult first, Body body, long started)
    {
        var most = engine.Limits.MaxBodyBytes;
        for (var read = first; ; read = await reader.ReadAsync().ConfigureAwait(false))
        {
            var buffer = read.Buffer;
            var tooLarge = body.Length + buffer.Length > most;
            var taken = !tooLarge && body.TryAppend(buffer);
            reader.AdvanceTo(buffer.End);
            if (tooLarge) return ErrorCode.BodyTooLarge;
            if (!taken) return ErrorCode.Busy;
            if (read.IsCompleted) return ErrorCode.None;
            // A body that stalls is cut off by Kestrel's minimum rate, so this line is reached again within its grace.
            if (Stopwatch.GetElapsedTime(started) > options.BodyTimeout) return ErrorCode.RequestTimeout;
        }
    }

    /// <summary>Reads the whole body of a request that is JSON, gzip or not; it is the caller's to dispose. Throws the refusal.</summary>
    internal async Task<Body> ReadJsonAsync(HttpRequest request)
    {
        if (!request.HasJsonContentType()) throw new LiveGrainsException(ErrorCode.UnsupportedMediaType, "Content-Type must be application/json.");
        if (!TryReadEncoding(request.Headers, out var gzip)) throw new LiveGrainsException(ErrorCode.UnsupportedEncoding);
        if (request.ContentLength > engine.Limits.MaxBodyBytes) throw new LiveGrainsException(ErrorCode.BodyTooLarge);
        var started = Stopwatch.GetTimestamp();
        var body = new Body(Budget);
        var inflated = new Body(Budget);
        try
        {
            var first = await request.BodyReader.ReadAsync().ConfigureAwait(false);
            Check(await ReadToEndAsync(request.BodyReader, first, body, started).ConfigureAwait(false), inflating: false);
            if (!gzip) return body;
            Check(Inflate(body, inflated), inflating: true);
            body.Dispose();
            return inflated;
        }
        catch
        {
            body.Dispose();
            inflated.Dispose();
            throw;
        }
    }

    private void Check(ErrorCode outcome, bool inflating)
    {
        if (outcome != ErrorCode.None) throw new LiveGrainsException(outcome, Refusal(outcome, inflating));
    }

    /// <summary>Inflates a gzip body.</summary>
    internal ErrorCode Inflate(Body body, Body inflated) => GzipInflater.Inflate(body, inflated, engine.Limits.MaxInflatedBytes);

    /// <summary>What to say of a body that could not be read.</summary>
    internal string? Refusal(ErrorCode outcome, bool inflating) => outcome switch
    {
        ErrorCode.BodyTooLarge when inflating => $"The body inflates to more than {engine.Limits.MaxInflatedBytes} bytes. Send smaller batches.",
        ErrorCode.NothingToRead when inflating => "The body is not gzip, or is cut short, although Content-Encoding says gzip.",
        ErrorCode.Busy => BudgetSpent,
        _ => null,
    };

    /// <summary>Reads `Content-Encoding`: gzip or none.</summary>
    internal static bool TryReadEncoding(IHeaderDictionary headers, out bool gzip)
    {
        gzip = false;
        var encoding = headers.ContentEncoding;
        if (encoding.Count == 0) return true;
        var text = encoding.ToString().AsSpan().Trim();
        gzip = text.Equals("gzip", StringComparison.OrdinalIgnoreCase) || text.Equals("x-gzip", StringComparison.OrdinalIgnoreCase);
        return gzip || text.Equals("identity", StringComparison.OrdinalIgnoreCase);
    }
}
