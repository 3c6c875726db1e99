using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate;

/// <summary>What recommendations have to beat: the most touched items, of all and of the category of the user's last item.</summary>
internal sealed unsafe class PopularityBaselines(IItemSource items, InterestKind kind)
{
    private readonly Dictionary<uint, PopularityOrder> _ofCategory = [];

    /// <summary>All items of the kind.</summary>
    public PopularityOrder All { get; } = new();

    /// <summary>Counts a touch.</summary>
    public void Add(uint item)
    {
        All.Add(item);
        var category = items.Item(item)->Category;
        if (category == 0) return;
        if (!_ofCategory.TryGetValue(category, out var order)) _ofCategory[category] = order = new PopularityOrder();
        order.Add(item);
    }

    /// <summary>The most touched available items; says how many.</summary>
    public int Popular(HashSet<uint> without, Span<uint> into) => Fill(All, without, into, 0);

    /// <summary>The same of the category of the user's last item, filled up with the most touched of all.</summary>
    public int OfLastCategory(ReadOnlySpan<HistoryEntry> history, HashSet<uint> without, Span<uint> into, int found = 0)
    {
        for (var i = history.Length - 1; i >= 0; i--)
        {
            if (InterestItem.Kind(history[i].Item) != kind) continue;
            if (_ofCategory.TryGetValue(items.Item(history[i].Item)->Category, out var order)) found = Fill(order, without, into, found);
            break;
        }

        return Fill(All, without, into, found);
    }

    /// <summary>The same behind the user's own items, the last one first: what a shop shows without any model.</summary>
    public int OwnThenLastCategory(ReadOnlySpan<HistoryEntry> history, HashSet<uint> without, Span<uint> into)
    {
        var found = 0;
        for (var i = history.Length - 1; i >= 0 && found < into.Length; i--)
        {
            var item = history[i].Item;
            if (InterestItem.Kind(item) == kind && !without.Contains(item) && items.IsAvailable(item)) into[found++] = item;
        }

        return OfLastCategory(history, without, into, found);
    }

    private int Fill(PopularityOrder order, HashSet<uint> without, Span<uint> into, int found)
    {
        var first = into[..found];
        foreach (var item in order.Items)
        {
            if (found == into.Length) break;
            if (!without.Contains(item) && !first.Contains(item) && items.IsAvailable(item)) into[found++] = item;
        }

        return found;
    }
}
