namespace LiveGrains.Cli.Replay;

/// <summary>
/// Sends to an engine in this process. A few calls are under way at a time, made in order from one thread, so that reading,
/// writing to disk and folding overlap. When one is refused as busy, it is made again before any later one.
/// </summary>
public sealed class EngineSink : IEventSink
{
    private const int CallsUnderWay = 8;
    private static readonly TimeSpan _busyPause = TimeSpan.FromMilliseconds(5);

    private readonly ILiveGrains _engine;
    private readonly TimeProvider _time;
    private readonly ReplayTotals _totals;
    private readonly Queue<(EventBatch Batch, Task<IngestAnswer> Answer)> _pending = new();

    /// <summary>Makes the sink; the engine is not disposed by it.</summary>
    public EngineSink(ILiveGrains engine, TimeProvider time, ReplayTotals totals)
    {
        _engine = engine;
        _time = time;
        _totals = totals;
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        _totals.RefuseOversized(batch);
        if (batch.Count == 0)
        {
            batch.Dispose();
            return;
        }
        _pending.Enqueue((batch, IngestAsync(batch.Body, cancellationToken)));
        while (_pending.Count >= CallsUnderWay || (_pending.Count > 0 && _pending.Peek().Answer.IsCompleted))
        {
            await SettleAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        while (_pending.Count > 0) await SettleAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // After a failure the calls that are still under way end before the engine does.
        foreach (var (batch, answer) in _pending)
        {
            await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            batch.Dispose();
        }
        _pending.Clear();
    }

    private async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        var (batch, answer) = _pending.Peek();
        try
        {
            _totals.Add(batch, 0, await answer.ConfigureAwait(false));
        }
        catch (LiveGrainsException refusal) when (Divides(refusal.Code) || refusal.Code is ErrorCode.NothingToRead or ErrorCode.Busy)
        {
            await DeliverAsync(batch, 0, batch.Count, cancellationToken).ConfigureAwait(false);
        }
        _pending.Dequeue();
        batch.Dispose();
    }

    private async ValueTask DeliverAsync(EventBatch batch, int from, int to, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var answer = await IngestAsync(batch.Slice(from, to), cancellationToken).ConfigureAwait(false);
                _totals.Add(batch, from, answer);
                return;
            }
            catch (LiveGrainsException refusal) when (refusal.Code == ErrorCode.Busy)
            {
                _totals.Retry();
                await Task.Delay(_busyPause, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (LiveGrainsException refusal) when (refusal.Code == ErrorCode.NothingToRead || (Divides(refusal.Code) && to - from == 1))
            {
                _totals.Refuse(batch, from, to - from, refusal.Code.Describe());
                return;
            }
            catch (LiveGrainsException refusal) when (Divides(refusal.Code))
            {
                var middle = from + (to - from) / 2;
                await DeliverAsync(batch, from, middle, cancellationToken).ConfigureAwait(false);
                await DeliverAsync(batch, middle, to, cancellationToken).ConfigureAwait(false);
                return;
            }
        }
    }

    private async Task<IngestAnswer> IngestAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        await _engine.IngestAsync(body, EventFormat.NdJson, null, cancellationToken).ConfigureAwait(false);

    private static bool Divides(ErrorCode code) => code is ErrorCode.BodyTooLarge or ErrorCode.TooManyEvents;
}
