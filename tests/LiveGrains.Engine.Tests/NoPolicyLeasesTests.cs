using LiveGrains.Engine.Cluster;

namespace LiveGrains.Engine.Tests;

/// <summary>Whoever sets the first policy waits for every front that still goes by there being none.</summary>
public sealed class NoPolicyLeasesTests
{
    private readonly Ticks _time = new();

    [Fact]
    public void A_front_that_was_told_is_waited_for_until_it_asks_again()
    {
        var leases = new NoPolicyLeases(_time, mayBeOlder: false);
        Assert.False(leases.AnyLeft);
        leases.Give(1);
        leases.Give(2);
        leases.End(1);
        Assert.True(leases.AnyLeft);
        leases.End(2);
        Assert.False(leases.AnyLeft);
    }

    [Fact]
    public void A_front_that_never_asks_again_is_waited_for_as_long_as_it_may_go_by_what_it_was_told_last()
    {
        var leases = new NoPolicyLeases(_time, mayBeOlder: false);
        leases.Give(1);
        _time.Now += TimeSpan.FromSeconds(3);
        leases.Give(1);
        _time.Now += NoPolicyLeases.GoodFor;
        Assert.True(leases.AnyLeft);
        _time.Now += TimeSpan.FromMilliseconds(1);
        Assert.False(leases.AnyLeft);
        // What was told long ago is not kept.
        leases.Give(2);
        leases.End(2);
        Assert.False(leases.AnyLeft);
    }

    [Fact]
    public async Task What_another_may_have_told_before_is_waited_for_and_nothing_without_it()
    {
        Assert.True(new NoPolicyLeases(_time, mayBeOlder: false).EndedAsync(CancellationToken.None).IsCompletedSuccessfully);
        var leases = new NoPolicyLeases(_time, mayBeOlder: true);
        Assert.True(leases.AnyLeft);
        using var stop = new CancellationTokenSource();
        var ended = leases.EndedAsync(stop.Token);
        Assert.False(ended.IsCompleted);
        _time.Now += NoPolicyLeases.GoodFor + TimeSpan.FromMilliseconds(1);
        await ended;
        leases.Give(1);
        ended = leases.EndedAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended);
    }

    // Its timers are real, its stopwatch is not.
    private sealed class Ticks : TimeProvider
    {
        public TimeSpan Now { get; set; } = TimeSpan.FromDays(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
