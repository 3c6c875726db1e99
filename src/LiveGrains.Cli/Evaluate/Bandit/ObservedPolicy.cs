namespace LiveGrains.Cli.Evaluate.Bandit;

/// <summary>How often a log shows each item at each position: the policy that wrote it, on average over its viewers and its time.</summary>
internal sealed class ObservedPolicy
{
    private readonly Dictionary<(int Item, int Position), int> _shown = [];
    private readonly Dictionary<int, int> _rows = [];
    private readonly Dictionary<int, (int Item, double Probability)[]> _byPosition;

    /// <summary>Counts.</summary>
    public ObservedPolicy(BanditLog log, int items)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(items, 1);
        for (var i = 0; i < log.Count; i++)
        {
            _shown[(log.Items[i], log.Positions[i])] = _shown.GetValueOrDefault((log.Items[i], log.Positions[i])) + 1;
            _rows[log.Positions[i]] = _rows.GetValueOrDefault(log.Positions[i]) + 1;
        }
        _byPosition = _shown.GroupBy(s => s.Key.Position).ToDictionary(g => g.Key, g => g.Select(s => (s.Key.Item, (double)s.Value / _rows[g.Key])).ToArray());
    }

    /// <summary>True when the log has rows of this position.</summary>
    public bool Knows(int position) => _rows.ContainsKey(position);

    /// <summary>π(item | position).</summary>
    public double Probability(int item, int position) => (double)_shown.GetValueOrDefault((item, position)) / _rows[position];

    /// <summary>All items with a probability at a position.</summary>
    public (int Item, double Probability)[] Shown(int position) => _byPosition[position];

    /// <summary>Of the policy the share, over the positions of another log, that this other log never shows: about it only the direct method says anything.</summary>
    public double ShareOutside(BanditLog other)
    {
        var seen = new HashSet<(int, int)>();
        for (var i = 0; i < other.Count; i++) seen.Add((other.Items[i], other.Positions[i]));
        return other.Positions.GroupBy(position => position)
            .Sum(g => (double)g.Count() / other.Count * Shown(g.Key).Where(s => !seen.Contains((s.Item, g.Key))).Sum(s => s.Probability));
    }
}
