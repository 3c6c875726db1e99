namespace LiveGrains.Core;

/// <summary>
/// The heaviest items of a category or segment, heaviest first, decayed by half in <see cref="HalfLifeSeconds"/>: what
/// <see cref="CategoryLeaders"/> and <see cref="SegmentLeaders"/> have in common. They differ in what an item weighs. One thread.
/// </summary>
/// <param name="timeSeconds">When it begins, seconds since 1970 UTC.</param>
internal sealed class LeaderList(uint timeSeconds)
{
    /// <summary>Most items of a list.</summary>
    public const int Most = 64;

    /// <summary>An evening: what led yesterday says little of tonight.</summary>
    public const float HalfLifeSeconds = 6 * 3600;

    /// <summary>Visits added to every list's, so that a few do not make a strong opinion.</summary>
    public const float Shrinkage = 4;

    // A list that was decayed less than 1/64 of a half-life ago is taken as it is, see CoVisits.
    private const uint FreshSeconds = (uint)(HalfLifeSeconds / 64);

    private uint[] _items = new uint[4];
    private float[] _weights = new float[4];
    private int _count;
    private uint _timeSeconds = timeSeconds;

    /// <summary>The items.</summary>
    public ReadOnlySpan<uint> Items => _items.AsSpan(0, _count);

    /// <summary>Their weights.</summary>
    public Span<float> Weights => _weights.AsSpan(0, _count);

    /// <summary>All visits, also those of items that are not in the list, as of the last decay.</summary>
    public float All { get; private set; }

    /// <summary>True when a newcomer needs another's place.</summary>
    public bool IsFull => _count == Most;

    /// <summary>All visits as of a time.</summary>
    public float AllAt(uint nowSeconds) => All * ExponentialDecay.Factor(ExponentialDecay.Elapsed(_timeSeconds, nowSeconds), HalfLifeSeconds);

    /// <summary>Counts a visit to whatever item, and returns what it is worth at the list's time.</summary>
    public float Count(uint timeSeconds, float strength)
    {
        Decay(timeSeconds);
        // Histories that are told again after a restart come user by user, not by time.
        strength *= ExponentialDecay.Factor(ExponentialDecay.Elapsed(timeSeconds, _timeSeconds), HalfLifeSeconds);
        All += strength;
        return strength;
    }

    /// <summary>Puts an item with its weight at a place, or behind the last one in a list that is not full, and moves it up to where it belongs; of equals the one that was there first leads.</summary>
    public void Put(int at, uint item, float weight)
    {
        if (at == _count && _count++ == _items.Length)
        {
            Array.Resize(ref _items, at * 2);
            Array.Resize(ref _weights, at * 2);
        }

        for (; at > 0 && _weights[at - 1] < weight; at--) (_items[at], _weights[at]) = (_items[at - 1], _weights[at - 1]);
        (_items[at], _weights[at]) = (item, weight);
    }

    private void Decay(uint timeSeconds)
    {
        var elapsed = ExponentialDecay.Elapsed(_timeSeconds, timeSeconds);
        if (elapsed <= FreshSeconds) return;
        var factor = ExponentialDecay.Factor(elapsed, HalfLifeSeconds);
        All *= factor;
        foreach (ref var weight in Weights) weight *= factor;
        _timeSeconds = timeSeconds;
    }
}
