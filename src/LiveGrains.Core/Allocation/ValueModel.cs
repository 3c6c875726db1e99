using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LiveGrains.Core;

/// <summary>
/// What an impression of an item leads to, by segment of users and corrected for its position: decayed counts of impressions and of
/// what followed, shrunk from the segment to the item and from the item to what the ranker expects (empirical Bayes), with the
/// standard deviation that is left. One thread.
/// </summary>
/// <remarks>Cells are in one table with linear probing, at most half full: a cell is half a line of the cache, so that finding one costs one line.</remarks>
internal sealed unsafe class ValueModel
{
    /// <summary>Most cells of item and segment, 32 bytes each in a table of twice as many; what comes later is estimated from its item and the ranker.</summary>
    public const int MaxCells = 1 << 18;

    /// <summary>Half of what was seen is forgotten in so many seconds.</summary>
    public const float HalfLifeSeconds = 6 * 3600;

    /// <summary>Impressions that what the ranker expects counts for against what was seen of the item, and that again against what was seen of the segment: late enough for a ranker that knows the user, soon enough where it knows nothing.</summary>
    public const float Prior = 100;

    // Impressions of a position that count for it as for all.
    private const float PriorOfPosition = 100;

    // What is left after so many seconds: items that are shown at all were shown lately.
    private static readonly float[] _decays = [.. Enumerable.Range(0, 2048).Select(elapsed => ExponentialDecay.Factor((uint)elapsed, HalfLifeSeconds))];

    private LineAlignedRows<Cell> _cells = TableOf(512);
    private readonly float[] _shownAt = new float[Diversity.MaxPicks];
    private readonly float[] _watchedAt = new float[Diversity.MaxPicks];
    private float _shown;
    private float _watched;

    // Half a line of the cache; what followed is a vector, whose fourth number is 0.
    [StructLayout(LayoutKind.Sequential, Size = 32)]
    private struct Cell
    {
        public uint Item;
        public int Segment;
        public uint Seconds;
        /// <summary>Impressions; 0: the cell is empty, and as good as what is known of the unknown.</summary>
        public float Shown;
        public Vector128<float> Followed;
    }

    /// <summary>Cells in use.</summary>
    public int Cells { get; private set; }

    /// <summary>How often a card at a position is watched, relative to all positions: how much of it is looked at.</summary>
    public float Examination(int position)
    {
        if (_shown <= 0 || _watched <= 0) return 1;
        var rate = _watched / _shown;
        return Math.Clamp((_watchedAt[position] + PriorOfPosition * rate) / ((_shownAt[position] + PriorOfPosition) * rate), 0.05f, 5);
    }

    /// <summary>An impression whose time is over.</summary>
    /// <param name="item">The item.</param>
    /// <param name="segment">Of the user; 0: unknown.</param>
    /// <param name="position">From 0.</param>
    /// <param name="followed">Bits by <see cref="Objective"/>.</param>
    /// <param name="nowSeconds">The clock.</param>
    public void Learn(uint item, int segment, int position, int followed, uint nowSeconds)
    {
        var exposure = Examination(position);
        var watched = followed & 1;
        _shown++;
        _watched += watched;
        _shownAt[position]++;
        _watchedAt[position] += watched;
        Add(item, 0, exposure, followed, nowSeconds);
        if (segment != 0) Add(item, segment, exposure, followed, nowSeconds);
    }

    /// <summary>Brings what <see cref="Estimate"/> reads on its way from memory.</summary>
    public void Prefetch(uint item, int segment)
    {
        _cells.Prefetch(HomeOf(item, 0));
        if (segment != 0) _cells.Prefetch(HomeOf(item, segment));
    }

    /// <summary>What follows an impression of an item: the mean of each objective, and its standard deviation.</summary>
    public void Estimate(uint item, int segment, ReadOnlySpan<float> expected, uint nowSeconds, Span<float> means, Span<float> deviations)
    {
        var all = CellOf(item, 0);
        var part = segment == 0 ? all : CellOf(item, segment);
        var ofAll = Decay(all, nowSeconds);
        var ofPart = segment == 0 ? 0 : Decay(part, nowSeconds);
        var seen = Prior + all->Shown * ofAll;
        var seenPart = Prior + part->Shown * ofPart;
        // All objectives at once.
        var mean = (Prior * Vector128.Create(expected[0], expected[1], expected[2], 0) + all->Followed * ofAll) / Vector128.Create(seen);
        mean = Vector128.Min(Vector128<float>.One, (Prior * mean + part->Followed * ofPart) / Vector128.Create(seenPart));
        var deviation = Vector128.Sqrt(mean * (Vector128<float>.One - mean) / Vector128.Create(seen + seenPart - Prior));
        for (var o = 0; o < FtrlProximal.Objectives; o++) (means[o], deviations[o]) = (mean[o], deviation[o]);
    }

    private static float Decay(Cell* cell, uint nowSeconds)
    {
        if (cell->Shown == 0) return 0;
        var elapsed = ExponentialDecay.Elapsed(cell->Seconds, nowSeconds);
        return elapsed < (uint)_decays.Length ? _decays[elapsed] : ExponentialDecay.Factor(elapsed, HalfLifeSeconds);
    }

    private static LineAlignedRows<Cell> TableOf(int length)
    {
        var cells = new LineAlignedRows<Cell>();
        cells.Grow(length);
        return cells;
    }

    private int HomeOf(uint item, int segment) => (int)KeyHash.Mix((ulong)segment << 32 | item) & (_cells.Length - 1);

    // The cell, or the empty one in its place.
    private Cell* CellOf(uint item, int segment)
    {
        for (var at = HomeOf(item, segment); ; at = (at + 1) & (_cells.Length - 1))
        {
            var cell = _cells[at];
            if (cell->Shown == 0 || (cell->Item == item && cell->Segment == segment)) return cell;
        }
    }

    private void Add(uint item, int segment, float exposure, int followed, uint nowSeconds)
    {
        var cell = CellOf(item, segment);
        if (cell->Shown == 0)
        {
            if (Cells == MaxCells) return;
            if (2 * ++Cells > _cells.Length) cell = GrowFor(item, segment);
            (cell->Item, cell->Segment) = (item, segment);
        }

        var kept = Decay(cell, nowSeconds);
        // A cell that all was forgotten of is in use all the same: what it is shown now is above 0.
        cell->Shown = cell->Shown * kept + exposure;
        cell->Followed = cell->Followed * kept + Vector128.Create((float)(followed & 1), followed >> 1 & 1, followed >> 2 & 1, 0);
        cell->Seconds = Math.Max(cell->Seconds, nowSeconds);
    }

    private Cell* GrowFor(uint item, int segment)
    {
        var old = _cells;
        _cells = TableOf(2 * old.Length);
        for (var at = 0; at < old.Length; at++)
        {
            if (old[at]->Shown != 0) *CellOf(old[at]->Item, old[at]->Segment) = *old[at];
        }

        // Its rows are read through pointers, which do not keep them.
        GC.KeepAlive(old);
        return CellOf(item, segment);
    }
}
