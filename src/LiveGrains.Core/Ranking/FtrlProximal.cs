using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// Logistic regression learned online with FTRL-Proximal (McMahan et al., "Ad click prediction: a view from the trenches",
/// KDD 2013): a learning rate for each coordinate, L1 that gives exact zeros, and per <see cref="Objective"/> its own weights over the
/// same terms. It starts from prior weights, so that the ranking is sensible before anything is learned. There is no
/// intercept of its own: one of the terms is to be 1.
/// <para>
/// Learning is in doubles, because sums of squared gradients outgrow floats within days; scoring is in floats. Only +, −, ×, ÷,
/// √ and fused multiply-add in a fixed order, so that the same examples give the same bits everywhere. One thread.
/// </para>
/// </summary>
internal sealed unsafe class FtrlProximal
{
    /// <summary>Most terms.</summary>
    public const int MaxTerms = 64;

    /// <summary>Number of objectives.</summary>
    public const int Objectives = 3;

    private const int Lanes = 16;
    private readonly FtrlOptions _options;
    private readonly double _inverseAlpha;
    private readonly double[] _z = new double[Objectives * MaxTerms];
    private readonly double[] _squares = new double[Objectives * MaxTerms];
    private readonly double[] _roots = new double[Objectives * MaxTerms];
    private readonly double[] _weights = new double[Objectives * MaxTerms];
    private readonly float[] _scoring = new float[Objectives * MaxTerms];
    private readonly Calibration[] _calibrations = new Calibration[Objectives];

