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

    /// <summary>Share of the diagonal that is added to it, as dropping out two thirds of the inputs would. Default 2.</summary>
    public float Dropout { get; init; } = 2;

    /// <summary>Taken from each correlation, in users: what is weaker has no weight. Default 1.</summary>
    public float Lasso { get; init; } = 1;

    /// <summary>Rounds over all neighbours at most. Default 20.</summary>
    public int Rounds { get; init; } = 20;
}

/// <summary>
/// Weights with which a history's items speak for an item, such that all items together predict it best: SLIM (Ning and
/// Karypis, ICDM 2011) with the dropout term of EDLAE (Steck, NeurIPS 2020), each item on its strongest neighbours only, by
/// coordinate descent. It needs nothing but the counts of co-visits: <see cref="Copy"/> takes them as they are, in one go;
/// <see cref="Solve"/> then takes a fraction of a millisecond an item, whenever there is time, also on another thread.
/// Derived, so not part of the state. One thread at a time.
/// </summary>
internal sealed class LocalRegression
{
    private readonly LocalRegressionOptions _options;
    private readonly float[] _gram;
    private readonly float[] _residual;
    private readonly float[] _solution;

    // The counts, by row: what is together with a row's item is at _starts[row] to _starts[row + 1], either order apart.
    private InterestKind _kind;
    private long[] _starts = [0, 0];
    private Successor[] _together = [];
    private float[] _activity = [];

    // By row, all 0 between calls.
    private float[] _sums = [];
    private int[] _places = [];
    private readonly List<uint> _found = [];

    private Successor[][] _weights = [];

    /// <summary>Makes a model without weights.</summary>
    public LocalRegression(LocalRegressionOptions options)
    {
        _options = options;
        _gram = new float[options.Neighbours * options.Neighbours];
        _residual = new float[options.Neighbours];
        _solution = new float[options.Neighbours];
    }

    /// <summary>The highest row that <see cref="Solve"/> can be asked for.</summary>
    public uint HighestRow => (uint)_weights.Length - 1;

    /// <summary>Takes a kind's counts and solves all its items.</summary>
    public void Refresh(CoVisits coVisits, InterestKind kind, uint timeSeconds)
    {
        Copy(coVisits, kind, timeSeconds);
        for (uint row = 1; row <= HighestRow; row++) Solve(row);
    }

    /// <summary>Takes the counts between items of a kind as of a time. Weights that were solved before stay.</summary>
    public void Copy(CoVisits coVisits, InterestKind kind, uint timeSeconds)
    {
        var rows = (int)coVisits.HighestRow(kind) + 1;
        var successors = new Successor[coVisits.MostSuccessors];
        var ends = new long[rows + 1];
        _kind = kind;
        _activity = new float[rows];
        for (uint row = 1; row < rows; row++)
        {
            _activity[row] = coVisits.Totals(InterestItem.Of(kind, row), timeSeconds).Activity;
            foreach (ref readonly var successor in Successors(coVisits, kind, row, timeSeconds, successors))
            {
                ends[row + 1]++;
                ends[InterestItem.Row(successor.Item) + 1]++;
            }
        }

        for (var row = 0; row < rows; row++) ends[row + 1] += ends[row];
        _starts = (long[])ends.Clone();
        _together = new Successor[ends[rows]];
        for (uint row = 1; row < rows; row++)
        {
            foreach (ref readonly var successor in Successors(coVisits, kind, row, timeSeconds, successors))
            {
                var other = InterestItem.Row(successor.Item);
                _together[ends[row]++] = new Successor(other, successor.Weight);
                _together[ends[other]++] = new Successor(row, successor.Weight);
            }
        }

        _sums = new float[rows];
        _places = new int[rows];
        var known = _weights.Length;
        Array.Resize(ref _weights, rows);
        for (var row = known; row < rows; row++) _weights[row] = [];
    }

    /// <summary>Solves the item of a row.</summary>
    public void Solve(uint row)
    {
        var neighbours = Neighbours(row);
        var n = neighbours.Length;
        for (var i = 0; i < n; i++) _places[neighbours[i].Item] = i + 1;
        Array.Clear(_gram, 0, n * n);
        for (var i = 0; i < n; i++)
        {
            var gram = _gram.AsSpan(i * n, n);
            foreach (ref readonly var pair in Together(neighbours[i].Item))
            {
                var place = _places[pair.Item];
                if (place != 0) gram[place - 1] += pair.Weight;
            }

            gram[i] = _activity[neighbours[i].Item];
            _residual[i] = neighbours[i].Weight;
            _solution[i] = 0;
        }

        Descend(n);
        var kept = 0;
        for (var i = 0; i < n; i++)
        {
            _places[neighbours[i].Item] = 0;
            if (_solution[i] > 0) neighbours[kept++] = new Successor(neighbours[i].Item, _solution[i]);
        }

        _weights[row] = neighbours[..kept].ToArray();
    }

    /// <summary>The scores of all items that a history speaks for. The scores are cleared first.</summary>
    public void Score(ReadOnlySpan<HistoryEntry> history, CandidateScores scores)
    {
        scores.Clear();
        Speak(history, 1);
        for (uint row = 1; row < _weights.Length; row++)
        {
            float score = 0;
            foreach (ref readonly var weight in _weights[row].AsSpan()) score += weight.Weight * _sums[weight.Item];
            if (score > 0) scores.AddCoVisits(InterestItem.Of(_kind, row), score);
        }

        Speak(history, 0);
    }

    // An item's successors of its own kind.
    private static ReadOnlySpan<Successor> Successors(CoVisits coVisits, InterestKind kind, uint row, uint timeSeconds, Successor[] into)
    {
        var count = coVisits.CopySuccessors(InterestItem.Of(kind, row), timeSeconds, into);
        var own = 0;
        for (var i = 0; i < count; i++)
        {
            if (InterestItem.Kind(into[i].Item) == kind) into[own++] = into[i];
        }

        return into.AsSpan(0, own);
    }

    private ReadOnlySpan<Successor> Together(uint row) => _together.AsSpan((int)_starts[row], (int)(_starts[row + 1] - _starts[row]));

    private void Speak(ReadOnlySpan<HistoryEntry> history, float value)
    {
        foreach (ref readonly var entry in history)
        {
            var row = InterestItem.Row(entry.Item);
            if (InterestItem.Kind(entry.Item) == _kind && (entry.Flags & HistoryFlags.Unwanted) == 0 && row < _sums.Length) _sums[row] = value;
        }
    }

    // Those with the largest cosine; equals in the order of their rows.
    private Span<Successor> Neighbours(uint row)
    {
        foreach (ref readonly var pair in Together(row))
        {
            if (pair.Weight <= 0) continue;
            if (_sums[pair.Item] == 0) _found.Add(pair.Item);
            _sums[pair.Item] += pair.Weight;
        }

        var all = new Successor[_found.Count];
        var order = new (float, uint)[_found.Count];
        for (var i = 0; i < all.Length; i++)
        {
            var item = _found[i];
            all[i] = new Successor(item, _sums[item]);
            order[i] = (-_sums[item] / MathF.Sqrt(_activity[item]), item);
            _sums[item] = 0;
        }

        _found.Clear();
        order.AsSpan().Sort(all.AsSpan());
        return all.AsSpan(0, Math.Min(all.Length, _options.Neighbours));
    }

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
