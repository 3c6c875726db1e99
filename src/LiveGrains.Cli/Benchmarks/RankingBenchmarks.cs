using System.Diagnostics;
using System.Globalization;
using System.Text;
using LiveGrains.Core;

namespace LiveGrains.Cli.Benchmarks;

/// <summary>`exactTop10`.</summary>
internal sealed class ExactTopBenchmark : IBenchmark
{
    private const int Rows = 100_000;
    private const int Queries = 200;
    private readonly ScoredRow[] _results = new ScoredRow[10];

    public string Name => "exactTop10";

    public string What => "exact top 10 of 100,000 × 64 dimensions, one thread: random directions, where nothing can be pruned";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var random = new Random(1);
        var uniform = Uniform(random);
        var items = Items(random);
        var seconds = context.Quick ? 0.3 : 2;
        var (random10, plain) = Measure(uniform, seconds, context.CancellationToken);
        var (items10, itemsPlain) = Measure(items, seconds, context.CancellationToken);
        return new BenchmarkResult(random10, "ms")
        {
            Must = 1,
            Goal = 0.15,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"{plain / random10:N0}× as fast as a plain scan of the floats, {plain:N2} ms; hashed features of a simulated catalogue {items10:N3} ms, {itemsPlain / items10:N0}×; medians"),
        };
    }

    private (double Index, double Plain) Measure(float[] vectors, double seconds, CancellationToken cancellationToken)
    {
        using var arena = new NativeArena();
        var index = new VectorIndex(arena, Rows);
        for (var row = 0; row < Rows; row++) index.Set(row, vectors.AsSpan(row * 64, 64));
        index.Rebuild();
        var queries = vectors.AsMemory(Rows * 64);
        // Both once before, so that both are compiled.
        TimeOf(seconds / 2, q => index.Top(queries.Span.Slice(q * 64, 64), _results), cancellationToken);
        TimeOf(seconds / 4, q => Scan(vectors, queries.Span.Slice(q * 64, 64), _results), cancellationToken);
        return (TimeOf(seconds, q => index.Top(queries.Span.Slice(q * 64, 64), _results), cancellationToken),
            TimeOf(seconds, q => Scan(vectors, queries.Span.Slice(q * 64, 64), _results), cancellationToken));
    }

    // The median, ms.
    private static double TimeOf(double seconds, Action<int> query, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds || times.Count < 10)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = Stopwatch.GetTimestamp();
            query(times.Count % Queries);
            times.Add(Stopwatch.GetElapsedTime(before).TotalMilliseconds);
        }

        return Bench.BenchCommand.Median(times);
    }

    private static void Scan(float[] vectors, ReadOnlySpan<float> query, Span<ScoredRow> results)
    {
        results.Fill(new ScoredRow(int.MaxValue, float.MinValue));
        for (var row = 0; row < Rows; row++)
        {
            var candidate = new ScoredRow(row, FeatureVector.Dot(query, vectors.AsSpan(row * 64, 64)));
            if (!candidate.IsBefore(results[^1])) continue;
            var at = results.Length - 1;
            for (; at > 0 && candidate.IsBefore(results[at - 1]); at--) results[at] = results[at - 1];
            results[at] = candidate;
        }
    }

    private static float[] Uniform(Random random)
    {
        var vectors = new float[(Rows + Queries) * 64];
        for (var i = 0; i < vectors.Length; i++) vectors[i] = RankingPieces.Normal(random);
        for (var i = 0; i < vectors.Length; i += 64) FeatureVector.Normalise(vectors.AsSpan(i, 64));
        return vectors;
    }

    // A catalogue with words, tags and hosts as frequent as they are on a platform; a query is a viewer who saw five items of one kind and two others.
    private static float[] Items(Random random)
    {
        using var arena = new NativeArena();
        var features = new ItemFeatures(arena, new BlobArena(arena));
        var blobs = new uint[Rows];
        var categories = new int[Rows];
        for (var i = 0; i < Rows; i++)
        {
            var category = (int)(30 * Math.Pow(random.NextDouble(), 1.5));
            categories[i] = category;
            var title = string.Join(' ', Enumerable.Range(0, 3 + random.Next(5)).Select(_ => $"w{(random.Next(3) == 0 ? random.Next(2000) : category * 60 + (int)(60 * Math.Pow(random.NextDouble(), 2)))}"));
            var tags = Enumerable.Range(0, 1 + random.Next(3)).SelectMany(_ =>
            {
                var tag = Encoding.UTF8.GetBytes($"tag{category * 12 + random.Next(12)}");
                return new byte[] { (byte)tag.Length, 0 }.Concat(tag);
            }).ToArray();
            blobs[i] = features.Describe(0, new ItemText
            {
                Category = Encoding.UTF8.GetBytes($"category{category}"),
                Tags = tags,
                Title = Encoding.UTF8.GetBytes(title),
                Host = Encoding.UTF8.GetBytes($"host{category}-{(int)(300 * Math.Pow(random.NextDouble(), 2))}"),
                Price = (long)(2000 * Math.Exp(1.5 * RankingPieces.Normal(random))),
            });
        }

        var vectors = new float[(Rows + Queries) * 64];
        for (var i = 0; i < Rows; i++) features.Vector(blobs[i], vectors.AsSpan(i * 64, 64));
        for (var q = 0; q < Queries; q++)
        {
            var query = vectors.AsSpan((Rows + q) * 64, 64);
            var taste = categories[random.Next(Rows)];
            for (var seen = 0; seen < 7;)
            {
                var item = random.Next(Rows);
                if (seen < 5 && categories[item] != taste) continue;
                for (var d = 0; d < 64; d++) query[d] += vectors[item * 64 + d];
                seen++;
            }

            FeatureVector.Normalise(query);
        }

        return vectors;
    }
}

