namespace LiveGrains.Core.Tests;

/// <summary>Against a dictionary of counters.</summary>
public sealed unsafe class SeriesStoreTests
{
    private const int Owners = 5;

    private static Pool Handles(NativeArena arena)
    {
        var handles = new Pool(arena, sizeof(SeriesHandle), 4);
        for (var i = 0; i < Owners; i++) handles.Allocate();
        return handles;
    }

    [Theory]
    [InlineData(1, 25)]
    [InlineData(2, 28)]
    [InlineData(3, 3)]
    [InlineData(4, 16)]
    public void It_holds_what_was_added_open_and_sealed(int seed, int width)
    {
        using var arena = new NativeArena();
        var handles = Handles(arena);
        SeriesStore Make() => new(arena, width, 0) { Owners = handles, HandleOffset = 0 };
        var store = Make();
        var expected = new Dictionary<(uint Owner, long Bucket), long[]>();
        var random = new Random(seed);
        long clock = 170_000_000;
        for (var i = 0; i < 6000; i++)
        {
            clock += random.Next(20) == 0 ? random.Next(400) : random.Next(2);
            var owner = (uint)random.Next(1, Owners + 1);
            var bucket = clock - random.Next(30);
            if (random.Next(1000) == 0)
            {
                store.Clear(ref *(SeriesHandle*)handles[owner]);
                foreach (var key in expected.Keys.Where(k => k.Owner == owner).ToList()) expected.Remove(key);
            }

            var counters = store.Open(ref *(SeriesHandle*)handles[owner], owner, bucket);
            if (!expected.TryGetValue((owner, bucket), out var values)) expected[(owner, bucket)] = values = new long[width];
            // Now and then all counters at once with values of ten bytes: an entry that no chunk can hold whole.
            var all = random.Next(15) == 0;
            for (var c = 0; c < width; c++)
            {
                if (!all && random.Next(width) != 0) continue;
                var value = random.Next(4) switch { 0 => random.NextInt64(), 1 => -random.Next(1, 1000), _ => random.Next(1, 200) };
                store.At(counters, c) += value;
                values[c] += value;
            }

            for (var n = 0; n < 3 && store.FirstEndMs <= (clock - 31) * SeriesStore.BucketMs; n++) store.SealFirst(clock);

            if (random.Next(2000) == 0)
            {
                var memory = new StateMemory();
                store.Save(memory);
                store = Make();
                store.Load(memory);
                Assert.True(memory.IsAtEnd);
            }
        }

        for (uint owner = 1; owner <= Owners; owner++)
        {
            Check(store, *(SeriesHandle*)handles[owner], owner, long.MinValue, long.MaxValue, width, expected);
            Check(store, *(SeriesHandle*)handles[owner], owner, clock - 500, clock - 20, width, expected);
        }
    }

    [Fact]
    public void Sealed_buckets_are_kept_for_an_hour_and_their_memory_is_reused()
    {
        using var arena = new NativeArena();
        var handles = Handles(arena);
        var store = new SeriesStore(arena, 16, 361) { Owners = handles, HandleOffset = 0 };
        long bytes = 0;
        for (long clock = 1000; clock < 41_000; clock++)
        {
            store.At(store.Open(ref *(SeriesHandle*)handles[1], 1, clock), 3) += clock;
            while (store.FirstEndMs <= (clock - 30) * SeriesStore.BucketMs) store.SealFirst(clock);

            if (clock == 11_000) bytes = store.Bytes;
        }

        Assert.Equal(bytes, store.Bytes);
        var seen = new SortedDictionary<long, long>();
        store.Visit(*(SeriesHandle*)handles[1], long.MinValue, long.MaxValue, (bucket, values, _) => seen[bucket] = values[3]);
        for (long bucket = 41_000 - 361; bucket < 41_000; bucket++) Assert.Equal(bucket, seen[bucket]);
        Assert.True(seen.Count < 361 + 100, $"{seen.Count} buckets");
    }

    private static void Check(SeriesStore store, SeriesHandle handle, uint owner, long from, long to, int width, Dictionary<(uint Owner, long Bucket), long[]> expected)
    {
        var seen = new Dictionary<long, long[]>();
        store.Visit(handle, from, to, (bucket, values, mask) =>
        {
            Assert.InRange(bucket, from, to);
            if (!seen.TryGetValue(bucket, out var sums)) seen[bucket] = sums = new long[width];
            for (var c = 0; c < width; c++)
            {
                if ((mask >> c & 1) != 0) sums[c] += values[c];
            }
        });
        foreach (var ((_, bucket), values) in expected.Where(e => e.Key.Owner == owner && e.Key.Bucket >= from && e.Key.Bucket <= to))
            Assert.Equal(values, seen.GetValueOrDefault(bucket, new long[width]));
        Assert.DoesNotContain(seen, s => !expected.ContainsKey((owner, s.Key)) && s.Value.Any(v => v != 0));
    }
}
