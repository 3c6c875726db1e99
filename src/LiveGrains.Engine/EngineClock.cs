using LiveGrains.Core;

namespace LiveGrains.Engine;

/// <summary>
/// The engine's one clock (SPEC 2). <see cref="Stamp"/> and <see cref="ReadForAnswer"/> are called under the lock of
/// <see cref="Sequencer"/>, the rest by any thread.
/// </summary>
internal sealed class EngineClock(ClockMode mode, TimeProvider time, long startMs)
{
    /// <summary>How far an event may be ahead of the wall clock, ms.</summary>
    public const long FutureMs = 60_000;

    private long _nowMs = startMs;

    /// <summary>The clock, ms since 1970 UTC; long.MinValue for an event clock that has seen nothing.</summary>
    public long NowMs() => mode == ClockMode.Event ? Volatile.Read(ref _nowMs) : Math.Max(Volatile.Read(ref _nowMs), WallMs());

    /// <summary>
    /// Its lock is held from giving records their clock until they are in the queues of their shards, and while a shard reads the
    /// clock for an answer: so no shard's tables are ahead of a record that is still to come, which the log would not repeat.
    /// </summary>
    public object Sequencer { get; } = new();

    /// <summary>The clock for an answer; no record gets an earlier one after it, also when the server's time goes back.</summary>
    public long ReadForAnswer()
    {
        if (mode == ClockMode.Wall) Volatile.Write(ref _nowMs, Math.Max(_nowMs, WallMs()));
        return _nowMs;
    }

    /// <summary>The latest event time that is taken.</summary>
    public long LatestEventTime() => mode == ClockMode.Event ? long.MaxValue : NowMs() + FutureMs;

    /// <summary>An event clock is now at least there, because another engine of the cluster saw that time; a wall clock is each machine's own. Any thread.</summary>
    public void Raise(long clockMs)
    {
        if (mode != ClockMode.Event || clockMs <= Volatile.Read(ref _nowMs)) return;
        lock (Sequencer) Volatile.Write(ref _nowMs, Math.Max(_nowMs, clockMs));
    }

    /// <summary>Gives each record its clock.</summary>
    /// <param name="records">Whole records.</param>
    /// <param name="stamped">They have one already, of the engine that cut them: an event clock is not earlier than that.</param>
    public unsafe void Stamp(Span<byte> records, bool stamped = false)
    {
        var now = mode == ClockMode.Event ? _nowMs : Math.Max(_nowMs, WallMs());
        fixed (byte* start = records)
        {
            var p = start;
            var end = start + records.Length;
            while (p < end)
            {
                var record = (EventRecord*)p;
                if (mode == ClockMode.Event) now = Math.Max(now, stamped ? Math.Max(record->TimeMs, record->ClockMs) : record->TimeMs);
                record->ClockMs = now;
                p += record->Length;
            }
        }

        Volatile.Write(ref _nowMs, now);
    }

    private long WallMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
