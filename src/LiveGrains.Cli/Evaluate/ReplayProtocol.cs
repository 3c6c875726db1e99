using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate;

/// <summary>One way of choosing targets, and the methods scored on them.</summary>
internal sealed class ReplayProtocol
{
    /// <summary>How many methods there are: lists as they are served, and what they have to beat.</summary>
    public const int Methods = 4;

    /// <summary>How the methods are called in tables and in JSON, ours first.</summary>
    public static readonly (string Title, string Json)[] Names =
    [
        ("LiveGrains", ""), ("popularity", "popularity"), ("last-category popularity", "lastCategoryPopularity"), ("own, then last category", "ownThenLastCategory"),
    ];

    private readonly ReplayScores[] _scores = [new(), new(), new(), new()];
    private readonly PairedDifference[] _differences = [new(), new(), new(), new()];

    /// <summary>Takes the lists of all methods and what the user came to.</summary>
    public void Add(uint user, uint[][] lists, int[] counts, uint target, PopularityOrder popularity, uint items)
    {
        var ours = false;
        for (var method = 0; method < Methods; method++)
        {
            var hit = _scores[method].Add(user, lists[method].AsSpan(0, counts[method]), target, popularity, items) > 0;
            if (method == 0) ours = hit;
            _differences[method].Add(user, (ours ? 1 : 0) - (hit ? 1 : 0));
        }
    }

    /// <summary>The figures of a method, with our difference to it.</summary>
    public ReplayFigures Figures(int method, IItemSource items, long available)
    {
        var figures = _scores[method].Figures(items, available);
        if (method == 0) return figures;
        var (mean, half) = _differences[method].Estimate;
        return figures with
        {
            Values = new SortedDictionary<string, double>(figures.Values.ToDictionary(), StringComparer.Ordinal)
            {
                ["hr@20Lead"] = mean,
                ["hr@20LeadLow"] = mean - half,
                ["hr@20LeadHigh"] = mean + half,
            },
        };
    }
}

/// <summary>The figures of a protocol, of each method in the order of <see cref="ReplayProtocol.Names"/>.</summary>
internal sealed record ReplayProtocolResult(IReadOnlyList<ReplayFigures> Figures)
{
    /// <summary>The figures.</summary>
    public static ReplayProtocolResult Of(ReplayProtocol protocol, IItemSource items, long available) =>
        new([.. Enumerable.Range(0, ReplayProtocol.Methods).Select(method => protocol.Figures(method, items, available))]);

    /// <summary>Those of the lists as they are served.</summary>
    public ReplayFigures Ours => Figures[0];

    /// <summary>The methods by the names that people read.</summary>
    public IEnumerable<(string Name, ReplayFigures Figures)> Methods => ReplayProtocol.Names.Select((name, i) => (name.Title, Figures[i]));
}
