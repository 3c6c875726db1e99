using System.Diagnostics;
using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate;

/// <summary>
/// Full ranking of the next item, as S3-Rec has it (Zhou et al., CIKM 2020): the last item of a user is the target, all before
/// it the history; all items that are not in the history are ranked. Everything before the targets is learned once, in the
/// order of the file.
/// </summary>
internal static class NextItemEvaluation
{
    private const uint Now = 1; // the file has no times

    /// <summary>Learns and ranks.</summary>
    /// <param name="data">The sequences.</param>
    /// <param name="holdout">Which item from the end is the target, from 1; what follows it is not used.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static NextItemResult Run(SequenceData data, int holdout, CancellationToken cancellationToken)
    {
        using var arena = new NativeArena();
        var model = new InterestModel(arena, InterestOptions.Sequences);
        var start = Stopwatch.GetTimestamp();
        foreach (var (item, tokens) in data.Attributes) model.SetAttributes(Item(item), tokens);
        var histories = new uint[data.Users.Count];
        for (var user = 0; user < histories.Length; user++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var item in data.Users[user].AsSpan()[..^Math.Min(holdout, data.Users[user].Length)]) model.Touch(ref histories[user], Item(item), Now, 1);
        }
        var learned = Stopwatch.GetElapsedTime(start).TotalSeconds;

        start = Stopwatch.GetTimestamp();
        var ranking = new Ranking(model, data, holdout);
        for (var user = 0; user < histories.Length; user++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (data.Users[user].Length > holdout) ranking.Add(data.Users[user].AsSpan()[..^(holdout - 1)], model.Histories.Entries(histories[user]));
        }
        return ranking.Result(model, learned, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static uint Item(uint number) => InterestItem.Of(InterestKind.Video, number);

    /// <summary>The rankings of all users.</summary>
    private sealed class Ranking
    {
        private readonly InterestModel _model;
        private readonly SequenceData _data;
        private readonly int _holdout;
        private readonly CandidateScores _scores = new();
        private readonly HashSet<uint> _history = [];
        private readonly int[] _popularity;
        private readonly uint[] _byPopularity;
        private readonly long[] _shown;
        private readonly Func<uint, bool> _isNew;
        private readonly Estimate _hit5 = new(), _hit10 = new(), _ndcg5 = new(), _ndcg10 = new(), _reciprocal = new();
        private int _users;
        private int _unreachable;

        public Ranking(InterestModel model, SequenceData data, int holdout)
        {
            _model = model;
            _data = data;
            _holdout = holdout;
            _popularity = new int[data.Items.Count + 1];
            foreach (var user in data.Users)
            {
                foreach (var item in user.AsSpan()[..^Math.Min(holdout, user.Length)]) _popularity[item]++;
            }
            _byPopularity = [.. Enumerable.Range(1, data.Items.Count).OrderByDescending(i => _popularity[i]).Select(i => (uint)i)];
            _shown = new long[data.Items.Count + 1];
            _isNew = item => !_history.Contains(InterestItem.Row(item));
        }

        public void Add(ReadOnlySpan<uint> sequence, ReadOnlySpan<HistoryEntry> entries)
        {
            _users++;
            var target = sequence[^1];
            _history.Clear();
            foreach (var item in sequence[..^1]) _history.Add(item);
            _model.Score(entries, Now, _scores);
            Show();
            if (_history.Contains(target)) _unreachable++;
            var rank = _history.Contains(target) ? int.MaxValue : Rank(target);
            _hit5.Add(rank <= 5 ? 1 : 0);
            _hit10.Add(rank <= 10 ? 1 : 0);
            _ndcg5.Add(rank <= 5 ? 1 / Math.Log2(rank + 1) : 0);
            _ndcg10.Add(rank <= 10 ? 1 / Math.Log2(rank + 1) : 0);
            _reciprocal.Add(rank == int.MaxValue ? 0 : 1.0 / rank);
        }

        public NextItemResult Result(InterestModel model, double learnSeconds, double rankSeconds)
        {
            var quality = ListQuality.Measure(_shown, _popularity, _data.Users.Count);
            return new NextItemResult
            {
                Users = _users,
                Items = _data.Items.Count,
                Actions = _data.Actions,
                Holdout = _holdout,
                DescribedItems = _data.Attributes.Count,
                Unreachable = _unreachable,
                HitRate5 = _hit5.Mean,
                Ndcg5 = _ndcg5.Mean,
                HitRate10 = _hit10.Mean,
                Ndcg10 = _ndcg10.Mean,
                Mrr = _reciprocal.Mean,
                Intervals = new Dictionary<string, double[]>
                {
                    ["hr@5"] = _hit5.Interval,
                    ["ndcg@5"] = _ndcg5.Interval,
                    ["hr@10"] = _hit10.Interval,
                    ["ndcg@10"] = _ndcg10.Interval,
                    ["mrr"] = _reciprocal.Interval,
                },
                Coverage = quality.Coverage,
                Novelty = quality.Novelty,
                PopularShare = quality.PopularShare,
                LearnSeconds = learnSeconds,
                RankSeconds = rankSeconds,
                ModelBytes = model.Bytes,
            };
        }

        // Items without a score follow those with one, the most popular first.
        private int Rank(uint target)
        {
            var score = _scores[Item(target)].Score;
            var rank = 1;
            if (score > 0)
            {
                foreach (var item in _scores.Items)
                {
                    if (IsBefore(InterestItem.Row(item), target, score) && _isNew(item)) rank++;
                }
                return rank;
            }
            for (uint item = 1; item <= _data.Items.Count; item++)
            {
                if (IsBefore(item, target, score) && !_history.Contains(item)) rank++;
            }
            return rank;
        }

        private bool IsBefore(uint item, uint target, float score)
        {
            var other = _scores[Item(item)].Score;
            if (other != score) return other > score;
            return _popularity[item] != _popularity[target] ? _popularity[item] > _popularity[target] : item < target;
        }

        private void Show()
        {
            Span<ScoredItem> best = stackalloc ScoredItem[10];
            var count = _scores.Best(_isNew, best);
            foreach (ref readonly var item in best[..count]) _shown[InterestItem.Row(item.Item)]++;
            for (var i = 0; i < _byPopularity.Length && count < best.Length; i++)
            {
                if (_history.Contains(_byPopularity[i]) || _scores[Item(_byPopularity[i])].Score > 0) continue;
                _shown[_byPopularity[i]]++;
                count++;
            }
        }
    }
}
