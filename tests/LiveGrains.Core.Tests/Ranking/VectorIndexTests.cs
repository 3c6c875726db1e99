namespace LiveGrains.Core.Tests;

/// <summary>The index against comparing the query with every row.</summary>
public sealed unsafe class VectorIndexTests
{
    public static TheoryData<string> Worlds() => ["uniform", "clustered", "duplicates", "zeros", "lengths", "signs", "tiny", "huge"];

    [Theory]
    [MemberData(nameof(Worlds))]
    public void The_answer_is_that_of_comparing_all_rows(string world)
    {
        foreach (var (count, clusters) in new[] { (1, 0), (33, 4), (700, 1), (900, 40), (520, 256) })
        {
            using var arena = new NativeArena();
            var index = new VectorIndex(arena, count);
            var rows = new Dictionary<int, float[]>();
            var vectors = World(world, count + 6, count);
            for (var row = 0; row < count; row++) Set(index, rows, row, vectors[row]);
            if (clusters > 0) index.Rebuild(clusters);
            foreach (var query in vectors[count..])
            {
                foreach (var k in new[] { 1, 10, 100 }) AssertExact(index, rows, query, k);
            }

            AssertExact(index, rows, new float[64], 10);
        }
    }

    [Fact]
    public void The_answer_stays_exact_while_rows_come_change_and_go()
    {
        using var arena = new NativeArena();
        const int Capacity = 2000;
        var index = new VectorIndex(arena, Capacity);
        var rows = new Dictionary<int, float[]>();
        var random = new Random(5);
        var vectors = new RandomVectors(6);
        var pool = vectors.Clustered(4000, 25, 0.8f);
        for (var step = 0; step < 12_000; step++)
        {
            var row = random.Next(Capacity);
            // Times of growth and of decline.
            if (random.Next(10) < (step / 3000 % 2 == 0 ? 7 : 3)) Set(index, rows, row, pool[random.Next(pool.Length)]);
            else
            {
                index.Clear(row);
                rows.Remove(row);
            }

            if (step % 2500 == 1700) index.Rebuild(step % 2 * 5 + 20);
            Assert.Equal(rows.Count, index.Count);
            Assert.Equal(rows.ContainsKey(row), index.Has(row));
            if (step % 50 == 0) AssertExact(index, rows, pool[random.Next(pool.Length)], 1 + random.Next(20));
        }

        foreach (var row in rows.Keys.ToList()) index.Clear(row);
        Assert.Equal(0, index.Top(pool[0], new ScoredRow[3]));
        index.Rebuild();
        Assert.Equal(0, index.Top(pool[0], new ScoredRow[3]));
        Set(index, [], 7, pool[1]);
        Assert.Equal(1, index.Top(pool[0], new ScoredRow[3]));
        Assert.True(index[7].SequenceEqual(pool[1]));
    }

    [Fact]
    public void A_filter_leaves_rows_out_and_nothing_else()
    {
        using var arena = new NativeArena();
        var index = new VectorIndex(arena, 5000);
        var rows = new Dictionary<int, float[]>();
        var vectors = new RandomVectors(8).Clustered(5010, 12, 1);
        for (var row = 0; row < 5000; row++) Set(index, rows, row, vectors[row]);
        index.Rebuild(16);
        var results = new ScoredRow[10];
        foreach (var modulus in new[] { 2, 7, 1000, 6000 })
        {
            var found = index.Top(vectors[5001], results, new Multiples(modulus));
            Assert.Equal(BruteForce(rows.Where(r => r.Key % modulus == 0 && r.Key > 0), vectors[5001], 10), results[..found]);
        }
    }

    [Fact]
    public void Of_equal_scores_the_lower_row_comes_first()
    {
        using var arena = new NativeArena();
        var index = new VectorIndex(arena, 500);
        var vector = new RandomVectors(9).Unit();
        foreach (var row in Enumerable.Range(0, 500).OrderBy(r => r * 7919 % 500)) index.Set(row, vector);
        var results = new ScoredRow[20];
        Assert.Equal(20, index.Top(vector, results));
        Assert.Equal(Enumerable.Range(0, 20), results.Select(r => r.Row));
    }

