namespace LiveGrains.Cli.Evaluate.Bandit;

/// <summary>
/// The expected reward of an item at a position for a viewer: a regression on one indicator each for item, position and values of
/// the viewer's features; logistic where rewards are from 0 to 1, linear otherwise. All weights but the intercept are drawn to 0 as by a normal prior with a
/// deviation of a half. Fitted by coordinate-wise Newton steps until none moves.
/// </summary>
internal sealed class RewardModel
{
    private const double PriorPrecision = 4, Moved = 1e-6;
    private const int MostPasses = 200;

    private readonly bool _logistic;
    private readonly double _scale;
    private readonly double[] _item, _position, _feature;
    private double _intercept;

    private RewardModel(bool logistic, double scale, int items, int positions, int features) =>
        (_logistic, _scale, _item, _position, _feature) = (logistic, scale, new double[items], new double[positions], new double[features]);

    /// <summary>Fits it to the rows of a log that a filter takes.</summary>
    public static RewardModel Fit(BanditLog log, int items, int positions, Func<int, bool> taken, CancellationToken cancellationToken)
    {
        var rows = Enumerable.Range(0, log.Count).Where(taken).ToArray();
        var logistic = log.Rewards.TrueForAll(r => r is >= 0 and <= 1);
        var scale = logistic ? 1 : Math.Max(1e-300, Math.Sqrt(log.Rewards.Average(r => r * r)));
        var model = new RewardModel(logistic, scale, items, positions, log.FeatureValues);
        if (rows.Length == 0) return model;
        model.Run(log, rows, cancellationToken);
        return model;
    }

    /// <summary>The expected reward.</summary>
    public double Predict(BanditLog log, int item, int position, int context)
    {
        var margin = _intercept + _item[item] + _position[position - 1];
        foreach (var feature in log.ContextFeatures[context]) margin += _feature[feature];
        return Mean(margin) * _scale;
    }

    private double Mean(double margin) => _logistic ? 1 / (1 + Math.Exp(-margin)) : margin;

    private void Run(BanditLog log, int[] rows, CancellationToken cancellationToken)
    {
        var margins = new double[rows.Length];
        var rewards = rows.Select(row => log.Rewards[row] / _scale).ToArray();
        var blocks = Blocks(log, rows);
        for (var pass = 0; pass < MostPasses; pass++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var all = Step(rewards, margins, Enumerable.Range(0, rows.Length), 0, 0);
            _intercept += all;
            var largest = Math.Abs(all);
            foreach (var (weights, number, members) in blocks)
            {
                var step = Step(rewards, margins, members, weights[number], PriorPrecision);
                weights[number] += step;
                largest = Math.Max(largest, Math.Abs(step));
            }
            if (largest < Moved) return;
        }
    }

    /// <summary>For each weight the rows that have its indicator.</summary>
    private List<(double[] Weights, int Number, List<int> Members)> Blocks(BanditLog log, int[] rows)
    {
        var blocks = new Dictionary<(double[], int), List<int>>();
        for (var place = 0; place < rows.Length; place++)
        {
            var row = rows[place];
            Add(_item, log.Items[row], place);
            Add(_position, log.Positions[row] - 1, place);
            foreach (var feature in log.ContextFeatures[log.Contexts[row]]) Add(_feature, feature, place);
        }
        return [.. blocks.Select(b => (b.Key.Item1, b.Key.Item2, b.Value))];

        void Add(double[] weights, int number, int place)
        {
            if (!blocks.TryGetValue((weights, number), out var members)) blocks.Add((weights, number), members = []);
            members.Add(place);
        }
    }

    private double Step(double[] rewards, double[] margins, IEnumerable<int> members, double weight, double precision)
    {
        double gradient = -precision * weight, curvature = precision + 1e-9;
        foreach (var place in members)
        {
            var mean = Mean(margins[place]);
            gradient += rewards[place] - mean;
            curvature += _logistic ? mean * (1 - mean) : 1;
        }
        // A logistic intercept starts far from its place; a whole Newton step could overshoot.
        var step = Math.Clamp(gradient / curvature, -1, 1);
        foreach (var place in members) margins[place] += step;
        return step;
    }
}
