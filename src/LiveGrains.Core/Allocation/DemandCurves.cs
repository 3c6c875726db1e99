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
internal sealed class DemandCurves
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
    // A price is read again after so many seconds.
    private const int PricedSeconds = 2;
    // What is new counts for more instead of what is old for less, until so many seconds are over: then all is scaled back.
    private const int ScaleSeconds = 1600;

    // By number of the group.
    private Curve?[] _curves = [];
    // Beside the curves, so that a price that holds costs one line of the cache.
    private (long Until, float Price)[] _priced = [];
    private double _shortImpressions;
    private double _longImpressions;
    private float _shortWeight = 1;
    private float _longWeight = 1;
    private long _second;
    private long _base;

    private sealed class Curve
    {
        public readonly float[] Short = new float[Steps];
        public readonly float[] Long = new float[Steps];
        public long Base;
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
        var step = (int)Math.Min(Steps - 1, price * StepsPerValue);
        curve.Short[step] += _shortWeight;
        curve.Long[step] += _longWeight;
    }

    /// <summary>The price at which a group gets at most two shares of all impressions; it holds for two seconds.</summary>
    /// <param name="group">By number of the ledger.</param>
    /// <param name="second">Of the clock.</param>
    /// <param name="steady">Share that it may get until its window ends.</param>
    /// <param name="soon">Share that it may get in the coming minutes.</param>
    public float PriceOf(int group, long second, float steady, float soon)
    {
        if (group >= _curves.Length) return 0;
        ref var priced = ref _priced[group];
        if (second < priced.Until || _curves[group] is not { } curve) return priced.Price;
        AdvanceTo(second);
        Scale(curve);
        priced = (second + PricedSeconds, Math.Max(Above(curve.Long, steady * _longImpressions), Above(curve.Short, soon * _shortImpressions)));
        return priced.Price;
    }

    /// <summary>The price that held last; 0 where nothing was held back.</summary>
    public float LastPriceOf(int group) => group < _priced.Length ? _priced[group].Price : 0;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _curves = [];
        _priced = [];
        Count = 0;
        (_shortImpressions, _longImpressions, _shortWeight, _longWeight, _second, _base) = (0, 0, 1, 1, 0, 0);
    }

    // The price that so many would still pay.
    private static float Above(ReadOnlySpan<float> curve, double wanted)
    {
        var above = 0.0;
        for (var step = Steps - 1; step >= 0; step--)
        {
            if (above + curve[step] > wanted) return (float)(step + 1 - (wanted - above) / curve[step]) / StepsPerValue;
            above += curve[step];
        }

        return 0;
    }

    private Curve? CurveOf(int group)
    {
        if (group >= _curves.Length)
        {
            var length = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)group + 1);
            Array.Resize(ref _curves, length);
            Array.Resize(ref _priced, length);
        }

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
        for (var step = 0; step < Steps; step++)
        {
            curve.Short[step] *= ofShort;
            curve.Long[step] *= ofLong;
        }

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
