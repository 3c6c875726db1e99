namespace LiveGrains.Core;

/// <summary>A number for some items of a question: arrays by row, so that looking one up is a read. Forgetting costs what was set. One thread.</summary>
internal sealed class ItemPlaces
{
    private readonly int[][] _rows = [[], [], []];
    private readonly List<uint> _set = [];

    /// <summary>An item's number; −1: it has none.</summary>
    public int this[uint item]
    {
        get
        {
            var rows = _rows[(int)InterestItem.Kind(item)];
            var row = InterestItem.Row(item);
            return row < (uint)rows.Length ? rows[row] - 1 : -1;
        }
        set
        {
            ref var rows = ref _rows[(int)InterestItem.Kind(item)];
            var row = InterestItem.Row(item);
            if (row >= (uint)rows.Length) Array.Resize(ref rows, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(row + 1));
            rows[row] = value + 1;
            _set.Add(item);
        }
    }

    /// <summary>Forgets all numbers.</summary>
    public void Clear()
    {
        foreach (var item in _set) _rows[(int)InterestItem.Kind(item)][InterestItem.Row(item)] = 0;
        _set.Clear();
    }
}
