namespace LiveGrains.Cli.Evaluate.Bandit;

/// <summary>
/// The value of a policy from another's log. Of row i with reward r, weight w = π(item | position) ÷ propensity, the model's expectation q for
/// the item and m for the policy (Σ π(item) q(item)):
/// <list type="bullet">
/// <item>IPS: mean of w·r (Horvitz and Thompson 1952);</item>
/// <item>self-normalised IPS: Σ w·r ÷ Σ w (Swaminathan and Joachims, NIPS 2015);</item>
/// <item>direct method: mean of m;</item>
/// <item>doubly robust: mean of m + w·(r − q) (Dudík, Langford and Li, ICML 2011);</item>
/// <item>switch-DR: the same with w = 0 above a threshold (Wang, Agarwal and Dudík, ICML 2017).</item>
/// </list>
/// Intervals are the 2.5 and 97.5 percentiles of a seeded bootstrap over rows.
/// </summary>
internal sealed class OffPolicyEstimates
{
    private const int Resamples = 2_000, Seed = 1;

    private readonly double[] _reward, _weight, _expected, _model, _switched;

    /// <summary>Takes one number a row of each.</summary>
    public OffPolicyEstimates(double[] reward, double[] weight, double[] expected, double[] model)
    {
        (_reward, _weight, _expected, _model) = (reward, weight, expected, model);
        SwitchThreshold = ChooseThreshold();
        _switched = [.. weight.Select(w => w > SwitchThreshold ? 0 : w)];
    }

    /// <summary>Weights above this count as 0 in switch-DR: of the quantiles ½, ¾, 9⁄10 … of the weights the one with the least estimated variance plus squared bias.</summary>
    public double SwitchThreshold { get; }

    /// <summary>(Σ w)² ÷ Σ w²: as many rows of the policy itself would say as much.</summary>
    public double EffectiveSampleSize => _weight.Sum() is var sum && sum > 0 ? sum * sum / _weight.Sum(w => w * w) : 0;

    /// <summary>The estimates with their intervals.</summary>
    public IReadOnlyList<OffPolicyEstimate> All(CancellationToken cancellationToken)
    {
        var values = Of(null);
        var samples = new double[values.Length][];
        for (var e = 0; e < samples.Length; e++) samples[e] = new double[Resamples];
        var random = new Random(Seed);
        var counts = new int[_reward.Length];
        for (var resample = 0; resample < Resamples; resample++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Array.Clear(counts);
            for (var draw = 0; draw < counts.Length; draw++) counts[random.Next(counts.Length)]++;
            var sample = Of(counts);
            for (var e = 0; e < samples.Length; e++) samples[e][resample] = sample[e];
        }
        string[] names = ["ips", "snips", "dm", "dr", "switchDr"];
        return [.. names.Select((name, e) =>
        {
            Array.Sort(samples[e]);
            return new OffPolicyEstimate(name, values[e], samples[e][Resamples / 40], samples[e][Resamples - 1 - Resamples / 40]);
        })];
    }

    /// <summary>The five values over the rows, each as often as counted; null: once.</summary>
    private double[] Of(int[]? counts)
    {
        double rows = 0, ips = 0, weights = 0, direct = 0, doubly = 0, switched = 0;
        for (var i = 0; i < _reward.Length; i++)
        {
            var times = counts?[i] ?? 1;
            if (times == 0) continue;
            rows += times;
            ips += times * _weight[i] * _reward[i];
            weights += times * _weight[i];
            direct += times * _expected[i];
            doubly += times * _weight[i] * (_reward[i] - _model[i]);
            switched += times * _switched[i] * (_reward[i] - _model[i]);
        }
        return [ips / rows, weights > 0 ? ips / weights : 0, direct / rows, (direct + doubly) / rows, (direct + switched) / rows];
    }

    /// <summary>
    /// The bias of leaving out weights above a threshold is at most the share of the policy behind them times the largest error of the model. That
    /// share is estimated by the mean of the weights left out, the error by the mean absolute one.
    /// </summary>
    private double ChooseThreshold()
    {
        var sorted = _weight.Order().ToArray();
        var rows = _weight.Length;
        var (best, bestError) = (sorted[^1], double.PositiveInfinity);
        foreach (var quantile in (double[])[0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1])
        {
            var threshold = sorted[(int)Math.Min(rows - 1, quantile * rows)];
            double sum = 0, squares = 0, left = 0;
            for (var i = 0; i < rows; i++)
            {
                var term = _expected[i] + (_weight[i] > threshold ? 0 : _weight[i] * (_reward[i] - _model[i]));
                sum += term;
                squares += term * term;
                if (_weight[i] > threshold) left += _weight[i] * Math.Abs(_reward[i] - _model[i]);
            }
            var variance = Math.Max(0, squares / rows - sum / rows * (sum / rows)) / rows;
            var error = variance + left / rows * (left / rows);
            if (error < bestError) (best, bestError) = (threshold, error);
        }
        return best;
    }
}

/// <summary>An estimate of a policy's value.</summary>
/// <param name="Name">ips, snips, dm, dr or switchDr.</param>
/// <param name="Value">The estimate.</param>
/// <param name="Low">Where its 95 % interval begins.</param>
/// <param name="High">Where it ends.</param>
internal sealed record OffPolicyEstimate(string Name, double Value, double Low, double High);
