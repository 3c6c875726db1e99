using System.Buffers;
using LiveGrains.Simulator.Behaviour;
using LiveGrains.Simulator.Lines;
using LiveGrains.Simulator.World;

namespace LiveGrains.Simulator;

/// <summary>
/// A live platform as a stream of events: UTF-8 JSON lines (SPEC section 2) in order of event time. The bytes depend on the
/// options alone, not on the machine, nor on how the stream is cut into batches. Memory is fixed by the numbers of rooms,
/// users and products, not by the length of the stream. Not safe for use by several threads at a time.
/// </summary>
public sealed class PlatformSimulator
{
    private const int ArrivalsActor = int.MinValue;
    private const int ClerkActor = int.MinValue + 1;

    private readonly LineState _lines;
    private readonly Platform _platform;
    private readonly RoomDirector _director;
    private readonly Arrivals _arrivals;
    private readonly CatalogClerk _clerk;
    private readonly Browsing _browsing;
    private readonly Watching _watching;
    private readonly long _endMs;
    private long _currentMs;

    /// <summary>Makes the world. Takes one to two seconds per million users.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public PlatformSimulator(SimulatorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ThrowIfInvalid();
        _lines = new LineState(options);
        _platform = new Platform(options);
        _director = new RoomDirector(_platform);
        _arrivals = new Arrivals(_platform);
        _clerk = new CatalogClerk(_platform);
        _browsing = new Browsing(_platform);
        _watching = new Watching(_platform, _browsing, new Purchase(_platform));
        _endMs = options.Minutes * 60_000L;
        _platform.Queue.Add(1, ClerkActor);
        for (var room = 0; room < options.Rooms; room++)
            _platform.Queue.Add(_director.FirstMs(room), ~room);
        _platform.Queue.Add(300, ArrivalsActor);
    }

    /// <summary>Event time of the last written event, in milliseconds since 1970 UTC; before the first, of the start.</summary>
    public long CurrentTimeMs => _lines.StartMs + _currentMs;

    /// <summary>Totals of what was written so far.</summary>
    public SimulatorSummary Summary
    {
        get
        {
            var byType = new Dictionary<string, long>();
            for (var i = 0; i < _lines.Counts.Length; i++)
            {
                if (_lines.Counts[i] > 0)
                    byType.Add(LineState.TypeNames[i], _lines.Counts[i]);
            }

            return new SimulatorSummary(_lines.Lines, _lines.Bytes, _platform.Rooms.OnAir, _platform.Watching, byType);
        }
    }

    /// <summary>Writes the next events, one line each, ended by a line feed.</summary>
    /// <param name="writer">Receives the bytes; whole lines only.</param>
    /// <param name="maxEvents">At least 1.</param>
    /// <returns>The number of events written; 0 at the end of the stream.</returns>
    public int WriteNext(IBufferWriter<byte> writer, int maxEvents) => WriteUntil(writer, long.MaxValue, maxEvents);

    /// <summary>
    /// Writes the next events that are not later than a time: for a caller that plays the stream in real time.
    /// </summary>
    /// <param name="writer">Receives the bytes; whole lines only.</param>
    /// <param name="untilMs">The latest event time, inclusive, in milliseconds since 1970 UTC.</param>
    /// <param name="maxEvents">At least 1.</param>
    /// <returns>The number of events written; 0 when none is due, or at the end of the stream.</returns>
    public int WriteUntil(IBufferWriter<byte> writer, long untilMs, int maxEvents)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxEvents, 1);
        var lastMs = Math.Min(_endMs, untilMs == long.MaxValue ? untilMs : untilMs - _lines.StartMs);
        var first = _lines.Lines;
        var stop = first + maxEvents;
        var queue = _platform.Queue;
        var line = new LineWriter(_lines, writer);
        while (_lines.Lines < stop)
        {
            // The queue is never empty: users arrive and rooms return for ever.
            var nowMs = queue.NextMs;
            if (nowMs > lastMs)
                break;
            var before = _lines.Lines;
            var nextMs = Step(queue.NextActor, nowMs, ref line);
            if (nextMs >= 0)
                queue.Postpone(nextMs);
            else
                queue.Remove();
            if (_lines.Lines > before)
                _currentMs = nowMs;
        }

        line.Flush();
        return (int)(_lines.Lines - first);
    }

    private long Step(int actor, long nowMs, ref LineWriter line)
    {
        if (actor >= 0)
            return StepViewer(actor, nowMs, ref line);
        return actor switch
        {
            ArrivalsActor => Arrive(nowMs),
            ClerkActor => _clerk.Step(nowMs, ref line),
            _ => _director.Step(~actor, nowMs, ref line),
        };
    }

    private long Arrive(long nowMs)
    {
        var nextMs = _arrivals.Step(nowMs, out var user);
        _platform.Viewers.Start(user, nowMs, room: -1, Channel.Feed);
        return nextMs;
    }

    private long StepViewer(int actor, long nowMs, ref LineWriter line)
    {
        ref var viewer = ref _platform.Viewers[actor];
        var nextMs = viewer.Phase switch
        {
            ViewerPhase.Watching => _watching.Watch(ref viewer, nowMs, ref line),
            ViewerPhase.Browsing => _browsing.ShowCard(ref viewer, nowMs, ref line),
            ViewerPhase.Entering => _watching.Enter(ref viewer, nowMs, ref line),
            ViewerPhase.OpeningVideo => _browsing.OpenVideo(ref viewer, nowMs, ref line),
            ViewerPhase.PlayingVideo => _browsing.EndPlay(ref viewer, nowMs, ref line),
            ViewerPhase.ReactingToVideo => _browsing.ReactToVideo(ref viewer, nowMs, ref line),
            ViewerPhase.ClickingCard => _browsing.ClickProductCard(ref viewer, nowMs, ref line),
            _ => _browsing.Arrive(ref viewer, nowMs, ref line),
        };
        if (nextMs < 0)
            _platform.Viewers.Release(actor);
        return nextMs;
    }
}
