using System.Text;

namespace LiveGrains.Core.Tests;

/// <summary>Pools, arenas and tables of keys.</summary>
public sealed unsafe class MemoryTests
{
    [Fact]
    public void Pool_rows_are_zeroed_distinct_stable_and_reused()
    {
        using var arena = new NativeArena();
        var pool = new Pool(arena, 12, 4);
        var expected = new Dictionary<uint, uint>();
        var places = new Dictionary<uint, nint>();
        var random = new Random(1);
        for (uint i = 1; i <= 5000; i++)
        {
            if (expected.Count > 0 && random.Next(3) == 0)
            {
                var freed = expected.Keys.ElementAt(random.Next(expected.Count));
                pool.Free(freed);
                expected.Remove(freed);
                Assert.Equal(freed, Peek(pool));
                continue;
            }

            var number = pool.Allocate();
            var row = (uint*)pool[number];
            Assert.Equal((0u, 0u, 0u), (row[0], row[1], row[2]));
            Assert.True(expected.TryAdd(number, i));
            if (!places.TryAdd(number, (nint)row)) Assert.Equal(places[number], (nint)row);
            row[0] = row[1] = row[2] = i;
        }

        Assert.Equal((uint)expected.Count, pool.Count);
        Assert.Equal(places.Count, (int)pool.High);
        Check(pool, expected);
        var memory = new StateMemory();
        pool.Save(memory);
        using var otherArena = new NativeArena();
        var loaded = new Pool(otherArena, 12, 4);
        loaded.Load(memory);
        Assert.True(memory.IsAtEnd);
        Check(loaded, expected);
        Assert.Equal(pool.Allocate(), loaded.Allocate());
        Assert.Equal((pool.High, pool.Count), (loaded.High, loaded.Count));
    }

    [Fact]
    public void An_empty_pool_is_saved_and_loaded()
    {
        using var arena = new NativeArena();
        var memory = new StateMemory();
        new Pool(arena, 8, 4).Save(memory);
        var loaded = new Pool(arena, 8, 4);
        loaded.Load(memory);
        Assert.Equal(1u, loaded.Allocate());
    }

    [Fact]
    public void An_arena_that_grows_leaves_no_garbage()
    {
        using var arena = new NativeArena();
        Grow(64);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Grow(512);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Grow(int mebibytes)
        {
            for (var i = 0; i < mebibytes; i++) arena.Allocate(1 << 20);
        }
    }

    [Fact]
    public void Blobs_keep_their_bytes_and_freed_places_are_reused()
    {
        using var arena = new NativeArena();
        var blobs = new BlobArena(arena);
        var expected = new Dictionary<uint, byte[]>();
        var random = new Random(2);
        for (var i = 0; i < 6000; i++)
        {
            var bytes = new byte[random.Next(100) == 0 ? random.Next(65_536) : random.Next(200)];
            random.NextBytes(bytes);
            if (expected.Count > 50 && random.Next(2) == 0)
            {
                var replaced = expected.Keys.ElementAt(random.Next(expected.Count));
                expected.Remove(replaced);
                expected.Add(blobs.Replace(replaced, bytes), bytes);
            }
            else
            {
                expected.Add(blobs.Add(bytes), bytes);
            }
        }

        Assert.Empty(blobs[0].ToArray());
        Check(blobs, expected);
        var memory = new StateMemory();
        blobs.Save(memory);
        using var otherArena = new NativeArena();
        var loaded = new BlobArena(otherArena);
        loaded.Load(memory);
        Assert.True(memory.IsAtEnd);
        Check(loaded, expected);
        Assert.Equal(blobs.Add([1, 2, 3]), loaded.Add([1, 2, 3]));
    }

    [Fact]
    public void Replacing_a_blob_for_ever_needs_no_more_memory()
    {
        using var arena = new NativeArena();
        var blobs = new BlobArena(arena);
        uint number = 0;
        for (var i = 0; i < 200_000; i++) number = blobs.Replace(number, BitConverter.GetBytes((long)i * i));
        Assert.Equal(1 << 20, blobs.Bytes);
        var same = number;
        Assert.Equal(same, blobs.Replace(number, blobs[number].ToArray()));
        Assert.Throws<OverflowException>(() => blobs.Add(new byte[65_536]));
    }

