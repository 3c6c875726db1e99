using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// Picks a list that is relevant and not monotonous, greedily, one candidate after the other.
/// <para>
/// Both methods maximise λ · relevance + (1 − λ) · novelty, with relevances stretched to 0..1 within the candidates. For
/// marginal relevance the novelty is − the highest cosine with a candidate already picked; for the determinant it is the
/// logarithm of the part of the candidate that those picked do not span, with the kernel (1 + cosine) ÷ 2, kept up by the
/// incremental Cholesky factor of Chen et al. The first pick is the most relevant candidate; of equals the first wins. λ = 1 is the
/// order of relevance.
/// </para>
/// <para>
/// Buffers are made once, 150 KB of native memory; no call allocates. The loops skip tiered compilation: a ranking should
/// not be slow for its first thousands. One thread.
/// </para>
/// </summary>
internal sealed unsafe class Diversity
{
    /// <summary>Most candidates.</summary>
    public const int MaxCandidates = 320;

    /// <summary>Most picks.</summary>
    public const int MaxPicks = 50;

    /// <summary>
    /// What is used when nobody says otherwise. On simulated candidates the two methods lie on the same curve of relevance against
    /// distance and coverage; marginal relevance is faster, its error does not add up, and it can be explained: each penalty
    /// has one candidate to blame. The determinant is for lists in which whole sets should not repeat themselves.
    /// </summary>
    public const DiversityMethod DefaultMethod = DiversityMethod.MarginalRelevance;

    /// <summary>The λ that is used when nobody says otherwise: there it costs 2 % of the relevance and covers two thirds more categories.</summary>
    public const float DefaultLambda = 0.7f;

    private const int Dimensions = FeatureVector.Dimensions;
    private const int TileLanes = 64;
    private const int Lanes = 8;

    // Below this the rest of a candidate is rounding: it is a copy of what was picked.
    private const float LeastRest = 1e-6f;
    private readonly float* _tiles;
    private readonly float* _factors;
    private readonly float* _relevance;
    private readonly float* _similarity;
    private readonly float* _rest;
    private readonly float* _score;

    /// <summary>Makes the buffers.</summary>
    public Diversity(NativeArena arena)
    {
        // Aligned to lines: a register that straddles two costs twice, and this code waits for little else.
        _tiles = (float*)arena.Allocate(MaxCandidates * Dimensions * sizeof(float));
        _factors = (float*)arena.Allocate(MaxCandidates * MaxPicks * sizeof(float));
        _relevance = (float*)arena.Allocate(MaxCandidates * sizeof(float));
        _similarity = (float*)arena.Allocate(MaxCandidates * sizeof(float));
        _rest = (float*)arena.Allocate(MaxCandidates * sizeof(float));
        _score = (float*)arena.Allocate(MaxCandidates * sizeof(float));
    }

    /// <summary>
    /// Fills <paramref name="picks"/> with the places of candidates, best first, and returns how many: as many as fit, or all candidates.
    /// </summary>
    /// <param name="relevance">Finite; higher is better. At most <see cref="MaxCandidates"/>.</param>
    /// <param name="vectors">64 floats for each candidate, of length 1 or 0.</param>
    /// <param name="picks">At most <see cref="MaxPicks"/>.</param>
    /// <param name="method">How.</param>
    /// <param name="lambda">0 (diversity alone) to 1 (relevance alone).</param>
    public int Pick(ReadOnlySpan<float> relevance, ReadOnlySpan<float> vectors, Span<int> picks, DiversityMethod method = DefaultMethod, float lambda = DefaultLambda)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(relevance.Length, MaxCandidates, nameof(relevance));
        ArgumentOutOfRangeException.ThrowIfNotEqual(vectors.Length, relevance.Length * Dimensions, nameof(vectors));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(picks.Length, MaxPicks, nameof(picks));
        if (!(lambda is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(lambda), lambda, "λ is from 0 to 1.");
        var count = Math.Min(relevance.Length, picks.Length);
        if (count == 0) return 0;
        var padded = (relevance.Length + Lanes - 1) / Lanes * Lanes;
        if (lambda == 1)
        {
            relevance.CopyTo(new Span<float>(_score, relevance.Length));
            new Span<float>(_score + relevance.Length, padded - relevance.Length).Fill(float.NegativeInfinity);
            for (var i = 0; i < count; i++)
            {
                picks[i] = Best(padded);
                _score[picks[i]] = float.NegativeInfinity;
            }

            return count;
        }

        Prepare(relevance, vectors, lambda, padded);
        picks[0] = Best(padded);
        for (var i = 1; i < count; i++)
        {
            var last = picks[i - 1];
            // Once picked, a candidate is out: its relevance is what every later score of it begins with.
            _relevance[last] = float.NegativeInfinity;
            Compare(vectors.Slice(last * Dimensions, Dimensions), relevance.Length);
            if (method == DiversityMethod.Determinant) ScoreByDeterminant(last, i - 1, 1 - lambda, padded);
            else ScoreByMarginalRelevance(i == 1, 1 - lambda, padded);
            picks[i] = Best(padded);
        }

        return count;
    }

