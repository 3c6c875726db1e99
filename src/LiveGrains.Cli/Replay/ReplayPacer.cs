namespace LiveGrains.Cli.Replay;

/// <summary>Holds batches back until their event time is due: event time runs <c>speed</c> times as fast as time does.</summary>
public sealed class ReplayPacer
{
    /// <summary>Time that the events of one batch may span, in ms of the replay.</summary>
    public const double SliceMs = 100;

    private readonly TimeProvider _time;
    private readonly double _speed;
    private long _started;
    private long? _firstMs;

    /// <summary>Makes a pacer.</summary>
    public ReplayPacer(TimeProvider time, double speed)
    {
        _time = time;
        _speed = speed;
    }

    /// <summary>Event time of one batch, in ms.</summary>
    public long SliceOfEventTimeMs => Math.Max(1, (long)(SliceMs * _speed));

    /// <summary>Waits until the batch is due. The first batch is due at once; one without a time too.</summary>
    public async ValueTask WaitAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        if (batch.TimeMs is not { } timeMs) return;
        if (_firstMs is not { } first)
        {
            _firstMs = timeMs;
            _started = _time.GetTimestamp();
            return;
        }
        var due = TimeSpan.FromMilliseconds((timeMs - first) / _speed);
        var wait = due - _time.GetElapsedTime(_started);
        if (wait > TimeSpan.FromMilliseconds(1)) await Task.Delay(wait, _time, cancellationToken).ConfigureAwait(false);
    }
}