/// <summary>`rankPieces`.</summary>
internal sealed class RankingPieces : IBenchmark
{
    private const int Candidates = 300;
    private const int Terms = 48;

    public string Name => "rankPieces";

    public string What => "scoring 300 candidates × 48 terms × 3 objectives and picking 20 diverse ones";

    public BenchmarkResult Run(BenchmarkContext context)
    {
        var random = new Random(2);
        var model = new FtrlProximal(Terms, new FtrlOptions(), Enumerable.Range(0, 3 * Terms).Select(_ => Normal(random) / 4).ToArray());
        var terms = Enumerable.Range(0, Candidates * model.Stride).Select(_ => (float)random.NextDouble()).ToArray();
        var probabilities = new float[3 * Candidates];
        var vectors = Enumerable.Range(0, Candidates * 64).Select(_ => Normal(random)).ToArray();
        for (var i = 0; i < vectors.Length; i += 64) FeatureVector.Normalise(vectors.AsSpan(i, 64));
        using var arena = new NativeArena();
        var diversity = new Diversity(arena);
        var picks = new int[20];
        var score = TimeOf(context, () => model.Score(terms, probabilities));
        var marginal = TimeOf(context, () => diversity.Pick(probabilities.AsSpan(0, Candidates), vectors, picks, DiversityMethod.MarginalRelevance));
        var determinant = TimeOf(context, () => diversity.Pick(probabilities.AsSpan(0, Candidates), vectors, picks, DiversityMethod.Determinant));
        var at = 0;
        var learn = TimeOf(context, () => model.Learn(Objective.Watch, terms.AsSpan(at++ % Candidates * model.Stride, Terms), at % 3 == 0));
        var chosen = Diversity.DefaultMethod == DiversityMethod.Determinant ? determinant : marginal;
        return new BenchmarkResult(score + chosen, "µs")
        {
            Must = 55,
            LowerIsBetter = true,
            Note = string.Create(CultureInfo.InvariantCulture,
                $"scoring {score:N1} (15 asked), diversity by marginal relevance {marginal:N1}, by determinant {determinant:N1} (40 asked), learning one example {learn:N2} (0.3 asked), µs"),
        };
    }

    /// <summary>A number of the standard normal distribution.</summary>
    public static float Normal(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    // The median over batches of about 1 ms, µs.
    private static double TimeOf(BenchmarkContext context, Action piece)
    {
        const int Batch = 100;
        var times = new List<double>();
        var start = Stopwatch.GetTimestamp();
        var seconds = context.Quick ? 0.3 : 1.0;
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds || times.Count < 20)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            var before = Stopwatch.GetTimestamp();
            for (var i = 0; i < Batch; i++) piece();
            times.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds / Batch);
        }

        // The first half is for the compiler.
        return Bench.BenchCommand.Median(times.Skip(times.Count / 2));
    }
}
