using System.Text.Json;
using LiveGrains.Server.Json;

namespace LiveGrains.Server.Push;

/// <summary>
/// One thing that is watched: a room, the platform, the tail of events. While it has readers a loop asks its source once a tick, makes
/// the difference to the state before as one array of bytes, and writes these same bytes to every reader. It keeps the last
/// <see cref="KeptChanges"/> changes so that a reader who comes back takes up where it was. Any thread.
/// </summary>
internal sealed class LiveTopic : IDisposable
{
    /// <summary>From one message to the next: at most four a second.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>Silence after which a sign of life is sent.</summary>
    internal static readonly TimeSpan HeartbeatAfter = TimeSpan.FromSeconds(10);

    /// <summary>Changes that are kept for readers who come back: 16 s of a busy room.</summary>
    internal const int KeptChanges = 64;

    private readonly Func<CancellationToken, ValueTask<byte[]?>> _ask;
    private readonly TimeProvider _time;
    private readonly long _run;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<byte[]> _changes = new();
    private PushReader[] _readers = [];
    private TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private JsonDocument? _state;
    private Frame? _newest;
    private Task _loop = Task.CompletedTask;
    private bool _running;
    private int _users;
    private long _lastAsked;
    private long _lastSent;

    /// <summary>Makes a topic.</summary>
    /// <param name="ask">The state now as UTF-8 JSON, a whole object with `asOf`; null: it is not known. Called by one loop, at most once a tick.</param>
    /// <param name="run">What tells this topic's ids from all others.</param>
    /// <param name="time">The time of ticks.</param>
    internal LiveTopic(Func<CancellationToken, ValueTask<byte[]?>> ask, long run, TimeProvider time)
    {
        _ask = ask;
        _run = run;
        _time = time;
        _lastAsked = time.GetTimestamp() - (long)(Tick.TotalSeconds * time.TimestampFrequency);
    }

    /// <summary>The newest state as a snapshot event, and its version.</summary>
    internal (ReadOnlyMemory<byte> Snapshot, long Version) Newest
    {
        get
        {
            var newest = Volatile.Read(ref _newest)!;
            return (newest.Bytes, newest.Version);
        }
    }

    /// <summary>Requests that use the topic. Changed by its owner only, under the owner's lock.</summary>
    internal int Users => Volatile.Read(ref _users);

    /// <summary>A request begins to use the topic; the loop runs until the last one has stopped.</summary>
    internal void Enter()
    {
        lock (_lock)
        {
            _users++;
            if (_running) return;
            _running = true;
            if (_ready.Task.IsCompleted) _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var before = _loop;
            _loop = Task.Run(() => RunAsync(before));
        }
    }

    /// <summary>A request is done with the topic.</summary>
    internal void Leave()
    {
        lock (_lock) _users--;
    }

    /// <summary>Waits for a state that is not older than a tick; false: the source does not know the thing. Throws what the source throws.</summary>
    internal Task<bool> ReadyAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return _ready.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Begins a reader: with the changes since its last event when they are all here, otherwise with a snapshot.</summary>
    internal void Add(PushReader reader, PushId? last)
    {
        lock (_lock)
        {
            var newest = _newest!;
            byte[] first = Missed(last, newest) is { } missed ? [.. PushFrames.Opening, .. missed] : [.. PushFrames.Opening, .. newest.Bytes.Span];
            reader.Begin(this, first, newest.Version);
            _readers = [.. _readers, reader];
            // The loop ended between the state and here.
            if (!_running) reader.Close();
        }
    }

    /// <summary>Ends a reader.</summary>
    internal void Remove(PushReader reader)
    {
        lock (_lock) _readers = [.. _readers.Where(other => other != reader)];
    }

    /// <summary>Ends the loop and all readers.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        lock (_lock) CloseAll();
    }

    private async Task RunAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            // Once a tick holds across loops, too.
            await WaitAsync(_lastAsked).ConfigureAwait(false);
            while (await StepAsync().ConfigureAwait(false)) await WaitAsync(_lastAsked).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whoever waits is told; whoever reads connects again and is told then.
            lock (_lock)
            {
                _running = false;
                _ready.TrySetException(exception);
                CloseAll();
            }
        }
    }

    private async Task WaitAsync(long since)
    {
        var wait = Tick - _time.GetElapsedTime(since);
        if (wait > TimeSpan.Zero) await Task.Delay(wait, _time, _stop.Token).ConfigureAwait(false);
    }

    /// <summary>One tick; false when there is nobody left.</summary>
    private async Task<bool> StepAsync()
    {
        lock (_lock)
        {
            if (_users == 0)
            {
                _running = false;
                return false;
            }
        }

        var state = await _ask(_stop.Token).ConfigureAwait(false);
        _lastAsked = _time.GetTimestamp();
        lock (_lock)
        {
            if (state is null)
            {
                _running = false;
                _ready.TrySetResult(false);
                CloseAll();
                return false;
            }

            Publish(state);
            _ready.TrySetResult(true);
        }
        return true;
    }

    private void Publish(byte[] state)
    {
        var document = JsonDocument.Parse(state);
        var version = (_newest?.Version ?? 0) + 1;
        using var buffer = new PooledBuffer();
        var kind = ChangeKind.Reset;
        if (_state is { } before)
        {
            using var json = buffer.BeginJson();
            kind = ChangeJson.Write(before.RootElement, document.RootElement, json);
        }

        if (kind == ChangeKind.None)
        {
            document.Dispose();
            if (_time.GetElapsedTime(_lastSent) < HeartbeatAfter) return;
            _lastSent = _time.GetTimestamp();
            foreach (var reader in _readers) reader.Heartbeat();
            return;
        }

        _state?.Dispose();
        _state = document;
        var newest = new Frame(state, new PushId(_run, version));
        Volatile.Write(ref _newest, newest);
        _lastSent = _time.GetTimestamp();
        if (kind == ChangeKind.Reset)
        {
            _changes.Clear();
            foreach (var reader in _readers) reader.Offer(newest.Bytes, version);
            return;
        }

        var change = PushFrames.Event("change", new PushId(_run, version), buffer.Written.Span);
        if (_changes.Count == KeptChanges) _changes.Dequeue();
        _changes.Enqueue(change);
        foreach (var reader in _readers) reader.Offer(change, version);
    }

    /// <summary>The changes since a reader's last event; null when they are not all here, or are more than a snapshot.</summary>
    private byte[]? Missed(PushId? last, Frame newest)
    {
        if (last is not { } id || id.Run != _run || id.Version > newest.Version || newest.Version - id.Version > _changes.Count) return null;
        var missed = _changes.Skip(_changes.Count - (int)(newest.Version - id.Version)).ToArray();
        return missed.Sum(change => change.Length) <= newest.Bytes.Length ? [.. missed.SelectMany(change => change)] : null;
    }

    private void CloseAll()
    {
        foreach (var reader in _readers) reader.Close();
    }

    /// <summary>A state; the bytes of its event are made when the first reader needs them, and once.</summary>
    private sealed class Frame(byte[] state, PushId id)
    {
        private readonly Lazy<byte[]> _bytes = new(() => PushFrames.Event("snapshot", id, state));

        internal long Version => id.Version;

        internal ReadOnlyMemory<byte> Bytes => _bytes.Value;
    }
}
