using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate;

/// <summary>What one method's lists of twenty came to over the targets of one protocol.</summary>
internal sealed class ReplayScores
{
    /// <summary>Items of a list.</summary>
    public const int Depth = 20;

    /// <summary>Where lists are cut.</summary>
    public static readonly int[] Cutoffs = [5, 10, 20];

    private struct OfUser
    {
        public int Targets;
        public double Ndcg;
        public double ReciprocalRank;
    }

    private readonly long[] _hits = new long[Depth + 1]; // by rank from 1
    private readonly Dictionary<uint, OfUser> _users = [];
    private readonly HashSet<uint> _shown = [];
    private long _targets;
    private long _newItemTargets;
    private long _newItemHits;
    private long _places;
    private long _popularPlaces;
    private double _novelty;
    private double _percentile;

    /// <summary>Takes a list and what the user came to; says at which rank it was found, 0: it was not.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="list">At most <see cref="Depth"/> items, best first.</param>
    /// <param name="target">The item; 0: no method can know it.</param>
    /// <param name="popularity">How often items were touched before.</param>
    /// <param name="items">Items that there are.</param>
    public int Add(uint user, ReadOnlySpan<uint> list, uint target, PopularityOrder popularity, uint items)
    {
        _targets++;
        var rank = target == 0 ? 0 : list.IndexOf(target) + 1;
        if (target == 0 || popularity.Count(target) == 0)
        {
            _newItemTargets++;
            if (rank > 0) _newItemHits++;
            rank = 0;
        }

        if (rank > 0) _hits[rank]++;
        ref var of = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_users, user, out _);
        of.Targets++;
        of.Ndcg += Gain(rank);
        of.ReciprocalRank += rank > 0 ? 1.0 / rank : 0;
        foreach (var item in list)
        {
            _shown.Add(item);
            _places++;
            var place = popularity.Place(item);
            if (place < (items + 99) / 100) _popularPlaces++;
            _percentile += items == 0 ? 0 : 1 - (double)place / items;
            _novelty += Math.Log2((double)Math.Max(1, popularity.Touches) / Math.Max(1, popularity.Count(item)));
        }

        return rank;
    }

    /// <summary>The figures.</summary>
    /// <param name="items">The items.</param>
    /// <param name="available">Items available at the end.</param>
    public ReplayFigures Figures(IItemSource items, long available)
    {
        // What was listed and is gone was available too.
        available += _shown.Count(item => !items.IsAvailable(item));
        var figures = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var k in Cutoffs)
        {
            var hits = _hits.AsSpan(1, k).ToArray().Sum();
            var rate = Share(hits, _targets);
            var (low, high) = Wilson(hits, _targets);
            figures[$"hr@{k}"] = figures[$"recall@{k}"] = rate;
            figures[$"hr@{k}Low"] = low;
            figures[$"hr@{k}High"] = high;
            figures[$"precision@{k}"] = rate / k;
            // Of one relevant item and k places: a hit has precision 1/k and recall 1.
            figures[$"f1@{k}"] = rate * 2 / (k + 1);
            figures[$"ndcg@{k}"] = Share(Enumerable.Range(1, k).Sum(r => _hits[r] * Gain(r)), _targets);
            figures[$"mrr@{k}"] = Share(Enumerable.Range(1, k).Sum(r => (double)_hits[r] / r), _targets);
        }

        Bound(figures, "ndcg@20", u => u.Ndcg);
        Bound(figures, "mrr@20", u => u.ReciprocalRank);
        figures["coverage@20"] = Share(_shown.Count, available);
        figures["novelty@20"] = Share(_novelty, _places);
        figures["popularityPercentile@20"] = Share(_percentile, _places);
        figures["top1PercentShare@20"] = Share(_popularPlaces, _places);
        return new ReplayFigures(_targets, _users.Count, _newItemTargets, _newItemHits, figures);
    }

    // Wilson's score interval, 95 %: right also where hits are few.
    private static (double Low, double High) Wilson(long hits, long targets)
    {
        if (targets == 0) return (0, 0);
        const double Z = 1.959964;
        var p = (double)hits / targets;
        var middle = p + Z * Z / (2 * targets);
        var half = Z * Math.Sqrt(p * (1 - p) / targets + Z * Z / (4.0 * targets * targets));
        var all = 1 + Z * Z / targets;
        return (Math.Max(0, (middle - half) / all), Math.Min(1, (middle + half) / all));
    }

    // Normal, of a ratio whose numerator and denominator are summed by user: targets of one user are not independent.
    private void Bound(SortedDictionary<string, double> figures, string name, Func<OfUser, double> sum)
    {
        var mean = figures[name];
        var squares = _users.Values.Sum(u => Math.Pow(sum(u) - mean * u.Targets, 2));
        var half = _targets == 0 ? 0 : 1.959964 * Math.Sqrt(squares) / _targets;
        figures[name + "Low"] = Math.Max(0, mean - half);
        figures[name + "High"] = Math.Min(1, mean + half);
    }

    private static double Gain(int rank) => rank == 0 ? 0 : 1 / Math.Log2(rank + 1);

    private static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;
}

/// <summary>The figures of one method over the targets of one protocol.</summary>
/// <param name="Targets">Touches that were to be found.</param>
/// <param name="Users">Users that they are of.</param>
/// <param name="NewItemTargets">Targets that nobody had touched before; they count as missed by every method.</param>
/// <param name="NewItemHits">How many of those were listed all the same.</param>
/// <param name="Values">By name; names end with the cutoff, bounds of 95 % intervals with Low and High.</param>
internal sealed record ReplayFigures(long Targets, long Users, long NewItemTargets, long NewItemHits, IReadOnlyDictionary<string, double> Values);
