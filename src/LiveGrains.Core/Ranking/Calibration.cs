using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// Whether predicted probabilities come true: progressive validation (Blum, Kalai, Langford, COLT 1999) of predictions that were made before
/// their example was learned. Old observations fade. Buckets hold about a tenth of the predictions each, however rare what is
/// predicted: their borders follow the deciles of the predictions' log-odds by stochastic approximation (Robbins, Monro 1951).
/// One thread.
/// </summary>
internal sealed class Calibration
{
    /// <summary>Number of buckets.</summary>
    public const int Buckets = 10;

    private const double MaxUnit = 1e12;
    private const double LeastProbability = 1e-9;
    private const double MaxOdds = 21;
    private readonly double _growth;
    private readonly double[] _borders = new double[Buckets - 1];
    private readonly Bucket[] _buckets = new Bucket[Buckets];
    private double _loss;
    // What a new observation counts: it grows, instead of all old ones fading.
    private double _unit = 1;

    /// <summary>Makes an empty check.</summary>
    /// <param name="memory">Observations after which one counts 1 ÷ e, ≥ 1.</param>
    public Calibration(double memory)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(memory, 1);
        _growth = 1 + 1 / memory;
    }

    /// <summary>Observations, faded ones too.</summary>
    public long Observations { get; private set; }

    /// <summary>Mean −ln of what was predicted for what came about, nats; NaN when nothing was observed.</summary>
    public double LogLoss => _loss / Sum(b => b.Weight);

    /// <summary>
    /// <see cref="LogLoss"/> ÷ that of always predicting the mean (normalised entropy, He et al., ADKDD 2014): below 1 the
    /// model knows something. NaN when nothing was observed, or always the same.
    /// </summary>
    public double NormalisedEntropy
    {
        get
        {
            var mean = ObservedRate;
            return mean is > 0 and < 1 ? LogLoss / -(mean * PortableMath.Log(mean) + (1 - mean) * PortableMath.Log(1 - mean)) : double.NaN;
        }
    }

    /// <summary>Share of observations in which it came about; NaN when nothing was observed.</summary>
    public double ObservedRate => Sum(b => b.Observed) / Sum(b => b.Weight);

    /// <summary>Mean prediction; NaN when nothing was observed.</summary>
    public double PredictedRate => Sum(b => b.Predicted) / Sum(b => b.Weight);

    /// <summary>
    /// Expected calibration error: the mean distance of predicted and observed rate over the buckets, by their weight. Chance
    /// alone makes some: about √(rate ÷ observations of a bucket).
    /// </summary>
    public double Error => Sum(b => Math.Abs(b.Predicted - b.Observed)) / Sum(b => b.Weight);

    /// <summary>Mean prediction, observed rate and share of the observations of a bucket, from the lowest predictions to the highest.</summary>
    public (double Predicted, double Observed, double Share) this[int bucket]
    {
        get
        {
            var b = _buckets[bucket];
            return (b.Predicted / b.Weight, b.Observed / b.Weight, b.Weight / Sum(x => x.Weight));
        }
    }

    /// <summary>Takes a prediction and what came of it.</summary>
    /// <param name="predicted">The probability.</param>
    /// <param name="happened">True when it came about.</param>
    /// <param name="weight">What the observation counts, above 0.</param>
    public void Observe(double predicted, bool happened, double weight = 1)
    {
        var p = Math.Clamp(predicted, LeastProbability, 1 - LeastProbability);
        Observe(p, PortableMath.Log(p / (1 - p)), happened, weight);
    }

    /// <summary>The same for who knows the log-odds of the prediction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Observe(double predicted, double odds, bool happened, double weight)
    {
        var p = Math.Clamp(predicted, LeastProbability, 1 - LeastProbability);
        odds = Math.Clamp(odds, -MaxOdds, MaxOdds);
        var step = 0.01 + 2 / (1 + 0.1 * Observations);
        var bucket = 0;
        for (var i = 0; i < _borders.Length; i++)
        {
            // The first prediction is where all borders start.
            if (Observations == 0) _borders[i] = odds;
            var above = odds > _borders[i];
            if (above) bucket++;
            _borders[i] += step * (above ? (i + 1.0) / Buckets : (i + 1.0) / Buckets - 1);
        }

        Observations++;
        var counts = weight * _unit;
        _loss -= counts * PortableMath.Log(happened ? p : 1 - p);
        _buckets[bucket].Weight += counts;
        _buckets[bucket].Predicted += counts * p;
        if (happened) _buckets[bucket].Observed += counts;
        _unit *= _growth;
        if (_unit > MaxUnit) Rescale();
    }

    /// <summary>Writes the sums.</summary>
    public void Save(IStateSink sink)
    {
        sink.Put(Observations);
        sink.Put(_loss);
        sink.Put(_unit);
        sink.Write(MemoryMarshal.AsBytes(_borders.AsSpan()));
        sink.Write(MemoryMarshal.AsBytes(_buckets.AsSpan()));
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    public void Load(IStateSource source)
    {
        Observations = source.Take<long>();
        _loss = source.Take<double>();
        _unit = source.Take<double>();
        source.Read(MemoryMarshal.AsBytes(_borders.AsSpan()));
        source.Read(MemoryMarshal.AsBytes(_buckets.AsSpan()));
    }

    private void Rescale()
    {
        _loss /= _unit;
        foreach (ref var bucket in _buckets.AsSpan())
        {
            bucket.Weight /= _unit;
            bucket.Predicted /= _unit;
            bucket.Observed /= _unit;
        }

        _unit = 1;
    }

    private double Sum(Func<Bucket, double> part)
    {
        var sum = 0.0;
        foreach (var bucket in _buckets) sum += part(bucket);
        return sum;
    }

    private struct Bucket
    {
        public double Weight;
        public double Predicted;
        public double Observed;
    }
}
