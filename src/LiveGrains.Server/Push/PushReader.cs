using System.IO.Pipelines;

namespace LiveGrains.Server.Push;

/// <summary>
/// One connection that reads a topic. What it has not taken is never kept for it: while a write waits, versions pass it by, and when
/// the write is done it gets the newest state as one snapshot. Writes come from the topic's loop and from the end of a write
/// before; a lock of its own keeps them apart.
/// </summary>
internal sealed class PushReader(PipeWriter output)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private LiveTopic? _topic;
    private long _version;
    private bool _busy;
    private bool _closed;

    /// <summary>Done when nothing will be written any more; failed when the connection is.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>Times the newest state went out as a snapshot because the reader was behind.</summary>
    internal long Skips { get; private set; }

    /// <summary>Writes what brings the reader to a version, and lets it take part from there.</summary>
    internal void Begin(LiveTopic topic, ReadOnlyMemory<byte> first, long version)
    {
        lock (_lock)
        {
            _topic = topic;
            _version = version;
            Write(first);
        }
    }

    /// <summary>The next version is there. <paramref name="bytes"/> belong to all readers and never change.</summary>
    internal void Offer(ReadOnlyMemory<byte> bytes, long version)
    {
        lock (_lock)
        {
            if (_busy || _closed || _version != version - 1) return;
            _version = version;
            Write(bytes);
        }
    }

    /// <summary>A sign of life, unless a write waits: then the connection has something to say anyway.</summary>
    internal void Heartbeat()
    {
        lock (_lock)
        {
            if (!_busy && !_closed) Write(PushFrames.Heartbeat);
        }
    }

    /// <summary>Nothing is written any more, once this has returned and a write that waits is done.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _closed = true;
            if (!_busy) _ended.TrySetResult();
        }
    }

    private void Write(ReadOnlyMemory<byte> bytes)
    {
        ValueTask<FlushResult> flush;
        try
        {
            bytes.Span.CopyTo(output.GetSpan(bytes.Length));
            output.Advance(bytes.Length);
            flush = output.FlushAsync();
        }
        catch (Exception exception)
        {
            // The response is over: the connection was closed between two writes.
            Fail(exception);
            return;
        }

        if (flush.IsCompletedSuccessfully)
        {
            if (flush.Result.IsCompleted) Fail(null);
            return;
        }

        _busy = true;
        _ = WaitAsync(flush);
    }

    private async Task WaitAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            var result = await flush.ConfigureAwait(false);
            lock (_lock)
            {
                _busy = false;
                if (result.IsCompleted) Fail(null);
                else if (_closed) _ended.TrySetResult();
                else CatchUp();
            }
        }
        catch (Exception exception)
        {
            lock (_lock) Fail(exception);
        }
    }

    private void CatchUp()
    {
        var (snapshot, version) = _topic!.Newest;
        if (version == _version) return;
        Skips++;
        _version = version;
        Write(snapshot);
    }

    private void Fail(Exception? exception)
    {
        _closed = true;
        if (exception is null) _ended.TrySetResult();
        else _ended.TrySetException(exception);
    }
}
