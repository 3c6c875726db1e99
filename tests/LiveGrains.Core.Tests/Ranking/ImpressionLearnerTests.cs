namespace LiveGrains.Core.Tests;

public sealed class ImpressionLearnerTests
{
    private const uint Now = 1_700_000_000;
    private const uint Item = 7;
    private readonly FtrlProximal _ranker = new(Recommender.Terms, new FtrlOptions(), RankingPriors.Weights);

    [Theory]
    [InlineData(true, EventType.Enter)]
    [InlineData(true, EventType.Impression, EventType.Click)]
    [InlineData(false, EventType.Impression)]
    [InlineData(false, EventType.Enter, EventType.Leave)]
    [InlineData(true, EventType.Enter, EventType.Leave, EventType.Enter)]
    [InlineData(true, EventType.Enter, EventType.Like, EventType.Leave)]
    [InlineData(false, EventType.Enter, EventType.Like, EventType.Dislike)]
    [InlineData(false, EventType.Play, EventType.Report)]
    public void What_followed_decides_whether_it_was_watched(bool watched, params EventType[] types)
    {
        var learner = Learn(new float[Recommender.Terms], types);

        Assert.Equal(1, learner.Examples);
        Assert.Equal(watched ? 1 : 0, learner.Positives(Objective.Watch));
        Assert.Equal(types.Contains(EventType.Like) ? 1 : 0, learner.Positives(Objective.Interact));
        Assert.Equal(0, learner.Positives(Objective.Pay));
        Assert.Equal(watched ? 1 : 0, _ranker.Check(Objective.Watch).ObservedRate);
    }

    [Fact]
    public void What_was_not_shown_teaches_nothing()
    {
        var learner = Learn(new float[Recommender.Terms]);

        Assert.Equal(0, learner.Examples);
        Assert.Equal(0, learner.Open);
    }

    [Fact]
    public void Weights_of_confidence_bounds_stay_as_they_were_set()
    {
        var terms = new float[Recommender.Terms];
        Array.Fill(terms, 0.5f);
        // Nobody ever comes to what is new: a learned weight would end exploration, which is there to find out.
        for (var i = 0; i < 500; i++) Learn(terms, EventType.Impression);

        var weights = _ranker.Weights(Objective.Watch);
        var priors = RankingPriors.Weights;
        Assert.Equal(priors[(int)RankingTerm.Exploration], weights[(int)RankingTerm.Exploration]);
        Assert.Equal(priors[(int)RankingTerm.UserExploration], weights[(int)RankingTerm.UserExploration]);
        Assert.True(weights[(int)RankingTerm.Bias] < priors[(int)RankingTerm.Bias] - 0.1, $"{weights[(int)RankingTerm.Bias]}");
    }

    private ImpressionLearner Learn(float[] terms, params EventType[] types)
    {
        var learner = new ImpressionLearner(_ranker);
        learner.Served(1, Item, terms, Now);
        foreach (var type in types) learner.Happened(1, Item, type);
        learner.Settle(Now + ImpressionLearner.WindowSeconds);
        return learner;
    }
}
