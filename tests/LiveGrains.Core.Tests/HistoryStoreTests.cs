namespace LiveGrains.Core.Tests;

/// <summary>Against a list of entries per user.</summary>
public sealed class HistoryStoreTests
{
    private const int Users = 20;

    private sealed record Expected(uint Item, uint Time, float Weight, HistoryFlags Flags);

    [Theory]
    [InlineData(1, 512, 40)]
    [InlineData(2, 5, 12)]
    [InlineData(3, 1, 3)]
    [InlineData(4, 64, 400)]
    [InlineData(5, 512, 2000)]
    public void It_holds_what_users_touched_in_the_order_of_the_last_touch(int seed, int bound, int items)
    {
        const float HalfLife = 500;
        using var arena = new NativeArena();
        var store = new HistoryStore(arena, bound);
        var handles = new uint[Users];
        var expected = Enumerable.Range(0, Users).Select(_ => new List<Expected>()).ToArray();
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var user = random.Next(random.Next(Users) + 1);
            var item = InterestItem.Of((InterestKind)random.Next(3), (uint)random.Next(1, items));
            var time = (uint)(1_000_000 + i + random.Next(-300, 300));
            var strength = random.Next(0, 4) * 0.5f;
            var flags = random.Next(9) == 0 ? (HistoryFlags)(1 << random.Next(6)) : HistoryFlags.None;
            var list = expected[user];

            var touch = store.Touch(ref handles[user], item, time, strength, flags, HalfLife);

            var place = list.FindIndex(e => e.Item == item);
            Assert.Equal(place < 0, touch.WasNew);
            Assert.Equal(place < 0 ? list.Count : list.Count - 1 - place, touch.Gap);
            if (place >= 0)
            {
                var old = list[place];
                Assert.Equal(time > old.Time ? time - old.Time : 0, touch.ElapsedSeconds);
                var latest = Math.Max(time, old.Time);
                var weight = old.Weight * Math.Pow(2, -(latest - old.Time) / HalfLife) + strength * Math.Pow(2, -(latest - time) / HalfLife);
                list.RemoveAt(place);
                // A Half keeps eleven bits; errors must not add up over the list's life.
                list.Add(new Expected(item, latest, (float)store.Entries(handles[user])[^1].Weight, old.Flags | flags));
                Assert.Equal(weight, list[^1].Weight, 0.001 * (1 + weight));
            }
            else
            {
                if (list.Count == bound) list.RemoveAt(Math.Max(0, list.FindIndex(e => (e.Flags & HistoryFlags.Unwanted) == 0)));
                list.Add(new Expected(item, time, strength, flags));
            }

            if (random.Next(2000) == 0)
            {
                store.Clear(ref handles[user]);
                list.Clear();
                Assert.Equal(0u, handles[user]);
            }

            if (random.Next(1500) != 0) continue;
            var memory = new StateMemory();
            store.Save(memory);
            store = new HistoryStore(arena, bound);
            store.Load(memory);
            Assert.True(memory.IsAtEnd);
            for (var u = 0; u < Users; u++) Assert.Equal(expected[u], Entries(store, handles[u]));
        }

        Assert.Equal(expected.Count(l => l.Count > 0), store.Count);
        for (var u = 0; u < Users; u++) Assert.Equal(expected[u], Entries(store, handles[u]));
    }

    [Fact]
    public void At_the_bound_dislikes_and_reports_outlive_what_is_younger()
    {
        using var arena = new NativeArena();
        var store = new HistoryStore(arena, 3);
        uint handle = 0;
        store.Touch(ref handle, 1, 1, 1, HistoryFlags.Disliked, 60);
        store.Touch(ref handle, 2, 2, 1, HistoryFlags.Bought, 60);
        store.Touch(ref handle, 3, 3, 1, HistoryFlags.Reported, 60);
        store.Touch(ref handle, 4, 4, 1, HistoryFlags.None, 60);
        Assert.Equal([1u, 3u, 4u], Entries(store, handle).Select(e => e.Item));

        store.Touch(ref handle, 4, 5, 1, HistoryFlags.Disliked, 60);
        store.Touch(ref handle, 5, 6, 1, HistoryFlags.None, 60);
        Assert.Equal([3u, 4u, 5u], Entries(store, handle).Select(e => e.Item));
    }

    [Fact]
    public void The_same_touches_give_the_same_bytes()
    {
        static byte[] Run()
        {
            using var arena = new NativeArena();
            var store = new HistoryStore(arena);
            var handles = new uint[Users];
            var random = new Random(7);
            for (var i = 0; i < 5000; i++) store.Touch(ref handles[random.Next(Users)], (uint)random.Next(1, 300), (uint)i, 1, HistoryFlags.Seen, 100);
            var memory = new StateMemory();
            store.Save(memory);
            return memory.Bytes;
        }

        Assert.Equal(Run(), Run());
    }

    [Fact]
    public void A_cleared_history_leaves_nothing_in_a_snapshot()
    {
        using var arena = new NativeArena();
        var store = new HistoryStore(arena);
        uint handle = 0;
        for (uint i = 0; i < 30; i++) store.Touch(ref handle, 0x1234_5678, i, 1, HistoryFlags.None, 60);
        for (uint i = 0; i < 30; i++) store.Touch(ref handle, 0x1000_0000 + i, i, 1, HistoryFlags.None, 60);
        store.Clear(ref handle);
        var memory = new StateMemory();
        store.Save(memory);
        Assert.Equal(-1, memory.Bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x78, 0x56, 0x34, 0x12]));
    }

    [Theory]
    [InlineData(0u, 100f, 1.0)]
    [InlineData(100u, 100f, 0.5)]
    [InlineData(50u, 100f, 0.70710678)]
    [InlineData(1000u, 3f, 4.5e-101)]
    [InlineData(86_400u, float.PositiveInfinity, 1.0)]
    [InlineData(uint.MaxValue, 1f, 0.0)]
    public void Decay_halves_in_a_half_life(uint elapsed, float halfLife, double left) =>
        Assert.Equal(left, ExponentialDecay.Factor(elapsed, halfLife), 1e-6);

    private static List<Expected> Entries(HistoryStore store, uint handle)
    {
        var list = new List<Expected>();
        foreach (ref readonly var entry in store.Entries(handle)) list.Add(new Expected(entry.Item, entry.TimeSeconds, (float)entry.Weight, entry.Flags));
        return list;
    }
}