    /// <summary>Mean of 1 − cosine over all pairs of a list (Ziegler et al., WWW 2005): 0 for copies, about 1 for unrelated items; 0 for fewer than two.</summary>
    /// <param name="vectors">64 floats for each candidate, of length 1 or 0.</param>
    /// <param name="picks">Places of candidates.</param>
    public static double IntraListDistance(ReadOnlySpan<float> vectors, ReadOnlySpan<int> picks)
    {
        var sum = 0.0;
        for (var i = 0; i < picks.Length; i++)
        {
            for (var j = 0; j < i; j++)
                sum += 1 - FeatureVector.Dot(vectors.Slice(picks[i] * Dimensions, Dimensions), vectors.Slice(picks[j] * Dimensions, Dimensions));
        }

        return picks.Length < 2 ? 0 : sum / (picks.Length * (picks.Length - 1) / 2);
    }

    /// <summary>Distinct categories of a list ÷ as many as it could have: those of all candidates, or its length. 1 for an empty list.</summary>
    /// <param name="categories">The category of each candidate.</param>
    /// <param name="picks">Places of candidates.</param>
    public static double CategoryCoverage(ReadOnlySpan<int> categories, ReadOnlySpan<int> picks)
    {
        var picked = 0;
        for (var i = 0; i < picks.Length; i++)
        {
            var isNew = true;
            for (var j = 0; j < i && isNew; j++) isNew = categories[picks[i]] != categories[picks[j]];
            if (isNew) picked++;
        }

        var all = 0;
        for (var i = 0; i < categories.Length && all < picks.Length; i++)
        {
            if (!categories[..i].Contains(categories[i])) all++;
        }

        return all == 0 ? 1 : (double)picked / all;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Prepare(ReadOnlySpan<float> relevance, ReadOnlySpan<float> vectors, float lambda, int padded)
    {
        float low = relevance[0], high = relevance[0];
        foreach (var r in relevance)
        {
            low = Math.Min(low, r);
            high = Math.Max(high, r);
        }

        var unit = high > low ? 1 / (high - low) : 0;
        for (var i = 0; i < relevance.Length; i++)
        {
            _relevance[i] = (relevance[i] - low) * unit * lambda;
            // Of the first pick relevance alone decides, for λ = 0 as well.
            _score[i] = relevance[i];
        }

        new Span<float>(_relevance + relevance.Length, padded - relevance.Length).Fill(float.NegativeInfinity);
        new Span<float>(_score + relevance.Length, padded - relevance.Length).Fill(float.NegativeInfinity);
        new Span<float>(_rest, padded).Fill(1);
        fixed (float* v = vectors) Transpose(v, _tiles, relevance.Length);
    }

    // The cosines of one candidate with all: 64 candidates to a tile, dimension by dimension.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Compare(ReadOnlySpan<float> vector, int count)
    {
        fixed (float* v = vector)
        {
            for (var first = 0; first < count; first += TileLanes)
            {
                var tile = _tiles + first * Dimensions;
                var similarity = _similarity + first;
                if (Avx512F.IsSupported)
                {
                    CompareWide(v, tile, similarity);
                    continue;
                }

                var sum0 = Vector256<float>.Zero;
                var sum1 = sum0;
                var sum2 = sum0;
                var sum3 = sum0;
                var sum4 = sum0;
                var sum5 = sum0;
                var sum6 = sum0;
                var sum7 = sum0;
                for (var d = 0; d < Dimensions; d++, tile += TileLanes)
                {
                    var x = Vector256.Create(v[d]);
                    sum0 = Vector256.FusedMultiplyAdd(x, Vector256.Load(tile), sum0);
                    sum1 = Vector256.FusedMultiplyAdd(x, Vector256.Load(tile + 8), sum1);
                    sum2 = Vector256.FusedMultiplyAdd(x, Vector256.Load(tile + 16), sum2);
                    sum3 = Vector256.FusedMultiplyAdd(x, Vector256.Load(tile + 24), sum3);
                    sum4 = Vector256.FusedMultiplyAdd(x, Vector256.Load(tile + 32), sum4);
                    sum5 = Vector256.FusedMultiplyAdd(x, Vector256.Load(tile + 40), sum5);
                    sum6 = Vector256.FusedMultiplyAdd(x, Vector256.Load(tile + 48), sum6);
                    sum7 = Vector256.FusedMultiplyAdd(x, Vector256.Load(tile + 56), sum7);
                }

                sum0.Store(similarity);
                sum1.Store(similarity + 8);
                sum2.Store(similarity + 16);
                sum3.Store(similarity + 24);
                sum4.Store(similarity + 32);
                sum5.Store(similarity + 40);
                sum6.Store(similarity + 48);
                sum7.Store(similarity + 56);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CompareWide(float* vector, float* tile, float* similarity)
    {
        var sum0 = Vector512<float>.Zero;
        var sum1 = sum0;
        var sum2 = sum0;
        var sum3 = sum0;
        for (var d = 0; d < Dimensions; d++, tile += TileLanes)
        {
            var x = Vector512.Create(vector[d]);
            sum0 = Avx512F.FusedMultiplyAdd(x, Avx512F.LoadVector512(tile), sum0);
            sum1 = Avx512F.FusedMultiplyAdd(x, Avx512F.LoadVector512(tile + 16), sum1);
            sum2 = Avx512F.FusedMultiplyAdd(x, Avx512F.LoadVector512(tile + 32), sum2);
            sum3 = Avx512F.FusedMultiplyAdd(x, Avx512F.LoadVector512(tile + 48), sum3);
        }

        Avx512F.Store(similarity, sum0);
        Avx512F.Store(similarity + 16, sum1);
        Avx512F.Store(similarity + 32, sum2);
        Avx512F.Store(similarity + 48, sum3);
    }

    // The rest of a candidate is here its highest cosine with those picked.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreByMarginalRelevance(bool isFirst, float novelty, int padded)
    {
        for (var i = 0; i < padded; i += Lanes)
        {
            var most = Vector256.Load(_similarity + i);
            if (!isFirst) most = Vector256.Max(most, Vector256.Load(_rest + i));
            most.Store(_rest + i);
            (Vector256.Load(_relevance + i) - most * novelty).Store(_score + i);
        }
    }

    // Adds a row to the Cholesky factor of the kernel of those picked, and takes from every candidate what the new pick spans.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScoreByDeterminant(int last, int row, float novelty, int padded)
    {
        var inverse = Vector256.Create(1 / MathF.Sqrt(Math.Max(_rest[last], LeastRest)));
        var half = Vector256.Create(0.5f);
        float* ofLast = stackalloc float[MaxPicks];
        for (var t = 0; t < row; t++) ofLast[t] = -_factors[t * MaxCandidates + last];
        for (var i = 0; i < padded; i += 2 * Lanes)
        {
            // Two registers at a time hide the latency of the sums; the second may be padding, for which there is room.
            var first = Vector256.FusedMultiplyAdd(Vector256.Load(_similarity + i), half, half);
            var second = Vector256.FusedMultiplyAdd(Vector256.Load(_similarity + i + Lanes), half, half);
            var factors = _factors + i;
            for (var t = 0; t < row; t++, factors += MaxCandidates)
            {
                var part = Vector256.Create(ofLast[t]);
                first = Vector256.FusedMultiplyAdd(Vector256.Load(factors), part, first);
                second = Vector256.FusedMultiplyAdd(Vector256.Load(factors + Lanes), part, second);
            }

            ScoreRest(i, first * inverse, factors, novelty);
            ScoreRest(i + Lanes, second * inverse, factors + Lanes, novelty);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ScoreRest(int i, Vector256<float> factor, float* place, float novelty)
    {
        factor.Store(place);
        var left = Vector256.Max(Vector256.Load(_rest + i) - factor * factor, Vector256.Create(LeastRest));
        left.Store(_rest + i);
        Vector256.FusedMultiplyAdd(VectorMath.Log(left), Vector256.Create(novelty), Vector256.Load(_relevance + i)).Store(_score + i);
    }

    // The place of the highest score, of equals the first.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Best(int padded)
    {
        var most = Vector256.Load(_score);
        for (var i = Lanes; i < padded; i += Lanes) most = Vector256.Max(most, Vector256.Load(_score + i));
        var highest = most[0];
        for (var lane = 1; lane < Lanes; lane++) highest = Math.Max(highest, most[lane]);
        var wanted = Vector256.Create(highest);
        for (var i = 0; ; i += Lanes)
        {
            var equal = Vector256.Equals(Vector256.Load(_score + i), wanted).ExtractMostSignificantBits();
            if (equal != 0) return i + BitOperations.TrailingZeroCount(equal);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose(float* vectors, float* tiles, int count)
    {
        for (var first = 0; first < count; first += Lanes)
        {
            var lane = tiles + first / TileLanes * TileLanes * Dimensions + first % TileLanes;
            var rows = Math.Min(Lanes, count - first);
            var vector = vectors + first * Dimensions;
            if (Avx.IsSupported && rows == Lanes)
            {
                for (var d = 0; d < Dimensions; d += 8) TransposeSquare(vector + d, lane + d * TileLanes);
                continue;
            }

            for (var row = 0; row < Lanes; row++)
            {
                for (var d = 0; d < Dimensions; d++) lane[d * TileLanes + row] = row < rows ? vector[row * Dimensions + d] : 0;
            }
        }

        // Lanes of the last tile that are only compared along.
        for (var lane = (count + Lanes - 1) / Lanes * Lanes; lane % TileLanes != 0; lane++)
        {
            for (var d = 0; d < Dimensions; d++) tiles[lane / TileLanes * TileLanes * Dimensions + d * TileLanes + lane % TileLanes] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeSquare(float* from, float* to)
    {
        var a = Pairs(from, from + Dimensions, out var b);
        var c = Pairs(from + 2 * Dimensions, from + 3 * Dimensions, out var d);
        var e = Pairs(from + 4 * Dimensions, from + 5 * Dimensions, out var f);
        var g = Pairs(from + 6 * Dimensions, from + 7 * Dimensions, out var h);
        StorePair(Avx.Shuffle(a, c, 0x44), Avx.Shuffle(e, g, 0x44), to, 0);
        StorePair(Avx.Shuffle(a, c, 0xEE), Avx.Shuffle(e, g, 0xEE), to, 1);
        StorePair(Avx.Shuffle(b, d, 0x44), Avx.Shuffle(f, h, 0x44), to, 2);
        StorePair(Avx.Shuffle(b, d, 0xEE), Avx.Shuffle(f, h, 0xEE), to, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pairs(float* first, float* second, out Vector256<float> high)
    {
        var x = Avx.LoadVector256(first);
        var y = Avx.LoadVector256(second);
        high = Avx.UnpackHigh(x, y);
        return Avx.UnpackLow(x, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePair(Vector256<float> low, Vector256<float> high, float* to, int dimension)
    {
        Avx.Store(to + dimension * TileLanes, Avx.Permute2x128(low, high, 0x20));
        Avx.Store(to + (dimension + 4) * TileLanes, Avx.Permute2x128(low, high, 0x31));
    }
}
