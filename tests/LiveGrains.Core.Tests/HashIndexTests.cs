namespace LiveGrains.Core.Tests;

public sealed unsafe class HashIndexTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_a_dictionary_of_lists_holds(int seed)
    {
        using var arena = new NativeArena();
        var index = new HashIndex(arena);
        var expected = new Dictionary<ulong, List<uint>>();
        var random = new Random(seed);
        for (uint value = 1; value <= 60_000; value++)
        {
            // Some hashes come often, some differ only in their leading or in their trailing bits.
            var hash = random.Next(60) switch
            {
                < 6 => KeyHash.Mix((ulong)random.Next(2000)),
                < 9 => (ulong)random.Next(1500) << 52,
                9 => (ulong)random.Next(1500),
                _ => KeyHash.Mix((ulong)random.NextInt64()),
            };
            index.Add(hash, value);
            if (!expected.TryGetValue(hash, out var values)) expected[hash] = values = [];
            values.Add(value);
        }

        Check(index, expected);
        Assert.True(index.Bytes > 15 * 49_000, "the table has grown over many segments");
        var memory = new StateMemory();
        index.Save(memory);
        using var otherArena = new NativeArena();
        var loaded = new HashIndex(otherArena);
        loaded.Load(memory);
        Assert.True(memory.IsAtEnd);
        Check(loaded, expected);
        var again = new StateMemory();
        loaded.Save(again);
        Assert.Equal(memory.Bytes, again.Bytes);
    }

    [Fact]
    public void A_hash_that_is_not_there_is_not_found()
    {
        using var arena = new NativeArena();
        var index = new HashIndex(arena);
        Assert.True(index.Find(0) == null);
        index.Add(5, 1);
        Assert.True(index.Find(5 + 4096) == null);
        Assert.True(index.Find(5UL << 1) == null);
        Assert.True(index.FindNext(index.Find(5)) == null);
    }

    [Fact]
    public void Stale_slots_are_dropped_before_the_table_grows()
    {
        using var arena = new NativeArena();
        var dropped = new HashSet<uint>();
        var index = new HashIndex(arena);
        uint oldestLive = 1;
        index.HasStale = () => true;
        index.IsStale = (_, value) => value < oldestLive && dropped.Add(value);
        for (uint value = 1; value <= 100_000; value++)
        {
            oldestLive = value > 1000 ? value - 1000 : 1;
            index.Add(KeyHash.Mix(value), value);
        }

        Assert.True(index.Bytes < 4 * 60_000, $"{index.Bytes} bytes");
        Assert.Equal(100_000, index.Count + dropped.Count);
        for (uint value = 1; value <= 100_000; value++) Assert.Equal(!dropped.Contains(value), index.Find(KeyHash.Mix(value)) != null);
        Assert.True(dropped.Count > 90_000);
    }

    private static void Check(HashIndex index, Dictionary<ulong, List<uint>> expected)
    {
        Assert.Equal(expected.Sum(e => e.Value.Count), index.Count);
        foreach (var (hash, values) in expected)
        {
            var found = new List<uint>();
            for (var slot = index.Find(hash); slot != null; slot = index.FindNext(slot)) found.Add(slot->Value);
            found.Sort();
            Assert.Equal(values, found);
        }

        var visited = new List<uint>();
        index.ForEach((hash, value) =>
        {
            if (expected[hash].Contains(value)) visited.Add(value);
        });
        Assert.Equal(index.Count, visited.Distinct().Count());
        Assert.Equal(index.Count, visited.Count);
    }
}
