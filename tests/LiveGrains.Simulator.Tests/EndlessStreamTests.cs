using System.Buffers;

namespace LiveGrains.Simulator.Tests;

public sealed class EndlessStreamTests
{
    [Fact]
    public void A_long_run_goes_on_and_allocates_nothing()
    {
        var options = new SimulatorOptions { Rooms = 50, Users = 500, Minutes = int.MaxValue };
        var simulator = new PlatformSimulator(options);
        var buffer = new ArrayBufferWriter<byte>(1 << 16);
        const long DayMs = 86_400_000;
        var startMs = options.Start.ToUnixTimeMilliseconds();
        RunUntil(startMs + 2 * DayMs);
        var starts = simulator.Summary.ByType["room.start"];
        var events = simulator.Summary.Events;
        var before = GC.GetAllocatedBytesForCurrentThread();
        RunUntil(startMs + 20 * DayMs);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.InRange(allocated, 0, 100_000);
        Assert.True(simulator.Summary.ByType["room.start"] > 5 * starts);
        Assert.True(simulator.Summary.Events > 5 * events);
        Assert.True(simulator.Summary.RoomsOnAir > 0);

        void RunUntil(long untilMs)
        {
            while (simulator.CurrentTimeMs < untilMs)
            {
                // Not an assertion on the number: that would allocate.
                if (simulator.WriteNext(buffer, 200) == 0)
                    Assert.Fail("the stream ended");
                buffer.ResetWrittenCount();
            }
        }
    }

    [Fact]
    public void The_night_is_quieter_than_the_evening()
    {
        var evening = new SimulatorOptions { Rooms = 50, Users = 5_000, Minutes = 60 };
        var night = evening with { Start = new DateTimeOffset(2026, 1, 1, 20, 0, 0, TimeSpan.Zero) };
        Assert.True(Enters(night) < Enters(evening) / 3);

        static long Enters(SimulatorOptions options) => StreamOf.Census(options).ByType["enter"];
    }
}