    /// <summary>Makes a model that predicts what its prior weights say.</summary>
    /// <param name="terms">1 to <see cref="MaxTerms"/>.</param>
    /// <param name="options">Rates and penalties.</param>
    /// <param name="priors">For each objective the weights of all terms; empty: zeros.</param>
    public FtrlProximal(int terms, FtrlOptions options, ReadOnlySpan<float> priors = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(terms, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(terms, MaxTerms);
        if (!priors.IsEmpty) ArgumentOutOfRangeException.ThrowIfNotEqual(priors.Length, Objectives * terms, nameof(priors));
        options.Validate();
        _options = options;
        _inverseAlpha = 1 / options.Alpha;
        Terms = terms;
        Stride = (terms + Lanes - 1) / Lanes * Lanes;
        var root = Math.Sqrt(options.PriorStrength);
        for (var objective = 0; objective < Objectives; objective++)
        {
            _calibrations[objective] = new Calibration(options.CalibrationMemory);
            for (var i = 0; i < terms; i++)
            {
                double prior = priors.IsEmpty ? 0 : priors[objective * terms + i];
                var at = objective * MaxTerms + i;
                _squares[at] = options.PriorStrength;
                // The z at which the closed form of the weight gives the prior.
                _z[at] = prior == 0 ? 0 : -prior * Curvature(root) - Math.Sign(prior) * options.L1;
            }
        }

        Derive();
    }

    /// <summary>Terms of a candidate.</summary>
    public int Terms { get; }

    /// <summary>Floats from one candidate to the next in a batch: <see cref="Terms"/> rounded up to a multiple of 16.</summary>
    public int Stride { get; }

    /// <summary>The weights of an objective.</summary>
    public ReadOnlySpan<float> Weights(Objective objective) => _scoring.AsSpan((int)objective * MaxTerms, Terms);

    /// <summary>How well an objective's predictions came true, each taken before it was learned from.</summary>
    public Calibration Check(Objective objective) => _calibrations[(int)objective];

    /// <summary>
    /// Predicts all objectives of a batch.
    /// </summary>
    /// <param name="candidates">Candidates of <see cref="Stride"/> finite floats each; what lies behind the terms does not count.</param>
    /// <param name="probabilities">Takes the probabilities: all candidates' first objective, then all candidates' second, and so on.</param>
    public void Score(ReadOnlySpan<float> candidates, Span<float> probabilities)
    {
        var count = candidates.Length / Stride;
        if (count * Stride != candidates.Length) throw new ArgumentException("A candidate is incomplete.", nameof(candidates));
        ArgumentOutOfRangeException.ThrowIfLessThan(probabilities.Length, count * Objectives, nameof(probabilities));
        fixed (float* x = candidates, w = _scoring, p = probabilities)
        {
            if (Avx512F.IsSupported) ProductsWide(x, w, p, count, Stride);
            else ProductsPortable(x, w, p, count, Stride);
        }

        VectorMath.Sigmoid(probabilities[..(count * Objectives)]);
    }

    /// <summary>The probability of an objective for one candidate, in full precision.</summary>
    [SkipLocalsInit]
    public double Predict(Objective objective, ReadOnlySpan<float> terms)
    {
        double* x = stackalloc double[MaxTerms];
        return PortableMath.Sigmoid(LogOdds(objective, terms, x));
    }

    /// <summary>
    /// Learns from one example and returns what was predicted before.
    /// </summary>
    /// <param name="objective">What is learned.</param>
    /// <param name="terms">At least <see cref="Terms"/> finite floats.</param>
    /// <param name="happened">True when it came about.</param>
    /// <param name="weight">What the example counts, above 0; corrections of the sample belong here, that of <see cref="FtrlOptions.NegativeShare"/> is made anyway.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public double Learn(Objective objective, ReadOnlySpan<float> terms, bool happened, double weight = 1)
    {
        double* x = stackalloc double[MaxTerms];
        var odds = LogOdds(objective, terms, x);
        var predicted = PortableMath.Sigmoid(odds);
        if (!happened) weight /= _options.NegativeShare;
        _calibrations[(int)objective].Observe(predicted, odds, happened, weight);
        Update((int)objective * MaxTerms, x, (predicted - (happened ? 1 : 0)) * weight);
        return predicted;
    }

    /// <summary>Writes what was learned.</summary>
    public void Save(IStateSink sink)
    {
        sink.Put(Terms);
        sink.Write(MemoryMarshal.AsBytes(_z.AsSpan()));
        sink.Write(MemoryMarshal.AsBytes(_squares.AsSpan()));
        foreach (var calibration in _calibrations) calibration.Save(sink);
    }

    /// <summary>Reads what <see cref="Save"/> wrote with the same number of terms and the same options.</summary>
    public void Load(IStateSource source)
    {
        if (source.Take<int>() != Terms) throw new InvalidDataException("terms of the model");
        source.Read(MemoryMarshal.AsBytes(_z.AsSpan()));
        source.Read(MemoryMarshal.AsBytes(_squares.AsSpan()));
        foreach (var calibration in _calibrations) calibration.Load(source);
        Derive();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double LogOdds(Objective objective, ReadOnlySpan<float> terms, double* x)
    {
        terms = terms[..Terms];
        var done = 0;
        for (; done + 4 <= terms.Length; done += 4)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(terms.Slice(done, 4)));
            low.Store(x + done);
            high.Store(x + done + 2);
        }

        for (; done < terms.Length; done++) x[done] = terms[done];
        for (; done < Stride; done++) x[done] = 0;
        var sums = Vector256<double>.Zero;
        fixed (double* w = &_weights[(int)objective * MaxTerms])
        {
            for (var i = 0; i < Stride; i += 4) sums = Vector256.FusedMultiplyAdd(Vector256.Load(w + i), Vector256.Load(x + i), sums);
        }

        var half = sums.GetLower() + sums.GetUpper();
        return half.ToScalar() + half.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update(int first, double* x, double slope)
    {
        fixed (double* z = &_z[first], squares = &_squares[first], roots = &_roots[first], weights = &_weights[first])
        fixed (float* scoring = &_scoring[first])
        {
            var inverseAlpha = Vector256.Create(_inverseAlpha);
            for (var i = 0; i < Terms; i += 4)
            {
                var gradient = Vector256.Load(x + i) * slope;
                var square = Vector256.Load(squares + i) + gradient * gradient;
                var root = Vector256.Sqrt(square);
                var moved = Vector256.Load(z + i) + gradient - (root - Vector256.Load(roots + i)) * inverseAlpha * Vector256.Load(weights + i);
                var weight = Weight(moved, root);
                square.Store(squares + i);
                root.Store(roots + i);
                moved.Store(z + i);
                weight.Store(weights + i);
                Vector256.Narrow(weight, weight).GetLower().Store(scoring + i);
            }
        }
    }

    // The weight that minimises the regularised sum of all past gradients, in closed form (algorithm 1 of the paper).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<double> Weight(Vector256<double> z, Vector256<double> root)
    {
        var beyond = Vector256.Max(Vector256.Abs(z) - Vector256.Create(_options.L1), Vector256<double>.Zero);
        var signed = Vector256.ConditionalSelect(Vector256.GreaterThan(z, Vector256<double>.Zero), -beyond, beyond);
        var curvature = (Vector256.Create(_options.Beta) + root) * _inverseAlpha + Vector256.Create(_options.L2);
        return Vector256.ConditionalSelect(Vector256.Equals(beyond, Vector256<double>.Zero), Vector256<double>.Zero, signed / curvature);
    }

    private double Curvature(double root) => (_options.Beta + root) * _inverseAlpha + _options.L2;

    private void Derive()
    {
        for (var i = 0; i < _z.Length; i++)
        {
            _roots[i] = Math.Sqrt(_squares[i]);
            _weights[i] = Weight(Vector256.Create(_z[i]), Vector256.Create(_roots[i])).ToScalar();
            _scoring[i] = (float)_weights[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ProductsWide(float* x, float* w, float* products, int count, int stride)
    {
        for (var i = 0; i < count; i++, x += stride)
        {
            var first = Vector512<float>.Zero;
            var second = Vector512<float>.Zero;
            var third = Vector512<float>.Zero;
            for (var t = 0; t < stride; t += Lanes)
            {
                var terms = Avx512F.LoadVector512(x + t);
                first = Avx512F.FusedMultiplyAdd(terms, Avx512F.LoadVector512(w + t), first);
                second = Avx512F.FusedMultiplyAdd(terms, Avx512F.LoadVector512(w + MaxTerms + t), second);
                third = Avx512F.FusedMultiplyAdd(terms, Avx512F.LoadVector512(w + 2 * MaxTerms + t), third);
            }

            products[i] = FeatureVector.Sum(first.GetLower(), first.GetUpper());
            products[count + i] = FeatureVector.Sum(second.GetLower(), second.GetUpper());
            products[2 * count + i] = FeatureVector.Sum(third.GetLower(), third.GetUpper());
        }
    }

    /// <summary>The same with the instructions that every machine has.</summary>
    internal static void ProductsPortable(float* x, float* w, float* products, int count, int stride)
    {
        for (var i = 0; i < count; i++, x += stride)
        {
            for (var objective = 0; objective < Objectives; objective++)
            {
                var lower = Vector256<float>.Zero;
                var upper = Vector256<float>.Zero;
                for (var t = 0; t < stride; t += Lanes)
                {
                    lower = Vector256.FusedMultiplyAdd(Vector256.Load(x + t), Vector256.Load(w + objective * MaxTerms + t), lower);
                    upper = Vector256.FusedMultiplyAdd(Vector256.Load(x + t + 8), Vector256.Load(w + objective * MaxTerms + t + 8), upper);
                }

                products[objective * count + i] = FeatureVector.Sum(lower, upper);
            }
        }
    }
}
