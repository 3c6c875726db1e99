namespace LiveGrains.Core.Tests;

/// <summary>Against a sorted list of moments.</summary>
public sealed unsafe class PresenceWheelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Entries_come_up_at_their_moment_and_in_order(int seed)
    {
        const int Span = 8000;
        using var arena = new NativeArena();
        var wheel = new PresenceWheel(arena, Span);
        var links = (uint*)arena.Allocate(200_000 * 4);
        var expected = new SortedSet<(long Moment, uint Entry)>();
        var random = new Random(seed);
        uint next = 1;
        long clock = 1_700_000_000_000;
        wheel.TryTake(clock, out _, out _);
        for (var round = 0; round < 3000; round++)
        {
            for (var n = random.Next(6); n > 0; n--)
            {
                var moment = clock + (random.Next(5) == 0 ? random.Next(-3, 3) : random.Next(1, Span));
                wheel.Arm(next, moment, ref links[next]);
                // What should have come up already comes up next.
                expected.Add((Math.Max(moment, clock + 1), next++));
            }

            clock += random.Next(30) == 0 ? random.Next(40_000) : random.Next(100);
            long before = 0;
            while (wheel.TryTake(clock, out var moment, out var list))
            {
                Assert.True(moment > before && moment <= clock);
                before = moment;
                for (; list != 0; list = links[list])
                {
                    Assert.True(expected.Remove((moment, list)), $"round {round}: {list} at {moment}");
                    wheel.Taken();
                }

                Assert.True(expected.Count == 0 || expected.Min.Moment > moment);
            }

            Assert.True(expected.Count == 0 || expected.Min.Moment > clock);
            Assert.Equal(expected.Count, wheel.Count);
            Assert.Equal(clock, wheel.NowMs);
            if (random.Next(300) != 0) continue;
            var memory = new StateMemory();
            wheel.Save(memory);
            wheel = new PresenceWheel(arena, Span);
            wheel.Load(memory);
            Assert.True(memory.IsAtEnd);
        }

        Assert.True(next > 5000);
    }

    [Fact]
    public void What_lies_beyond_its_reach_comes_up_early()
    {
        using var arena = new NativeArena();
        var wheel = new PresenceWheel(arena, 4095);
        wheel.TryTake(1000, out _, out _);
        uint link = 0;
        wheel.Arm(7, 1_000_000, ref link);
        Assert.True(wheel.TryTake(2_000_000, out var moment, out var list));
        Assert.Equal(7u, list);
        Assert.Equal(1000 + 4095, moment);
    }
}
