using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>
/// What an impression of an item leads to, by segment of users and corrected for its position: decayed counts of impressions and of
/// what followed, shrunk from the segment to the item and from the item to what the ranker expects (empirical Bayes), with the
/// standard deviation that is left. One thread.
/// </summary>
internal sealed class ValueModel
{
    /// <summary>Most cells of item and segment; what comes later is estimated from its item and the ranker.</summary>
    public const int MaxCells = 1 << 18;

    /// <summary>Half of what was seen is forgotten in so many seconds.</summary>
    public const float HalfLifeSeconds = 6 * 3600;

    // Impressions that what is expected counts for.
    private const float PriorOfItem = 30;
    private const float PriorOfSegment = 30;
    // Impressions of a position that count for it as for all.
    private const float PriorOfPosition = 100;

    private readonly Dictionary<ulong, int> _places = [];
    private Cell[] _cells = new Cell[256];
    private readonly float[] _shownAt = new float[Diversity.MaxPicks];
    private readonly float[] _watchedAt = new float[Diversity.MaxPicks];
    private float _shown;
    private float _watched;

    private struct Cell
    {
        public uint Seconds;
        public float Shown;
        public Triple Followed;
    }

    /// <summary>A number for each objective.</summary>
    [System.Runtime.CompilerServices.InlineArray(FtrlProximal.Objectives)]
    internal struct Triple
    {
        private float _first;
    }

    /// <summary>Cells in use.</summary>
    public int Cells => _places.Count;

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

    /// <summary>What follows an impression of an item: the mean of each objective, and its standard deviation.</summary>
    public void Estimate(uint item, int segment, ReadOnlySpan<float> expected, uint nowSeconds, Span<float> means, Span<float> deviations)
    {
        ref readonly var all = ref CellOf(item, 0);
        ref readonly var part = ref CellOf(item, segment);
        var ofAll = Decay(all, nowSeconds);
        var ofPart = segment == 0 ? 0 : Decay(part, nowSeconds);
        var seen = PriorOfItem + all.Shown * ofAll;
        var seenPart = PriorOfSegment + part.Shown * ofPart;
        for (var o = 0; o < means.Length; o++)
        {
            var mean = (PriorOfItem * expected[o] + all.Followed[o] * ofAll) / seen;
            mean = Math.Min(1, (PriorOfSegment * mean + part.Followed[o] * ofPart) / seenPart);
            means[o] = mean;
            deviations[o] = MathF.Sqrt(mean * (1 - mean) / (seen + seenPart - PriorOfSegment));
        }
    }

    private static float Decay(in Cell cell, uint nowSeconds) => cell.Shown == 0 ? 0 : ExponentialDecay.Factor(ExponentialDecay.Elapsed(cell.Seconds, nowSeconds), HalfLifeSeconds);

    private ref readonly Cell CellOf(uint item, int segment) => ref _cells[_places.TryGetValue(KeyOf(item, segment), out var at) ? at : 0];

    private static ulong KeyOf(uint item, int segment) => (ulong)segment << 32 | item;

    private void Add(uint item, int segment, float exposure, int followed, uint nowSeconds)
    {
        if (_places.Count >= MaxCells && !_places.ContainsKey(KeyOf(item, segment))) return;
        ref var at = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, KeyOf(item, segment), out var known);
        // The first cell is nobody's: it is what is known of the unknown.
        if (!known) at = _places.Count;
        if (at >= _cells.Length) Array.Resize(ref _cells, 2 * _cells.Length);
        ref var cell = ref _cells[at];
        var kept = Decay(cell, nowSeconds);
        cell.Shown = cell.Shown * kept + exposure;
        for (var o = 0; o < FtrlProximal.Objectives; o++) cell.Followed[o] = cell.Followed[o] * kept + (followed >> o & 1);
        cell.Seconds = Math.Max(cell.Seconds, nowSeconds);
    }
}
