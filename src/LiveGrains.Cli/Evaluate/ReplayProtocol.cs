using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate;

/// <summary>One way of choosing targets, and the methods scored on them.</summary>
internal sealed class ReplayProtocol
{
    /// <summary>Lists as they are served.</summary>
    public ReplayScores Ours { get; } = new();

    /// <summary>The most touched items.</summary>
    public ReplayScores Popularity { get; } = new();

    /// <summary>The most touched items of the category of the user's last item.</summary>
    public ReplayScores LastCategory { get; } = new();
}

/// <summary>The figures of a protocol.</summary>
internal sealed record ReplayProtocolResult(ReplayFigures Ours, ReplayFigures Popularity, ReplayFigures LastCategory)
{
    /// <summary>The figures.</summary>
    public static ReplayProtocolResult Of(ReplayProtocol protocol, IItemSource items, long available) =>
        new(protocol.Ours.Figures(items, available), protocol.Popularity.Figures(items, available), protocol.LastCategory.Figures(items, available));

    /// <summary>The methods by the names that people read.</summary>
    public IEnumerable<(string Name, ReplayFigures Figures)> Methods => [("LiveGrains", Ours), ("popularity", Popularity), ("last-category popularity", LastCategory)];
}
