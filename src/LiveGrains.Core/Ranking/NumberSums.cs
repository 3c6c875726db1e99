namespace LiveGrains.Core;

/// <summary>
/// Sums by any number above 0, of few numbers at a time: hosts and categories of a question. Open addressing in a table that stays in
/// the first cache; forgetting costs what was added. One thread.
/// </summary>
internal sealed class NumberSums
{
    // More than twice the numbers of the longest history, so that a search ends after one or two places.
    private const int Slots = 2048;
    private const int Shift = 32 - 11;

    private readonly uint[] _numbers = new uint[Slots];
    private readonly float[] _sums = new float[Slots];
    private readonly int[] _used = new int[HistoryStore.MostItems];
    private int _count;

    /// <summary>The sum of a number; 0 when nothing was added.</summary>
    public float this[uint number] => _sums[Slot(number)];

    /// <summary>Adds to a number's sum; true when it is the first of the number. At most <see cref="HistoryStore.MostItems"/> numbers.</summary>
    public bool Add(uint number, float value)
    {
        var slot = Slot(number);
        _sums[slot] += value;
        if (_numbers[slot] != 0) return false;
        _used[_count++] = slot;
        _numbers[slot] = number;
        return true;
    }

    /// <summary>Divides all sums.</summary>
    public void Divide(float by)
    {
        foreach (var slot in _used.AsSpan(0, _count)) _sums[slot] /= by;
    }

    /// <summary>Forgets all numbers.</summary>
    public void Clear()
    {
        foreach (var slot in _used.AsSpan(0, _count)) (_numbers[slot], _sums[slot]) = (0, 0);
        _count = 0;
    }

    // Where the number is or would be. Knuth's multiplicative hash, as the numbers are dense.
    private int Slot(uint number)
    {
        var slot = number * 0x9E3779B1u >> Shift;
        while (_numbers[slot] != number && _numbers[slot] != 0) slot = (slot + 1) % Slots;
        return (int)slot;
    }
}
