namespace LiveGrains.Core;

/// <summary>The vectors of one kind's items, and the lists of those available that are refreshed a slice at a time. One thread.</summary>
internal sealed class KindIndex : IDisposable
{
    /// <summary>Hottest items that are kept.</summary>
    public const int Hottest = 200;

    /// <summary>Most promising items that are kept, of what is known and not known of them.</summary>
    public const int LeastKnown = 50;

    private NativeArena _arena = new();
    private VectorIndex? _vectors;
    private readonly PriorityQueue<uint, float> _hot = new();
    private readonly PriorityQueue<uint, float> _new = new();
    private uint _next = 1;
    private long _impressions;

    /// <summary>Hottest available items of the last refresh, hottest first.</summary>
    public uint[] Hot { get; private set; } = [];

    /// <summary>Available items with the highest upper confidence bounds of the enter rate, highest first.</summary>
    public uint[] Unknown { get; private set; } = [];

    /// <summary>Impressions of all available items at the last refresh.</summary>
    public long Impressions { get; private set; }

    /// <summary>Bytes of native memory.</summary>
    public long MemoryBytes => _arena.Bytes;

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    /// <summary>Gives an item a vector.</summary>
    public void SetVector(uint row, ReadOnlySpan<float> vector)
    {
        if (_vectors == null || row >= _vectors.Capacity) Grow(row);
        _vectors!.Set((int)row, vector);
    }

    /// <summary>An item's vector, when it has one.</summary>
    public bool TryVector(uint row, out ReadOnlySpan<float> vector)
    {
        vector = default;
        if (_vectors == null || row >= _vectors.Capacity || !_vectors.Has((int)row)) return false;
        vector = _vectors[(int)row];
        return true;
    }

    /// <summary>Brings an item's vector on its way from memory.</summary>
    public void PrefetchVector(uint row) => _vectors?.PrefetchRow((int)row);

    /// <summary>The best matches of a query that a filter allows, see <see cref="VectorIndex.Top{TFilter}"/>.</summary>
    public int Top<TFilter>(ReadOnlySpan<float> query, Span<ScoredRow> into, TFilter filter, float least = float.MinValue) where TFilter : struct, IRowFilter =>
        _vectors == null ? 0 : _vectors.Top(query, into, filter, least);

    /// <summary>Who comes of those to whom an item was shown, smoothed towards the usual tenth. Without impressions it is not known, however many came.</summary>
    public static float EnterRate(float shown, float views) => shown == 0 ? 0.1f : Math.Min(1, (views + 2) / (Math.Max(shown, views) + 20));

    /// <summary>UCB1 (Auer et al. 2002): how far the rate may be above what was seen, √(2 ln N ÷ n) for n of N impressions.</summary>
    public static float EnterBound(float logOfAll, float shown) => MathF.Sqrt(2 * logOfAll / (shown + 10));

    /// <summary>Looks at the next items; true when all were seen and the lists are new.</summary>
    public bool Refresh(IItemSource items, InterestKind kind, int slice)
    {
        var highest = items.Highest(kind);
        var logOfAll = (float)PortableMath.Log(1 + Impressions);
        for (var left = slice; left > 0 && _next <= highest; left--, _next++)
        {
            var item = InterestItem.Of(kind, _next);
            if (!items.IsAvailable(item)) continue;
            var numbers = items.Numbers(item);
            _impressions += numbers.Impressions;
            Keep(_hot, Hottest, item, numbers.Heat);
            // Optimism: what the rate may be at best. Of equals the hotter one.
            Keep(_new, LeastKnown, item, EnterRate(numbers.Impressions, numbers.Views) + EnterBound(logOfAll, numbers.Impressions) + 0.001f * numbers.Heat / (numbers.Heat + 1));
        }

        if (_next <= highest) return false;
        Hot = Drain(_hot);
        Unknown = Drain(_new);
        Impressions = _impressions;
        _impressions = 0;
        _next = 1;
        return true;
    }

    private static void Keep(PriorityQueue<uint, float> queue, int most, uint item, float value)
    {
        if (queue.Count < most) queue.Enqueue(item, value);
        else queue.EnqueueDequeue(item, value);
    }

    private static uint[] Drain(PriorityQueue<uint, float> queue)
    {
        var list = new uint[queue.Count];
        for (var i = list.Length - 1; i >= 0; i--) list[i] = queue.Dequeue();
        return list;
    }

    private void Grow(uint row)
    {
        // An index has its size for life; the old one's memory goes with its arena.
        var arena = new NativeArena();
        // Four times as large: what is not touched costs nothing. Not sorted into clusters: that takes half a second at a
        // hundred thousand items, for which nobody may wait, and a scan without them a third of a millisecond.
        var capacity = Math.Max(1024, 4 * (int)System.Numerics.BitOperations.RoundUpToPowerOf2(row + 1));
        var grown = new VectorIndex(arena, capacity);
        for (var i = 0; _vectors != null && i < _vectors.Capacity; i++)
        {
            if (_vectors.Has(i)) grown.Set(i, _vectors[i]);
        }

        _arena.Dispose();
        _arena = arena;
        _vectors = grown;
    }
}
