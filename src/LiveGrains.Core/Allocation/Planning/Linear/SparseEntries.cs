namespace LiveGrains.Core;

/// <summary>Pairs of an index and a number, in arrays that grow and are kept.</summary>
internal struct SparseEntries
{
    /// <summary>The indexes; valid up to <see cref="Count"/>.</summary>
    public int[] Index;

    /// <summary>The numbers.</summary>
    public double[] Value;

    /// <summary>Number of pairs.</summary>
    public int Count;

    /// <summary>Makes it with room for some pairs.</summary>
    public SparseEntries(int room)
    {
        Index = new int[room];
        Value = new double[room];
    }

    /// <summary>Adds a pair.</summary>
    public void Add(int index, double value)
    {
        if (Count == Index.Length) Grow(Count + 1);
        Index[Count] = index;
        Value[Count++] = value;
    }

    /// <summary>Makes room for <paramref name="count"/> pairs in all.</summary>
    public void Grow(int count)
    {
        if (count <= Index.Length) return;
        var length = Math.Max(count, 2 * Index.Length);
        Array.Resize(ref Index, length);
        Array.Resize(ref Value, length);
    }
}
