using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace LiveGrains.Core;

/// <summary>
/// How many impressions each capped group would get at which price, lately: decayed histograms of the highest price at which a
/// candidate would still have been given a slot. A group that its cap holds back is seen as well as one that is shown, so that the price
/// is read off at once instead of being felt for. Bounded. One thread.
/// </summary>
/// <remarks>
/// Two memories: the long one has the price at which a cap lasts until its window ends, so that a crowd is served from what is left;
/// the short one has the price at which what is left lasts for the coming minutes, so that a crowd does not use it up on who comes first. The
/// higher of the two holds.
/// </remarks>
internal sealed unsafe class DemandCurves
{
    /// <summary>Most groups with a curve, half a kilobyte each; what comes later is held back by its cap alone.</summary>
    public const int MaxCurves = 1 << 16;

    /// <summary>Half of what was seen is forgotten in so many seconds: of the short memory.</summary>
    public const float ShortHalfLifeSeconds = 42;

    /// <summary>And of the long one.</summary>
    public const float LongHalfLifeSeconds = 832;

    // Prices from 0 to 4 mean values of an impression.
    private const int Steps = 64;
    private const float StepsPerValue = 16;
    // What is new counts for more instead of what is old for less, until so many seconds are over: then all is scaled back.
    private const int ScaleSeconds = 1600;
    // Curves that are on their way from memory while one is added to.
    private const int CurvesAhead = 8;
    // By how much, at most, a curve's sum may be below the sum of its bins.
    private const double Rounding = 1e-3;

    // By number of the group.
    private Curve?[] _curves = [];
    private double _shortImpressions;
    private double _longImpressions;
    private float _shortWeight = 1;
    private float _longWeight = 1;
    private long _second;
    private long _base;

    // How many would pay a step's price, by either memory.
    private record struct Bin(float Short, float Long);

    [InlineArray(Steps)]
    private struct Bins
    {
        private Bin _first;
    }

    // The sums stand beside the bins: most groups want less than their caps leave, and then nothing else is read.
    private sealed class Curve
    {
        public double Short;
        public double Long;
        public long Base;
        public Bins Bins;
    }

    /// <summary>Groups with a curve.</summary>
    public int Count { get; private set; }

    /// <summary>Impressions were given away in a second of the clock, to whomever.</summary>
    public void Given(long second, int impressions)
    {
        AdvanceTo(second);
        _shortImpressions += _shortWeight * impressions;
        _longImpressions += _longWeight * impressions;
    }

    /// <summary>Adds what the candidates of a list said, see <see cref="Add"/>.</summary>
    public void Add(ReadOnlySpan<Demand> demands, long second)
    {
        for (var i = -2 * CurvesAhead; i < demands.Length; i++)
        {
            // A curve is found through its place, so that the place has to be there first.
            if (i + 2 * CurvesAhead < demands.Length) PrefetchPlace(demands[i + 2 * CurvesAhead].Group);
            if (i >= -CurvesAhead && i + CurvesAhead < demands.Length) Prefetch(demands[i + CurvesAhead]);
            if (i >= 0) Add(demands[i].Group, second, demands[i].Price);
        }
    }

    /// <summary>A candidate of a group would have been given a slot at any price below this one.</summary>
    /// <param name="group">By number of the ledger.</param>
    /// <param name="second">Of the clock.</param>
    /// <param name="price">In mean values of an impression; nothing is remembered of one that is not above 0.</param>
    public void Add(int group, long second, float price)
    {
        // Not a number is not above 0 either.
        if (!(price > 0)) return;
        AdvanceTo(second);
        if (CurveOf(group) is not { } curve) return;
        ref var bin = ref curve.Bins[StepOf(price)];
        bin.Short += _shortWeight;
        bin.Long += _longWeight;
        curve.Short += _shortWeight;
        curve.Long += _longWeight;
    }

    /// <summary>Brings a group's place on its way from memory.</summary>
    public void PrefetchPlace(int group)
    {
        if (Sse.IsSupported && (uint)group < (uint)_curves.Length) Sse.Prefetch0(Unsafe.AsPointer(ref _curves[group]));
    }

