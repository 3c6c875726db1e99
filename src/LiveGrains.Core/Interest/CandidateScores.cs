using System.Runtime.CompilerServices;

namespace LiveGrains.Core;

/// <summary>A recommended item, its score and the terms it is made of.</summary>
/// <param name="Item">As <see cref="InterestItem"/> numbers it.</param>
/// <param name="Score">Comparable within one answer only.</param>
/// <param name="CoVisits">The part that other users' histories say.</param>
/// <param name="Attributes">The part that the items' tokens say.</param>
internal readonly record struct ScoredItem(uint Item, float Score, float CoVisits, float Attributes);

/// <summary>
/// The scores of one question's candidates: arrays by row and the list of the rows in use, kept from question to question, so
/// that neither asking nor forgetting costs more than the candidates do. One thread.
/// </summary>
internal sealed class CandidateScores
{
    private struct Terms
    {
        public float CoVisits;
        public float Attributes;
        public bool Used;
    }

    private readonly Terms[][] _rows = [[], [], []];
    private uint[] _items = new uint[1024];

    /// <summary>Candidates.</summary>
    public int Count { get; private set; }

    /// <summary>The candidates, in the order in which they came up.</summary>
    public ReadOnlySpan<uint> Items => _items.AsSpan(0, Count);

    /// <summary>An item's score; 0 when it is no candidate.</summary>
    public ScoredItem this[uint item]
    {
        get
        {
            var rows = _rows[(int)InterestItem.Kind(item)];
            var row = InterestItem.Row(item);
            if (row >= rows.Length) return new ScoredItem(item, 0, 0, 0);
            ref readonly var terms = ref rows[row];
            return new ScoredItem(item, terms.CoVisits + terms.Attributes, terms.CoVisits, terms.Attributes);
        }
    }

    /// <summary>Adds to what co-visits say.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddCoVisits(uint item, float score) => Row(item).CoVisits += score;

    /// <summary>Adds to what attributes say.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAttributes(uint item, float score) => Row(item).Attributes += score;

    /// <summary>Multiplies the two terms of a candidate.</summary>
    public void Scale(uint item, float coVisits, float attributes)
    {
        ref var row = ref Row(item);
        row.CoVisits *= coVisits;
        row.Attributes *= attributes;
    }

    /// <summary>Forgets all candidates.</summary>
    public void Clear()
    {
        foreach (var item in Items) Row(item) = default;
        Count = 0;
    }

    /// <summary>Copies the best candidates that a filter lets through, best first; equals in the order of their numbers. Says how many.</summary>
    public int Best(Func<uint, bool>? filter, Span<ScoredItem> into)
    {
        var count = 0;
        foreach (var item in Items)
        {
            var scored = this[item];
            if (count == into.Length && !IsBetter(scored, into[^1])) continue;
            if (filter is not null && !filter(item)) continue;
            var place = count < into.Length ? count++ : count - 1;
            for (; place > 0 && IsBetter(scored, into[place - 1]); place--) into[place] = into[place - 1];
            into[place] = scored;
        }

        return count;
    }

    private static bool IsBetter(in ScoredItem a, in ScoredItem b) => a.Score > b.Score || (a.Score == b.Score && a.Item < b.Item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Terms Row(uint item)
    {
        ref var rows = ref _rows[(int)InterestItem.Kind(item)];
        var row = InterestItem.Row(item);
        if (row >= rows.Length) Array.Resize(ref rows, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(row + 1));
        ref var terms = ref rows[row];
        if (!terms.Used)
        {
            terms.Used = true;
            if (Count == _items.Length) Array.Resize(ref _items, Count * 2);
            _items[Count++] = item;
        }

        return ref terms;
    }
}
