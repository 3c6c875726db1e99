using System.Diagnostics;
using LiveGrains.Core;

namespace LiveGrains.Cli.Evaluate;

/// <summary>
/// The best ten of all items that a user did not rate in train; any rating of the test file is a hit. The train file is
/// counted once, in its order; the regressions are then solved from the counts.
/// </summary>
internal static class TopNEvaluation
{
    private const int Places = 10;
    private const uint Now = 1; // times are not used
    // The lowest rating counts half of the highest: to have watched it at all says more than not to have liked it.
    private const double LowestStrength = 0.6, HighestStrength = 1.2;

    /// <summary>Learns and ranks.</summary>
    public static TopNResult Run(string trainPath, string testPath, ToolEnvironment environment, CancellationToken cancellationToken)
    {
        var users = new Vocabulary();
        var items = new Vocabulary();
        var train = RatingData.Read(trainPath, users, items, environment);
        var test = RatingData.Read(testPath, users, items, environment);

        using var arena = new NativeArena();
        var model = new InterestModel(arena, InterestOptions.Sets);
        var start = Stopwatch.GetTimestamp();
        var histories = new uint[users.Count + 1];
        var strength = StrengthOf(train);
        foreach (var rating in train) model.Touch(ref histories[rating.User], Item(rating.Item), Now, strength(rating.Value));
        var learned = Stopwatch.GetElapsedTime(start).TotalSeconds;
        cancellationToken.ThrowIfCancellationRequested();

        start = Stopwatch.GetTimestamp();
        var regression = new LocalRegression(new LocalRegressionOptions());
        regression.Refresh(model.CoVisits, InterestKind.Video, Now);
        var solved = Stopwatch.GetElapsedTime(start).TotalSeconds;
        cancellationToken.ThrowIfCancellationRequested();

        start = Stopwatch.GetTimestamp();
        var ranking = new Ranking(train, items.Count);
        foreach (var user in test.GroupBy(t => t.User))
            ranking.Add(regression, model.Histories.Entries(histories[user.Key]), user.Key, user.Select(t => t.Item).ToHashSet());
        return ranking.Result(train.Count, test.Count, learned, solved, Stopwatch.GetElapsedTime(start).TotalSeconds, model.Bytes);
    }

    private static uint Item(uint number) => InterestItem.Of(InterestKind.Video, number);

    private static Func<double, float> StrengthOf(List<Rating> train)
    {
        var values = train.Where(r => !double.IsNaN(r.Value)).Select(r => r.Value).ToList();
        if (values.Count == 0 || values.Min() == values.Max()) return _ => 1;
        var (lowest, range) = (values.Min(), values.Max() - values.Min());
        return value => double.IsNaN(value) ? 1 : (float)(LowestStrength + (HighestStrength - LowestStrength) * (value - lowest) / range);
    }

    /// <summary>The lists of all users.</summary>
    private sealed class Ranking
    {
        private readonly CandidateScores _scores = new();
        private readonly ILookup<uint, uint> _train;
        private readonly int[] _popularity;
        private readonly uint[] _byPopularity;
        private readonly long[] _shown;
        private readonly int _trainUsers;
        private readonly Estimate _precision = new(), _recall = new(), _ndcg = new(), _ndcgOfTen = new(), _f1 = new(), _hit = new(), _average = new(), _reciprocal = new();
        private int _users;

        public Ranking(List<Rating> train, int items)
        {
            _train = train.ToLookup(r => r.User, r => r.Item);
            _trainUsers = _train.Count;
            _popularity = new int[items + 1];
            foreach (var rating in train) _popularity[rating.Item]++;
            _byPopularity = [.. Enumerable.Range(1, items).OrderByDescending(i => _popularity[i]).Select(i => (uint)i)];
            _shown = new long[items + 1];
        }

        public void Add(LocalRegression regression, ReadOnlySpan<HistoryEntry> history, uint user, HashSet<uint> relevant)
        {
            _users++;
            regression.Score(history, _scores);
            var known = _train[user].ToHashSet();
            Span<ScoredItem> best = stackalloc ScoredItem[Places];
            var count = _scores.Best(item => !known.Contains(InterestItem.Row(item)), best);
            for (var i = 0; i < _byPopularity.Length && count < Places; i++)
            {
                var item = Item(_byPopularity[i]);
                if (!known.Contains(_byPopularity[i]) && _scores[item].Score <= 0) best[count++] = new ScoredItem(item, 0, 0, 0);
            }
            Measure(best[..count], relevant);
        }

        public TopNResult Result(int train, int test, double learnSeconds, double solveSeconds, double rankSeconds, long modelBytes)
        {
            var quality = ListQuality.Measure(_shown, _popularity, _trainUsers);
            return new TopNResult
            {
                Users = _users,
                Items = _byPopularity.Length,
                Train = train,
                Test = test,
                Precision = _precision.Mean,
                Recall = _recall.Mean,
                Ndcg = _ndcg.Mean,
                NdcgOfTen = _ndcgOfTen.Mean,
                F1 = _f1.Mean,
                HitRate = _hit.Mean,
                MeanAveragePrecision = _average.Mean,
                Mrr = _reciprocal.Mean,
                Intervals = new Dictionary<string, double[]>
                {
                    ["precision@10"] = _precision.Interval,
                    ["recall@10"] = _recall.Interval,
                    ["ndcg@10"] = _ndcg.Interval,
                },
                Coverage = quality.Coverage,
                Novelty = quality.Novelty,
                PopularShare = quality.PopularShare,
                LearnSeconds = learnSeconds,
                SolveSeconds = solveSeconds,
                RankSeconds = rankSeconds,
                ModelBytes = modelBytes,
            };
        }

        private void Measure(ReadOnlySpan<ScoredItem> list, HashSet<uint> relevant)
        {
            var hits = 0;
            var first = 0;
            double gain = 0, precisions = 0;
            for (var place = 1; place <= list.Length; place++)
            {
                var item = InterestItem.Row(list[place - 1].Item);
                _shown[item]++;
                if (!relevant.Contains(item)) continue;
                hits++;
                if (first == 0) first = place;
                gain += Gain(place);
                precisions += (double)hits / place;
            }
            var precision = (double)hits / Places;
            var recall = (double)hits / relevant.Count;
            _precision.Add(precision);
            _recall.Add(recall);
            _f1.Add(hits == 0 ? 0 : 2 * precision * recall / (precision + recall));
            _hit.Add(hits > 0 ? 1 : 0);
            _ndcg.Add(gain / Enumerable.Range(1, relevant.Count).Sum(Gain));
            _ndcgOfTen.Add(gain / Enumerable.Range(1, Math.Min(Places, relevant.Count)).Sum(Gain));
            _average.Add(precisions / Math.Min(Places, relevant.Count));
            _reciprocal.Add(first == 0 ? 0 : 1.0 / first);
        }

        private static double Gain(int place) => 1 / Math.Log2(place + 1);
    }
}
