namespace LiveGrains.Cli.Replay;

/// <summary>What became of the events. Any thread.</summary>
public sealed class ReplayTotals
{
    /// <summary>So many refusals are kept with their place.</summary>
    public const int KeptErrors = 10;

    private readonly Lock _lock = new();
    private readonly List<ReplayError> _errors = [];
    private readonly SortedDictionary<string, long> _byCode = new(StringComparer.Ordinal);
    private long _accepted;
    private long _duplicates;
    private long _rejected;
    private long _requests;
    private long _retries;

    /// <summary>Events that were accepted.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>Events that were there before.</summary>
    public long Duplicates => Interlocked.Read(ref _duplicates);

    /// <summary>Events that were refused.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Requests that were answered.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Requests that were sent again.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>All events with an outcome.</summary>
    public long Events => Accepted + Duplicates + Rejected;

    /// <summary>The first refusals.</summary>
    public IReadOnlyList<ReplayError> Errors
    {
        get
        {
            lock (_lock) return _errors.ToArray();
        }
    }

    /// <summary>Refusals by code, of those that were named.</summary>
    public IReadOnlyDictionary<string, long> RejectedByCode
    {
        get
        {
            lock (_lock) return new SortedDictionary<string, long>(_byCode, StringComparer.Ordinal);
        }
    }

    /// <summary>Adds the answer to a part of a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="first">The index in the batch of the part's first event.</param>
    /// <param name="answer">The answer.</param>
    public void Add(EventBatch batch, int first, IngestAnswer answer)
    {
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _accepted, answer.Accepted);
        Interlocked.Add(ref _duplicates, answer.Duplicates);
        Interlocked.Add(ref _rejected, answer.Rejected);
        if (answer.Errors is not { Count: > 0 }) return;
        lock (_lock)
        {
            foreach (var error in answer.Errors)
            {
                Keep(new ReplayError(batch.Input, batch.Line(first + error.Index), error.Id, error.Code, error.Message));
            }
        }
    }

    /// <summary>Adds events that were refused together.</summary>
    public void Refuse(EventBatch batch, int first, int count, ErrorDescription why)
    {
        Interlocked.Add(ref _rejected, count);
        lock (_lock)
        {
            for (var i = first; i < first + count; i++)
            {
                Keep(new ReplayError(batch.Input, batch.Line(i), null, why.Code, why.Title));
            }
        }
    }

    /// <summary>Adds the lines of a batch that are too long to be sent.</summary>
    public void RefuseOversized(EventBatch batch)
    {
        if (batch.Oversized.Count == 0) return;
        var why = ErrorCode.EventTooLarge.Describe();
        Interlocked.Add(ref _rejected, batch.Oversized.Count);
        lock (_lock)
        {
            foreach (var line in batch.Oversized) Keep(new ReplayError(batch.Input, line, null, why.Code, why.Title));
        }
    }

    /// <summary>Counts a request that is sent again.</summary>
    public void Retry() => Interlocked.Increment(ref _retries);

    private void Keep(ReplayError error)
    {
        _byCode[error.Code] = _byCode.GetValueOrDefault(error.Code) + 1;
        if (_errors.Count < KeptErrors) _errors.Add(error);
    }
}
