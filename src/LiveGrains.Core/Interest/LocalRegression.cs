using System.Numerics;
using System.Runtime.InteropServices;

namespace LiveGrains.Core;

/// <summary>How <see cref="LocalRegression"/> is solved.</summary>
internal sealed record LocalRegressionOptions
{
    /// <summary>Items that may speak for an item. Default 150.</summary>
    public int Neighbours { get; init; } = 150;

    /// <summary>Added to the diagonal, in users: what items with few of them may say. Default 50.</summary>
    public float Ridge { get; init; } = 50;

    /// <summary>Share of the diagonal that is added to it, as dropping out half of the inputs would. Default 1.</summary>
    public float Dropout { get; init; } = 1;

    /// <summary>Taken from each correlation, in users: what is weaker has no weight. Default 1.</summary>
    public float Lasso { get; init; } = 1;

    /// <summary>Rounds over all neighbours at most. Default 20.</summary>
    public int Rounds { get; init; } = 20;
}

/// <summary>
/// Weights with which a history's items speak for an item, such that all items together predict it best: SLIM (Ning and
/// Karypis, ICDM 2011) with the dropout term of EDLAE (Steck, NeurIPS 2020), each item on its strongest neighbours only, by
/// coordinate descent on co-visit counts. It needs nothing but the counts; an item is solved in about a millisecond,
/// whenever there is time, and may be solved again when its counts have moved. Derived, so not part of the state. One thread.
/// </summary>
internal sealed class LocalRegression
{
    private readonly CoVisits _coVisits;
    private readonly LocalRegressionOptions _options;
    private readonly Successor[] _successors;
    private readonly Dictionary<uint, Successor[]> _weights = [];
    private readonly float[] _gram;
    private readonly float[] _residual;
    private readonly float[] _solution;
    private float[] _history = new float[1024];

    /// <summary>Makes a model without weights.</summary>
    public LocalRegression(CoVisits coVisits, LocalRegressionOptions options)
    {
        _coVisits = coVisits;
        _options = options;
        _successors = new Successor[coVisits.MostSuccessors];
        _gram = new float[options.Neighbours * options.Neighbours];
        _residual = new float[options.Neighbours];
        _solution = new float[options.Neighbours];
    }

    /// <summary>Solves all items of a kind.</summary>
    public void Refresh(InterestKind kind, uint timeSeconds)
    {
        for (uint row = 1; row <= _coVisits.HighestRow(kind); row++) Refresh(InterestItem.Of(kind, row), timeSeconds);
    }

    /// <summary>Solves one item from the counts as they are.</summary>
    public void Refresh(uint item, uint timeSeconds)
    {
        var neighbours = Neighbours(item, timeSeconds);
        var n = neighbours.Length;
        for (var i = 0; i < n; i++)
        {
            _gram[i * n + i] = _coVisits.Totals(neighbours[i].Item, timeSeconds).Activity;
            _residual[i] = neighbours[i].Weight;
            _solution[i] = 0;
            for (var j = 0; j < i; j++) _gram[i * n + j] = _gram[j * n + i] = Together(neighbours[i].Item, neighbours[j].Item, timeSeconds);
        }

        Descend(n);
        var kept = 0;
        for (var i = 0; i < n; i++)
        {
            if (_solution[i] > 0) neighbours[kept++] = new Successor(neighbours[i].Item, _solution[i]);
        }

        if (kept > 0) _weights[item] = neighbours[..kept].ToArray();
        else _weights.Remove(item);
    }

    /// <summary>The scores of all items that a history speaks for. The scores are cleared first.</summary>
    public void Score(ReadOnlySpan<HistoryEntry> history, InterestKind kind, CandidateScores scores)
    {
        scores.Clear();
        var highest = _coVisits.HighestRow(kind);
        if (_history.Length <= highest) Array.Resize(ref _history, (int)BitOperations.RoundUpToPowerOf2(highest + 1));
        foreach (ref readonly var entry in history)
        {
            if (InterestItem.Kind(entry.Item) == kind && (entry.Flags & HistoryFlags.Unwanted) == 0) _history[InterestItem.Row(entry.Item)] = 1;
        }

        foreach (var (item, weights) in _weights)
        {
            float score = 0;
            foreach (ref readonly var weight in weights.AsSpan()) score += weight.Weight * _history[InterestItem.Row(weight.Item)];
            if (score > 0) scores.AddCoVisits(item, score);
        }

        foreach (ref readonly var entry in history)
        {
            if (InterestItem.Kind(entry.Item) == kind) _history[InterestItem.Row(entry.Item)] = 0;
        }
    }

    // Both orders of a pair; neighbours are those of the item's own kind with the largest cosine.
    private Span<Successor> Neighbours(uint item, uint timeSeconds)
    {
        var count = _coVisits.CopySuccessors(item, timeSeconds, _successors);
        var found = 0;
        for (var i = 0; i < count; i++)
        {
            var other = _successors[i].Item;
            if (other == item || InterestItem.Kind(other) != InterestItem.Kind(item)) continue;
            _successors[found++] = new Successor(other, _successors[i].Weight + _coVisits.Pair(other, item, timeSeconds));
        }

        var all = _successors.AsSpan(0, found);
        if (found <= _options.Neighbours) return all;
        var order = new float[found];
        for (var i = 0; i < found; i++) order[i] = -all[i].Weight / MathF.Sqrt(_coVisits.Totals(all[i].Item, timeSeconds).Activity);
        order.AsSpan().Sort(all);
        return all[.._options.Neighbours];
    }

    private float Together(uint a, uint b, uint timeSeconds) => _coVisits.Pair(a, b, timeSeconds) + _coVisits.Pair(b, a, timeSeconds);

    // The residual of a neighbour is its correlation with the item less what the solution already explains of it.
    private void Descend(int n)
    {
        var residual = _residual.AsSpan(0, n);
        for (var round = 0; round < _options.Rounds; round++)
        {
            float moved = 0;
            for (var i = 0; i < n; i++)
            {
                var own = _gram[i * n + i];
                var weight = (residual[i] + own * _solution[i] - _options.Lasso) / (own + _options.Ridge + _options.Dropout * own);
                var step = Math.Max(0, weight) - _solution[i];
                if (step == 0) continue;
                _solution[i] += step;
                moved = Math.Max(moved, Math.Abs(step));
                Subtract(residual, _gram.AsSpan(i * n, n), step);
            }

            if (moved < 1e-4f) return;
        }
    }

    private static void Subtract(Span<float> from, ReadOnlySpan<float> row, float factor)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(from);
        var rows = MemoryMarshal.Cast<float, Vector<float>>(row);
        for (var i = 0; i < vectors.Length; i++) vectors[i] -= rows[i] * factor;
        for (var i = vectors.Length * Vector<float>.Count; i < from.Length; i++) from[i] -= row[i] * factor;
    }
}