    /// <summary>True: something is known of the group.</summary>
    public bool Knows(int group) => group < _curves.Length && _curves[group] != null;

    /// <summary>The price at which a group gets at most two shares of all impressions; 0 where nothing is known.</summary>
    /// <param name="group">By number of the ledger.</param>
    /// <param name="second">Of the clock.</param>
    /// <param name="steady">Share that it may get until its window ends.</param>
    /// <param name="soon">Share that it may get in the coming minutes.</param>
    public float PriceOf(int group, long second, float steady, float soon)
    {
        if (!Knows(group)) return 0;
        AdvanceTo(second);
        var curve = _curves[group]!;
        Scale(curve);
        return Math.Max(Above(curve, steady * _longImpressions, curve.Long, isLong: true), Above(curve, soon * _shortImpressions, curve.Short, isLong: false));
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _curves = [];
        Count = 0;
        (_shortImpressions, _longImpressions, _shortWeight, _longWeight, _second, _base) = (0, 0, 1, 1, 0, 0);
    }

    private static int StepOf(float price) => (int)Math.Min(Steps - 1, price * StepsPerValue);

    private void Prefetch(in Demand demand)
    {
        if (!Sse.IsSupported || demand.Group >= _curves.Length || _curves[demand.Group] is not { } curve) return;
        Sse.Prefetch0(Unsafe.AsPointer(ref curve.Short));
        Sse.Prefetch0(Unsafe.AsPointer(ref curve.Bins[StepOf(demand.Price)]));
    }

    // The price that so many would still pay. The sum of all may differ from that of the bins by what was rounded.
    private static float Above(Curve curve, double wanted, double sum, bool isLong)
    {
        if (sum * (1 + Rounding) <= wanted) return 0;
        ReadOnlySpan<Bin> bins = curve.Bins;
        var above = 0.0;
        for (var step = Steps - 1; step >= 0; step--)
        {
            var here = isLong ? bins[step].Long : bins[step].Short;
            if (above + here > wanted) return (float)(step + 1 - (wanted - above) / here) / StepsPerValue;
            above += here;
        }

        return 0;
    }

    private Curve? CurveOf(int group)
    {
        if (group >= _curves.Length) Array.Resize(ref _curves, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)group + 1));
        ref var curve = ref _curves[group];
        if (curve == null)
        {
            if (Count == MaxCurves) return null;
            Count++;
            curve = new Curve { Base = _base };
        }

        Scale(curve);
        return curve;
    }

    private void Scale(Curve curve)
    {
        if (curve.Base == _base) return;
        var ofShort = Left(curve.Base, _base, ShortHalfLifeSeconds);
        var ofLong = Left(curve.Base, _base, LongHalfLifeSeconds);
        foreach (ref var bin in (Span<Bin>)curve.Bins) bin = new Bin(bin.Short * ofShort, bin.Long * ofLong);
        (curve.Short, curve.Long) = (curve.Short * ofShort, curve.Long * ofLong);
        curve.Base = _base;
    }

    private void AdvanceTo(long second)
    {
        if (second <= _second) return;
        _second = second;
        if (second - _base > ScaleSeconds)
        {
            _shortImpressions *= Left(_base, second, ShortHalfLifeSeconds);
            _longImpressions *= Left(_base, second, LongHalfLifeSeconds);
            _base = second;
        }

        _shortWeight = 1 / Left(_base, second, ShortHalfLifeSeconds);
        _longWeight = 1 / Left(_base, second, LongHalfLifeSeconds);
    }

    private static float Left(long from, long to, float halfLife) => ExponentialDecay.Factor((uint)Math.Min(uint.MaxValue, to - from), halfLife);
}

/// <summary>A candidate of a group would have been given a slot at any price below this one.</summary>
/// <param name="Group">By number of the ledger.</param>
/// <param name="Price">In mean values of an impression, above 0.</param>
internal readonly record struct Demand(int Group, float Price);
