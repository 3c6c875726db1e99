namespace LiveGrains.Cli.Evaluate.Bandit;

/// <summary>
/// `evaluate bandit`: what the policy that wrote one log would have got in the place of the one that wrote another, from that other's log
/// alone, beside what it did get. The policy is how often its log shows each item at each position. Positions are judged apart (as in Saito
/// et al., Open Bandit Dataset, 2020) and averaged as the log has them.
/// </summary>
internal static class BanditEvaluation
{
    private const int Folds = 5;

    /// <summary>Reads both logs and evaluates.</summary>
    public static BanditResult Run(string logPath, string evaluatePath, ToolEnvironment environment, CancellationToken cancellationToken)
    {
        var items = new Dictionary<string, int>(StringComparer.Ordinal);
        var log = BanditLog.Read(logPath, items, environment, cancellationToken);
        var evaluated = BanditLog.Read(evaluatePath, items, environment, cancellationToken);
        var policy = new ObservedPolicy(evaluated, items.Count);
        for (var i = 0; i < log.Count; i++)
        {
            if (!policy.Knows(log.Positions[i]))
                throw new LiveGrainsException(ErrorCode.InputNotReadable, $"{evaluated.Name}: shows nothing at position {log.Positions[i]}, so nothing can be said of the policy there");
        }
        var estimates = Estimates(log, policy, items.Count, cancellationToken);
        var truth = Truth(evaluated);
        return new BanditResult
        {
            Log = log.Name,
            Evaluate = evaluated.Name,
            Rows = log.Count,
            Items = items.Count,
            LogValue = Truth(log),
            Truth = truth,
            Estimates = [.. estimates.All(cancellationToken).Select(e => new BanditEstimate(e, truth.Value))],
            EffectiveSampleSize = estimates.EffectiveSampleSize,
            LargestWeight = Weights(log, policy).Max(),
            MeanWeight = Weights(log, policy).Average(),
            SwitchThreshold = estimates.SwitchThreshold,
            Unsupported = policy.ShareOutside(log),
        };
    }

    private static IEnumerable<double> Weights(BanditLog log, ObservedPolicy policy) =>
        Enumerable.Range(0, log.Count).Select(i => policy.Probability(log.Items[i], log.Positions[i]) / log.Propensities[i]);

    /// <summary>Each row's expectations come from a model that saw four fifths of the log without it (cross-fitting).</summary>
    private static OffPolicyEstimates Estimates(BanditLog log, ObservedPolicy policy, int items, CancellationToken cancellationToken)
    {
        var (expected, model) = (new double[log.Count], new double[log.Count]);
        for (var fold = 0; fold < Folds; fold++)
        {
            var rewards = RewardModel.Fit(log, items, log.Positions.Max(), row => FoldOf(row) != fold, cancellationToken);
            var known = new Dictionary<(int Context, int Position), double>();
            for (var row = 0; row < log.Count; row++)
            {
                if (FoldOf(row) != fold) continue;
                var (context, position) = (log.Contexts[row], log.Positions[row]);
                model[row] = rewards.Predict(log, log.Items[row], position, context);
                if (!known.TryGetValue((context, position), out expected[row]))
                    known.Add((context, position), expected[row] = policy.Shown(position).Sum(s => s.Probability * rewards.Predict(log, s.Item, position, context)));
            }
        }
        return new OffPolicyEstimates([.. log.Rewards], [.. Weights(log, policy)], expected, model);

        // Neighbouring rows are often of one visit: a fold takes runs of them, not every fifth row.
        static int FoldOf(int row) => row / 50 % Folds;
    }

    /// <summary>The mean reward and its 95 % interval: Wilson's for clicks, normal for others.</summary>
    private static BanditValue Truth(BanditLog log)
    {
        const double Z = 1.959964;
        var (n, mean) = (log.Count, log.Rewards.Average());
        if (log.Rewards.TrueForAll(r => r is 0 or 1))
        {
            var centre = (mean + Z * Z / (2 * n)) / (1 + Z * Z / n);
            var half = Z / (1 + Z * Z / n) * Math.Sqrt(mean * (1 - mean) / n + Z * Z / (4.0 * n * n));
            return new BanditValue(mean, centre - half, centre + half, n);
        }
        var deviation = Math.Sqrt(log.Rewards.Sum(r => (r - mean) * (r - mean)) / (n - 1) / n);
        return new BanditValue(mean, mean - Z * deviation, mean + Z * deviation, n);
    }
}
