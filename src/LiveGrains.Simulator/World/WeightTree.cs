namespace LiveGrains.Simulator.World;

/// <summary>Fenwick tree over whole weights: change one, draw by weight, both in O(log n). Exact, as weights are integers.</summary>
internal sealed class WeightTree(int size)
{
    private readonly long[] _sums = new long[size + 1];
    private readonly int _topBit = size == 0 ? 0 : 1 << (31 - System.Numerics.BitOperations.LeadingZeroCount((uint)size));

    public long Total { get; private set; }

    public void Add(int position, long delta)
    {
        Total += delta;
        for (var i = position + 1; i < _sums.Length; i += i & -i)
            _sums[i] += delta;
    }

    /// <summary>The position whose share of the weight holds <paramref name="target"/>, 0 ≤ target &lt; <see cref="Total"/>.</summary>
    public int Find(long target)
    {
        var sums = _sums;
        var at = 0;
        for (var bit = _topBit; bit > 0; bit >>= 1)
        {
            var next = at + bit;
            if (next < sums.Length && sums[next] <= target)
            {
                at = next;
                target -= sums[next];
            }
        }

        return at;
    }
}