    [Fact]
    public void Keys_of_every_length_are_told_apart_whatever_follows_them()
    {
        using var arena = new NativeArena();
        var table = new KeyTable(arena, new BlobArena(arena), 24, 4);
        var keys = Enumerable.Range(0, 256).Select(length => Enumerable.Range(0, length).Select(i => (byte)(i * 7 + 1)).ToArray()).ToList();
        var rows = keys.Select(key => table.Add(7, key)).ToList();
        for (var i = 0; i < keys.Count; i++)
        {
            Assert.Equal(keys[i], table.Key(rows[i]).ToArray());
            Assert.Equal(rows[i], table.Find(7, keys[i]));
            Assert.Equal(rows[i], FindWithHint(table, 7, keys[i], rows[i]));
            Assert.Equal(rows[i], FindWithHint(table, 7, keys[i], rows[255 - i]));
        }

        Assert.Equal(0u, FindWithHint(table, 7, "other"u8.ToArray(), rows[5]));
        Assert.Throws<OverflowException>(() => table.Add(7, new byte[256]));
    }

    // As it stands in a record: a length byte, the key, and then something else, or the end.
    private static uint FindWithHint(KeyTable table, ulong hash, byte[] key, uint hint)
    {
        byte[] inRecord = [(byte)key.Length, .. key, .. Enumerable.Repeat((byte)0xEE, 16)];
        fixed (byte* p = inRecord)
        {
            var found = table.Find(hash, p, inRecord.Length, hint, table.Rows[hint]);
            Assert.Equal(found, table.Find(hash, p, key.Length + 1, hint, table.Rows[hint]));
            return found;
        }
    }

    [Fact]
    public void Two_keys_with_the_same_hash_are_two_rows()
    {
        using var arena = new NativeArena();
        var table = new KeyTable(arena, new BlobArena(arena), 24, 4);
        var rows = Enumerable.Range(0, 300).Select(i => table.Add(42, Encoding.ASCII.GetBytes($"key{i}"))).ToList();
        rows.Add(table.Add(42, default));
        rows.Add(table.Add(43, "key1"u8));
        Assert.Equal(rows.Count, rows.Distinct().Count());
        for (var i = 0; i < 300; i++)
        {
            var key = Encoding.ASCII.GetBytes($"key{i}");
            Assert.Equal(rows[i], table.Find(42, key));
            Assert.Equal(rows[i], FindWithHint(table, 42, key, rows[(i + 1) % 300]));
            Assert.Equal(rows[i], FindWithHint(table, 42, key, rows[i]));
            Assert.Equal(key, table.Key(rows[i]).ToArray());
        }

        Assert.Equal(rows[300], table.Find(42, default));
        Assert.Equal(rows[301], table.Find(43, "key1"u8));
        Assert.Equal(0u, table.Find(42, "key300"u8));
        Assert.Equal(0u, table.Find(44, "key1"u8));
        Assert.Equal(302u, table.Count);
    }

    [Fact]
    public void An_arena_gives_zeroed_aligned_memory_of_any_size()
    {
        using var arena = new NativeArena();
        var seen = new List<(nint At, int Bytes)>();
        foreach (var bytes in new[] { 1, 64, 65, 200_000, 300_000, 3 << 20, 40 << 20, 7, 1 << 20 })
        {
            var place = arena.Allocate((nuint)bytes);
            Assert.Equal(0, (nint)place % 64);
            Assert.False(new ReadOnlySpan<byte>(place, bytes).ContainsAnyExcept((byte)0));
            new Span<byte>(place, bytes).Fill(0xFF);
            foreach (var (at, length) in seen) Assert.True((nint)place + bytes <= at || at + length <= (nint)place);
            seen.Add(((nint)place, bytes));
        }
    }

    // What the next allocation will give: allocate it and give it back.
    private static uint Peek(Pool pool)
    {
        var number = pool.Allocate();
        pool.Free(number);
        return number;
    }

    private static void Check(Pool pool, Dictionary<uint, uint> expected)
    {
        foreach (var (number, value) in expected) Assert.Equal((value, value), (((uint*)pool[number])[0], ((uint*)pool[number])[2]));
    }

    private static void Check(BlobArena blobs, Dictionary<uint, byte[]> expected)
    {
        foreach (var (number, bytes) in expected) Assert.True(blobs[number].SequenceEqual(bytes));
    }
}
