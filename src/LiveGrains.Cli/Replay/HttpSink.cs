using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace LiveGrains.Cli.Replay;

/// <summary>
/// Sends to a server. With one request under way the order of the events is kept, also over retries; with more, batches
/// may overtake each other, so a batch whose order matters (sequence numbers, begin and end of broadcasts, catalog) is sent
/// alone. 408, 429, 5xx and a lost connection are tried again; a batch that is too large is halved.
/// </summary>
public sealed class HttpSink : IEventSink
{
    private static readonly MediaTypeHeaderValue _lines = new("application/x-ndjson");

    private readonly HttpClient _client;
    private readonly Uri _address;
    private readonly RetryPolicy _policy;
    private readonly TimeProvider _time;
    private readonly ReplayTotals _totals;
    private readonly int _inFlight;
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _failed = new();
    private readonly Lock _lock = new();
    private Exception? _failure;

    /// <summary>Makes the sink.</summary>
    /// <param name="server">The server's address, ending in a slash.</param>
    /// <param name="inFlight">Requests under way at a time.</param>
    /// <param name="policy">When to try again.</param>
    /// <param name="time">Time of the waits.</param>
    /// <param name="totals">Takes the outcomes.</param>
    public HttpSink(Uri server, int inFlight, RetryPolicy policy, TimeProvider time, ReplayTotals totals)
    {
        _address = new Uri(server, "v1/events");
        _policy = policy;
        _time = time;
        _totals = totals;
        _inFlight = inFlight;
        _slots = new SemaphoreSlim(inFlight, inFlight);
        _client = new HttpClient(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = inFlight,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            UseProxy = !server.IsLoopback,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        _totals.RefuseOversized(batch);
        if (_inFlight > 1 && OrderMatters(batch.Body.Span))
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            await StartAsync(batch, cancellationToken).ConfigureAwait(false);
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            return;
        }
        await StartAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var taken = 0;
        try
        {
            for (; taken < _inFlight; taken++) await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (taken > 0) _slots.Release(taken);
        }
        ThrowIfFailed();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _failed.CancelAsync().ConfigureAwait(false);
        for (var i = 0; i < _inFlight; i++) await _slots.WaitAsync().ConfigureAwait(false);
        _client.Dispose();
        _slots.Dispose();
        _failed.Dispose();
    }

    private static bool OrderMatters(ReadOnlySpan<byte> body) =>
        body.IndexOf("\"seq\""u8) >= 0 || body.IndexOf("\"room."u8) >= 0 || body.IndexOf(".upsert\""u8) >= 0;

    private async ValueTask StartAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        // The caller reads the next batch meanwhile. The slot is the owner of this task: it comes back when the task ends, and a
        // failure shows at the next call.
        _ = Task.Run(() => DeliverAndReleaseAsync(batch, cancellationToken), CancellationToken.None);
        ThrowIfFailed();
    }

    private async Task DeliverAndReleaseAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _failed.Token);
            linked.Token.ThrowIfCancellationRequested();
            if (batch.Count > 0) await DeliverAsync(batch, 0, batch.Count, linked.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            lock (_lock) _failure ??= exception;
            await _failed.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            batch.Dispose();
            _slots.Release();
        }
    }

    private async Task DeliverAsync(EventBatch batch, int from, int to, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            var (status, retryAfter, answer, words) = await TryOnceAsync(batch.Slice(from, to), cancellationToken).ConfigureAwait(false);
            if (answer is not null)
            {
                _totals.Add(batch, from, answer);
                return;
            }
            if (status == HttpStatusCode.RequestEntityTooLarge && to - from > 1)
            {
                var middle = from + (to - from) / 2;
                await DeliverAsync(batch, from, middle, cancellationToken).ConfigureAwait(false);
                await DeliverAsync(batch, middle, to, cancellationToken).ConfigureAwait(false);
                return;
            }
            if (status is HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge)
            {
                var code = status == HttpStatusCode.BadRequest ? ErrorCode.NothingToRead : ErrorCode.BodyTooLarge;
                _totals.Refuse(batch, from, to - from, code.Describe());
                return;
            }
            if (!IsTransient(status))
            {
                throw new HttpRequestException($"{_address} answered {(int)status!} {status}{words}");
            }
            var wait = _policy.Wait(attempt, retryAfter, Random.Shared.NextDouble());
            if (_time.GetElapsedTime(started) + wait > _policy.GiveUpAfter)
            {
                throw new HttpRequestException(
                    $"{_address} took no events for {Words.Duration(_policy.GiveUpAfter)} ({(status is null ? "no connection" : ((int)status).ToString())}{words}); "
                    + $"given up at {batch.Input}:{batch.Line(from)}. Run the same again later: what the server has counts as duplicates.");
            }
            _totals.Retry();
            await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(HttpStatusCode? Status, TimeSpan? RetryAfter, IngestAnswer? Answer, string Words)> TryOnceAsync(
        ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_policy.AttemptTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = _lines;
            using var response = await _client.PostAsync(_address, content, linked.Token).ConfigureAwait(false);
            var text = await response.Content.ReadAsByteArrayAsync(linked.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return (response.StatusCode, null, JsonSerializer.Deserialize<IngestAnswer>(text, JsonText.Compact), "");
            }
            return (response.StatusCode, RetryAfter(response), null, Problem(text));
        }
        catch (HttpRequestException exception)
        {
            return (null, null, null, ": " + exception.Message);
        }
        catch (IOException exception)
        {
            return (null, null, null, ": " + exception.Message);
        }
        catch (JsonException)
        {
            return (null, null, null, ": the answer is not JSON of this API");
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (null, null, null, ": no answer in " + Words.Duration(_policy.AttemptTimeout));
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    private static bool IsTransient(HttpStatusCode? status) =>
        status is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private static string Problem(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return "";
            var code = root.TryGetProperty("code", out var c) ? c.ToString() : "";
            var title = root.TryGetProperty("title", out var t) ? t.ToString() : "";
            return $": {code} {title}".TrimEnd();
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private void ThrowIfFailed()
    {
        Exception? failure;
        lock (_lock) failure = _failure;
        if (failure is not null) throw failure is OperationCanceledException ? failure : new HttpRequestException(failure.Message, failure);
    }
}
