namespace LiveGrains.Core.Tests;

/// <summary>Lists that are relevant and not monotonous.</summary>
public sealed class DiversityTests : IDisposable
{
    private readonly NativeArena _arena = new();
    private readonly Diversity _diversity;

    public DiversityTests() => _diversity = new Diversity(_arena);

    public void Dispose() => _arena.Dispose();

    public static TheoryData<int> Methods() => [(int)DiversityMethod.MarginalRelevance, (int)DiversityMethod.Determinant];

    [Theory]
    [MemberData(nameof(Methods))]
    public void With_lambda_1_the_order_is_that_of_relevance(int method)
    {
        foreach (var count in new[] { 1, 7, 8, 65, 300 })
        {
            var (relevance, vectors) = World(count, count);
            relevance[count / 2] = relevance[0];
            Assert.Equal(
                Enumerable.Range(0, count).OrderByDescending(i => relevance[i]).ThenBy(i => i).Take(20),
                Pick(relevance, vectors, 20, method, 1));
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void It_picks_what_the_naive_method_picks(int method)
    {
        foreach (var (count, k) in new[] { (1, 5), (5, 5), (8, 3), (64, 30), (130, 50), (320, 24) })
        {
            foreach (var lambda in new[] { 0f, 0.5f, 0.9f })
            {
                var (relevance, vectors) = World(count, count + k);
                Assert.Equal(Naive(relevance, vectors, k, (DiversityMethod)method, lambda), Pick(relevance, vectors, k, method, lambda));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Diversity_rises_and_relevance_falls_as_lambda_falls(int method)
    {
        double[] distances = new double[5], coverages = new double[5], relevances = new double[5];
        for (var seed = 0; seed < 20; seed++)
        {
            var (relevance, vectors) = World(300, seed);
            var categories = Enumerable.Range(0, 300).Select(i => i % Centres).ToArray();
            for (var step = 0; step < 5; step++)
            {
                var picks = Pick(relevance, vectors, 20, method, step / 4f);
                distances[step] += Diversity.IntraListDistance(vectors, picks);
                coverages[step] += Diversity.CategoryCoverage(categories, picks);
                relevances[step] += picks.Sum(i => relevance[i]);
            }
        }

        for (var step = 1; step < 5; step++)
        {
            Assert.True(distances[step] < distances[step - 1]);
            Assert.True(relevances[step] > relevances[step - 1]);
        }

        Assert.True(coverages[0] > coverages[4]);
        Assert.True(coverages[2] > coverages[4]);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Of_two_copies_one_is_picked_while_others_are_nearly_as_relevant(int method)
    {
        var random = new RandomVectors(3);
        var vectors = new List<float>();
        var relevance = new List<float>();
        for (var i = 0; i < 40; i++)
        {
            var vector = random.Unit();
            vectors.AddRange(vector);
            vectors.AddRange(vector);
            relevance.AddRange([1 - i * 0.002f, 1 - i * 0.002f]);
        }

        // Something irrelevant, so that what is nearly as relevant stays so when stretched to 0..1.
        vectors.AddRange(new float[64]);
        relevance.Add(0);
        var picks = Pick([.. relevance], [.. vectors], 30, method, Diversity.DefaultLambda);
        Assert.Equal(0, picks[0]);
        Assert.Equal(30, picks.Select(p => p / 2).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Copies_zeros_and_equal_relevances_are_all_picked_once(int method)
    {
        foreach (var lambda in new[] { 0f, 0.5f, 1f })
        {
            var vector = new RandomVectors(4).Unit();
            Assert.Equal(Enumerable.Range(0, 30), Pick(new float[30], [.. Enumerable.Range(0, 30).SelectMany(_ => vector)], 50, method, lambda).Order());
            Assert.Equal(Enumerable.Range(0, 30), Pick(new float[30], new float[30 * 64], 50, method, lambda).Order());
        }
    }

    [Fact]
    public void Measures_of_a_list_are_those_of_their_definition()
    {
        var vectors = new float[4 * 64];
        vectors[0] = vectors[64] = vectors[2 * 64 + 1] = 1;
        vectors[3 * 64] = -1;
        Assert.Equal(0, Diversity.IntraListDistance(vectors, [0, 1]));
        Assert.Equal(1, Diversity.IntraListDistance(vectors, [0, 2]));
        Assert.Equal(2, Diversity.IntraListDistance(vectors, [0, 3]));
        Assert.Equal((0 + 1 + 1) / 3.0, Diversity.IntraListDistance(vectors, [0, 1, 2]), 1e-12);
        Assert.Equal(0, Diversity.IntraListDistance(vectors, [2]));
        Assert.Equal(0.5, Diversity.CategoryCoverage([1, 1, 2, 3], [0, 1]));
        Assert.Equal(1, Diversity.CategoryCoverage([1, 1, 2, 3], [0, 2]));
        Assert.Equal(1, Diversity.CategoryCoverage([1, 1, 1], [0, 2]));
        Assert.Equal(1, Diversity.CategoryCoverage([1, 2], []));
    }

    [Fact]
    public void Wrong_arguments_are_refused_and_nothing_gives_nothing()
    {
        Assert.Equal(0, _diversity.Pick([], [], new int[3]));
        Assert.Equal(0, _diversity.Pick([1], new float[64], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => _diversity.Pick(new float[321], new float[321 * 64], new int[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _diversity.Pick(new float[2], new float[64], new int[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _diversity.Pick(new float[1], new float[64], new int[51]));
        Assert.Throws<ArgumentOutOfRangeException>(() => _diversity.Pick(new float[1], new float[64], new int[3], lambda: float.NaN));
    }

    private const int Centres = 11;

    private static (float[] Relevance, float[] Vectors) World(int count, int seed)
    {
        var random = new Random(seed);
        var vectors = new RandomVectors(seed);
        var centres = Enumerable.Range(0, Centres).Select(_ => vectors.Unit()).ToArray();
        var taste = Enumerable.Range(0, Centres).Select(_ => random.NextSingle()).ToArray();
        var relevance = Enumerable.Range(0, count).Select(i => taste[i % Centres] + 0.3f * random.NextSingle()).ToArray();
        return (relevance, Enumerable.Range(0, count).SelectMany(i => vectors.Near(centres[i % Centres], 0.7f)).ToArray());
    }

    private int[] Pick(float[] relevance, float[] vectors, int k, int method, float lambda)
    {
        var picks = new int[k];
        return picks[.._diversity.Pick(relevance, vectors, picks, (DiversityMethod)method, lambda)];
    }

    // From the definitions, in doubles, all that follows from the picks computed again for every pick.
    private static List<int> Naive(float[] relevance, float[] vectors, int k, DiversityMethod method, float lambda)
    {
        var count = relevance.Length;
        var cosine = new double[count, count];
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b < count; b++)
            {
                for (var d = 0; d < 64; d++) cosine[a, b] += (double)vectors[a * 64 + d] * vectors[b * 64 + d];
            }
        }

        var low = relevance.Min();
        var range = relevance.Max() - low;
        var picked = new List<int>();
        while (picked.Count < Math.Min(k, count))
        {
            var factor = picked.Select(_ => new double[picked.Count]).ToArray();
            for (var r = 0; r < picked.Count; r++) Solve(factor, r, j => Kernel(picked[r], picked[j]), factor[r]);
            var best = -1;
            var most = double.NegativeInfinity;
            var solved = new double[picked.Count];
            for (var i = 0; i < count; i++)
            {
                if (picked.Contains(i)) continue;
                var score = range > 0 ? (relevance[i] - low) / range : 0.0;
                if (picked.Count > 0)
                {
                    var novelty = method == DiversityMethod.MarginalRelevance
                        ? -picked.Max(j => cosine[i, j])
                        : Math.Log(Math.Max(1 - Solve(factor, picked.Count, j => Kernel(i, picked[j]), solved), 1e-6));
                    score = lambda * score + (1 - lambda) * novelty;
                }

                if (score <= most) continue;
                most = score;
                best = i;
            }

            picked.Add(best);
        }

        return picked;

        double Kernel(int a, int b) => a == b ? 1 : (1 + cosine[a, b]) / 2;
    }

    // Solves L x = k for the first rows of a Cholesky factor; as row n of the factor itself, with the root on the diagonal. Returns |x|².
    private static double Solve(double[][] factor, int n, Func<int, double> kernel, double[] x)
    {
        var square = 0.0;
        for (var j = 0; j < n; j++)
        {
            var rest = kernel(j);
            for (var t = 0; t < j; t++) rest -= factor[j][t] * x[t];
            x[j] = rest / factor[j][j];
            square += x[j] * x[j];
        }

        if (n < x.Length) x[n] = Math.Sqrt(1 - square);
        return square;
    }
}
