namespace LiveGrains.Engine.Tests;

/// <summary>A clock that moves when the test says so. Any thread.</summary>
internal sealed class FakeTime(long nowMs) : TimeProvider
{
    private long _nowMs = nowMs;

    public long NowMs
    {
        get => Volatile.Read(ref _nowMs);
        set => Volatile.Write(ref _nowMs, value);
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(NowMs);
}

/// <summary>Time in which nothing grows old, however long the test takes.</summary>
internal sealed class StoppedTime : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => TimeSpan.TicksPerDay;
}
