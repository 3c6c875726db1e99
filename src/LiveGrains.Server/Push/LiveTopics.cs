namespace LiveGrains.Server.Push;

/// <summary>
/// All topics. It counts readers and topics and refuses above the limits; a topic that nobody reads stays for those who come back,
/// as one of the last <see cref="KeptIdle"/>. Any thread.
/// </summary>
internal sealed class LiveTopics(int maxReaders, int maxTopics, TimeProvider time) : IDisposable
{
    /// <summary>Topics without readers that are kept, with their changes.</summary>
    internal const int KeptIdle = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LiveTopic> _topics = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _idle = new();
    private long _lastRun = time.GetUtcNow().ToUnixTimeMilliseconds();
    private int _readers;
    private bool _disposed;

    /// <summary>Readers now.</summary>
    internal int Readers
    {
        get { lock (_lock) return _readers; }
    }

    /// <summary>Topics with readers.</summary>
    internal int Watched
    {
        get { lock (_lock) return _topics.Count - _idle.Count; }
    }

    /// <summary>
    /// The topic of a key, with one more reader; made with <paramref name="ask"/> when it is new. Throws
    /// <see cref="ErrorCode.TooManySubscribers"/> above a limit and <see cref="ErrorCode.ShuttingDown"/> at the end.
    /// </summary>
    internal LiveTopic Enter(string key, Func<CancellationToken, ValueTask<byte[]?>> ask)
    {
        lock (_lock)
        {
            if (_disposed) throw new LiveGrainsException(ErrorCode.ShuttingDown);
            if (_readers >= maxReaders)
                throw new LiveGrainsException(ErrorCode.TooManySubscribers, $"{maxReaders} connections are subscribed, as many as are allowed. Raise --max-subscribers, or read the call without /live.");
            if (!_topics.TryGetValue(key, out var topic))
            {
                CheckTopics();
                topic = new LiveTopic(ask, ++_lastRun, time);
                _topics.Add(key, topic);
            }
            else if (topic.Users == 0)
            {
                CheckTopics();
                _idle.Remove(key);
            }

            _readers++;
            topic.Enter();
            return topic;
        }
    }

    /// <summary>A reader is done.</summary>
    internal void Leave(string key, LiveTopic topic)
    {
        lock (_lock)
        {
            _readers--;
            topic.Leave();
            if (topic.Users > 0 || _disposed) return;
            _idle.AddLast(key);
            if (_idle.Count <= KeptIdle) return;
            _topics.Remove(_idle.First!.Value, out var oldest);
            _idle.RemoveFirst();
            oldest!.Dispose();
        }
    }

    /// <summary>Ends all streams; then every call is refused.</summary>
    public void Dispose()
    {
        LiveTopic[] topics;
        lock (_lock)
        {
            _disposed = true;
            topics = [.. _topics.Values];
        }
        foreach (var topic in topics) topic.Dispose();
    }

    private void CheckTopics()
    {
        if (_topics.Count - _idle.Count >= maxTopics)
            throw new LiveGrainsException(ErrorCode.TooManySubscribers, $"{maxTopics} rooms are watched, as many as are allowed at once. Raise --max-watched-rooms, or read the call without /live.");
    }
}
