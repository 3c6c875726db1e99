namespace LiveGrains.Cli.Replay;

/// <summary>Where batches go. One caller at a time; outcomes go to the totals.</summary>
public interface IEventSink : IAsyncDisposable
{
    /// <summary>Takes a batch and owns it from here. May return before its outcome is known; waits when too many are under way.</summary>
    ValueTask SendAsync(EventBatch batch, CancellationToken cancellationToken);

    /// <summary>Returns when every batch has its outcome.</summary>
    ValueTask FlushAsync(CancellationToken cancellationToken);
}