    [Fact]
    public void What_is_no_vector_is_refused_and_changes_nothing()
    {
        using var arena = new NativeArena();
        var index = new VectorIndex(arena, 10);
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity, 2e6f })
        {
            var vector = new float[64];
            vector[63] = bad;
            Assert.Throws<ArgumentOutOfRangeException>(() => index.Set(1, vector));
            Assert.Throws<ArgumentOutOfRangeException>(() => index.Top(vector, new ScoredRow[1]));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => index.Set(10, new float[64]));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Set(-1, new float[64]));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.Set(1, new float[63]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = index[1]);
        index.Clear(-1);
        index.Clear(10);
        Assert.Equal(0, index.Count);
        Assert.Equal(0, index.Top(new float[64], new ScoredRow[1]));
    }

    [Fact]
    public void Most_rows_of_a_clustered_world_are_not_even_scanned()
    {
        using var arena = new NativeArena();
        var index = new VectorIndex(arena, 20_000);
        var vectors = new RandomVectors(10).Clustered(20_001, 40, 0.5f);
        for (var row = 0; row < 20_000; row++) index.Set(row, vectors[row]);
        index.Rebuild(64);
        index.Top(vectors[20_000], new ScoredRow[10]);
        Assert.InRange(index.LastScanned, 1, 20_000 / 32 / 4);
        Assert.InRange(index.LastNarrowed, 10, 2000);
        Assert.InRange(index.LastCompared, 10, 300);
    }

    [Fact]
    public void Who_knows_what_the_last_of_the_best_reaches_gets_the_same_for_less()
    {
        using var arena = new NativeArena();
        var index = new VectorIndex(arena, 5_000);
        var vectors = new RandomVectors(12).Clustered(5_050, 40, 0.5f);
        for (var row = 0; row < 5_000; row++) index.Set(row, vectors[row]);
        var (all, known) = (new ScoredRow[20], new ScoredRow[20]);
        for (var query = 5_000; query < 5_050; query++)
        {
            Assert.Equal(20, index.Top(vectors[query], all));
            var narrowed = index.LastNarrowed;
            Assert.Equal(20, index.Top(vectors[query], known, default(EveryRow), all[19].Score));
            Assert.Equal(all, known);
            Assert.True(index.LastNarrowed <= narrowed);
            Assert.Equal(5, index.Top(vectors[query], known, default(EveryRow), all[4].Score));
            Assert.Equal(all[..5], known[..5]);
        }
    }

    [Fact]
    public void Machines_with_and_without_AVX_512_compute_the_same()
    {
        var vectors = new RandomVectors(11);
        byte* block = stackalloc byte[CoarseBlock.Bytes];
        sbyte* fine = stackalloc sbyte[FineCode.Bytes];
        float* one = stackalloc float[32];
        float* other = stackalloc float[32];
        var query = default(CoarseQuery);
        for (var round = 0; round < 50; round++)
        {
            var q = vectors.Unit();
            query.Set(q);
            CoarseBlock.Clear(block);
            for (var row = 0; row < 32; row += 1 + round % 3)
            {
                var x = vectors.Unit();
                CoarseBlock.Encode(block, row, Array.ConvertAll(x, f => (double)f));
                var word = FineCode.Encode(fine, Array.ConvertAll(x, f => (double)f));
                fixed (float* qp = q, xp = x)
                {
                    Assert.Equal(FeatureVector.DotInHalves(qp, xp), FeatureVector.Dot(qp, xp));
                    var bound = FineCode.Bound(qp, query.Length, fine, word);
                    Assert.InRange(bound - FeatureVector.Dot(qp, xp), -1e-5f, 0.03f);
                    var scale = BitConverter.UInt32BitsToSingle(word << 16);
                    Assert.Equal(bound, FineCode.ProductPortable(qp, fine) * scale + query.Length * BitConverter.UInt32BitsToSingle(word & 0xFFFF_0000));
                }
            }

            foreach (var threshold in new[] { float.MinValue, 0.1f, 0.3f })
            {
                Assert.Equal(CoarseBlock.ScanPortable(block, &query, threshold, other), CoarseBlock.Scan(block, &query, threshold, one));
                if (threshold == float.MinValue) Assert.True(new Span<float>(one, 32).SequenceEqual(new Span<float>(other, 32)));
            }
        }
    }

    private static float[][] World(string world, int count, int seed)
    {
        var vectors = new RandomVectors(seed);
        var random = new Random(seed);
        var made = world is "clustered" or "duplicates" ? vectors.Clustered(count, 9, 0.6f) : Enumerable.Range(0, count).Select(_ => vectors.Unit()).ToArray();
        foreach (ref var vector in made.AsSpan())
        {
            switch (world)
            {
                case "duplicates": vector = made[random.Next(5)]; break;
                case "zeros" when random.Next(2) == 0: vector = new float[64]; break;
                case "lengths": Scale(vector, MathF.Pow(10, random.Next(-6, 5))); break;
                case "signs": vector = Array.ConvertAll(vector, x => MathF.Sign(x) / 8f); break;
                case "tiny": Scale(vector, 1e-30f); break;
                case "huge": Scale(vector, 1e6f); break;
            }
        }

        return made;
    }

    private static void Scale(float[] vector, float factor)
    {
        foreach (ref var x in vector.AsSpan()) x *= factor;
    }

    private static void Set(VectorIndex index, Dictionary<int, float[]> rows, int row, float[] vector)
    {
        index.Set(row, vector);
        rows[row] = vector;
    }

    private static void AssertExact(VectorIndex index, Dictionary<int, float[]> rows, float[] query, int k)
    {
        var results = new ScoredRow[k];
        var found = index.Top(query, results);
        Assert.Equal(BruteForce(rows, query, k), results[..found]);
    }

    private static ScoredRow[] BruteForce(IEnumerable<KeyValuePair<int, float[]>> rows, float[] query, int k) =>
        rows.Select(r => new ScoredRow(r.Key, FeatureVector.Dot(query, r.Value))).OrderByDescending(r => r.Score).ThenBy(r => r.Row).Take(k).ToArray();

    private readonly struct Multiples(int of) : IRowFilter
    {
        public bool Allows(int row) => row % of == 0 && row > 0;
    }
}
