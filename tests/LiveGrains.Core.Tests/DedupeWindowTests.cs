namespace LiveGrains.Core.Tests;

/// <summary>Against a list of ids with the second in which each was first seen.</summary>
public sealed class DedupeWindowTests
{
    [Theory]
    [InlineData(1, 10_000, 40)]
    [InlineData(2, 3_600_000, 1000)]
    [InlineData(3, 1_500, 3)]
    [InlineData(4, 60_000, 500)]
    [InlineData(5, 1_000, 20_000)]
    public void It_knows_what_a_naive_window_knows(int seed, int windowMs, int meanStepMs)
    {
        using var arena = new NativeArena();
        var random = new Random(seed);
        var window = new DedupeWindow(arena, 1024, windowMs);
        var capacity = 1024;
        var naive = new List<(ulong Hash, uint Hash2, long Second)>();
        long clock = 1_700_000_000_000;
        for (var i = 0; i < 12_000; i++)
        {
            clock += random.Next(20) == 0 ? random.Next(3 * windowMs) : random.Next(2 * meanStepMs);
            // Many ids share a chain, some share the hash and differ in the second one.
            var hash = (ulong)random.Next(3) << 40 | (uint)random.Next(900);
            var hash2 = (uint)random.Next(3);
            window.AdvanceTo(clock);
            naive.RemoveAll(e => clock / 1000 - e.Second > (windowMs + 999) / 1000);
            Assert.Equal(naive.Count, window.Count);
            var known = naive.Exists(e => e.Hash == hash && e.Hash2 == hash2);
            Assert.Equal(known, window.Contains(hash, hash2));
            if (!known)
            {
                window.Add(hash, hash2);
                naive.Add((hash, hash2, clock / 1000));
                if (naive.Count > capacity) naive.RemoveAt(0);
            }

            switch (random.Next(1500))
            {
                case 0:
                    capacity = 1024 << random.Next(3);
                    window = window.Resized(capacity, windowMs);
                    if (naive.Count > capacity) naive.RemoveRange(0, naive.Count - capacity);
                    break;
                case 1 or 2:
                    var memory = new StateMemory();
                    window.Save(memory);
                    window = new DedupeWindow(arena, capacity, windowMs);
                    window.Load(memory);
                    Assert.True(memory.IsAtEnd);
                    var again = new StateMemory();
                    window.Save(again);
                    Assert.Equal(memory.Bytes, again.Bytes);
                    break;
            }
        }
    }

    [Fact]
    public void Being_asked_the_time_more_often_leaves_no_trace()
    {
        using var arena = new NativeArena();
        var asked = new DedupeWindow(arena, 1024, 5_000);
        var quiet = new DedupeWindow(arena, 1024, 5_000);
        var random = new Random(6);
        long clock = 0;
        for (var i = 0; i < 2000; i++)
        {
            for (var n = random.Next(4); n > 0; n--) asked.AdvanceTo(clock += random.Next(2000));
            asked.AdvanceTo(clock);
            quiet.AdvanceTo(clock);
            asked.Add((ulong)i, 0);
            quiet.Add((ulong)i, 0);
        }

        var first = new StateMemory();
        var second = new StateMemory();
        asked.Save(first);
        quiet.Save(second);
        Assert.Equal(second.Bytes, first.Bytes);
    }
}
