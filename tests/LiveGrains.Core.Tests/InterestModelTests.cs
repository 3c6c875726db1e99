namespace LiveGrains.Core.Tests;

public sealed class InterestModelTests
{
    private const uint Now = 1;

    [Fact]
    public void What_others_did_next_comes_first()
    {
        using var arena = new NativeArena();
        var model = new InterestModel(arena, InterestOptions.Sequences);
        for (var i = 0; i < 10; i++) Visit(model, 1, 2, 3);
        for (var i = 0; i < 3; i++) Visit(model, 1, 4);

        var best = new ScoredItem[5];
        var count = model.Similar(1, Now, best);

        Assert.Equal([2u, 3u, 4u], best[..count].Select(s => s.Item));
        Assert.All(best[..count], s => Assert.Equal(s.Score, s.CoVisits + s.Attributes, 1e-6));
    }

    [Fact]
    public void An_event_changes_the_next_answer()
    {
        using var arena = new NativeArena();
        var model = new InterestModel(arena, InterestOptions.Sequences);
        for (var i = 0; i < 5; i++) Visit(model, 1, 2);
        for (var i = 0; i < 5; i++) Visit(model, 7, 8);
        var user = Visit(model, 1);
        var best = new ScoredItem[1];
        model.Recommend(model.Histories.Entries(user), Now, null, best);
        Assert.Equal(2u, best[0].Item);

        model.Touch(ref user, 7, Now, 1);

        model.Recommend(model.Histories.Entries(user), Now, null, best);
        Assert.Equal(8u, best[0].Item);
    }

    [Fact]
    public void An_unwanted_item_neither_speaks_nor_teaches()
    {
        using var arena = new NativeArena();
        var model = new InterestModel(arena, InterestOptions.Sequences);
        for (var i = 0; i < 5; i++) Visit(model, 1, 2);
        uint user = 0;
        model.Touch(ref user, 1, Now, 1, HistoryFlags.Disliked);
        Assert.Equal(0, model.Recommend(model.Histories.Entries(user), Now, null, new ScoredItem[3]));

        model.Touch(ref user, 9, Now, 1, HistoryFlags.Reported);
        model.Touch(ref user, 5, Now, 1);
        Assert.Equal(0, model.CoVisits.Pair(1, 5, Now));
        Assert.Equal(0, model.CoVisits.Totals(9, Now).Touches);
    }

    [Fact]
    public void Attributes_find_what_nobody_came_to_yet()
    {
        using var arena = new NativeArena();
        var model = new InterestModel(arena, InterestOptions.Sequences);
        model.SetAttributes(1, [1, 2]);
        model.SetAttributes(2, [3, 4]);
        model.SetAttributes(3, [1, 2, 5]);
        model.SetAttributes(4, [2]);
        var user = Visit(model, 1);

        var best = new ScoredItem[5];
        var count = model.Recommend(model.Histories.Entries(user), Now, item => item != 1, best);

        Assert.Equal([3u, 4u], best[..count].Select(s => s.Item));
        Assert.Equal(0, best[0].CoVisits);
    }

    [Fact]
    public void The_filter_decides_what_may_be_recommended()
    {
        using var arena = new NativeArena();
        var model = new InterestModel(arena, InterestOptions.Sequences);
        Visit(model, 1, 2, 3, 4);
        var best = new ScoredItem[5];
        var count = model.Recommend(model.Histories.Entries(Visit(model, 1)), Now, item => item == 3, best);
        Assert.Equal([3u], best[..count].Select(s => s.Item));
    }

    [Fact]
    public void Attributes_follow_their_changes_and_survive_a_snapshot()
    {
        using var arena = new NativeArena();
        var index = new AttributeIndex(arena);
        var expected = new Dictionary<uint, uint[]>();
        var random = new Random(11);
        for (var i = 0; i < 5000; i++)
        {
            var item = InterestItem.Of((InterestKind)random.Next(3), (uint)random.Next(1, 300));
            var tokens = Enumerable.Range(0, random.Next(6)).Select(_ => (uint)(1 + random.Next(random.Next(1, 80)))).ToArray();
            index.Set(item, tokens);
            expected[item] = tokens;
            if (random.Next(1000) != 0) continue;
            var memory = new StateMemory();
            index.Save(memory);
            index = new AttributeIndex(arena);
            index.Load(memory);
            Assert.True(memory.IsAtEnd);
        }

        var described = expected.Values.Count(t => t.Length > 0);
        for (uint token = 1; token <= index.HighestToken; token++)
        {
            var having = expected.Where(e => e.Value.Contains(token)).Select(e => e.Key).Order().ToArray();
            Assert.Equal(having.Length > AttributeIndex.MostItemsOfToken ? [] : having, index.Items(token).ToArray().Select(p => p.Item).Order());
            if (having.Length is > 0 and <= AttributeIndex.MostItemsOfToken) Assert.Equal(Math.Log2(1 + (double)described / having.Length), index.Weight(token), 1e-4);
        }

        foreach (var (item, tokens) in expected)
        {
            var counts = index.Tokens(item).ToArray().ToDictionary(t => t.Token, t => (int)t.Times);
            Assert.Equal(tokens.GroupBy(t => t).ToDictionary(g => g.Key, g => g.Count()), counts);
            Assert.Equal(tokens.Length == 0, index.InverseLength(item) == 0);
        }
    }

    [Fact]
    public void A_token_that_too_many_items_have_counts_for_nothing()
    {
        using var arena = new NativeArena();
        var index = new AttributeIndex(arena);
        for (uint item = 1; item <= AttributeIndex.MostItemsOfToken; item++) index.Set(item, [1]);
        Assert.True(index.Weight(1) > 0);
        index.Set(AttributeIndex.MostItemsOfToken + 1, [1]);
        Assert.Equal(0, index.Weight(1));
        Assert.True(index.Items(1).IsEmpty);
    }

    [Fact]
    public void The_regression_finds_which_items_predict_an_item()
    {
        // 3 comes with 1 always, and with 2 only because 2 comes with 1.
        using var arena = new NativeArena();
        var model = new InterestModel(arena, InterestOptions.Sets);
        var random = new Random(4);
        for (var i = 0; i < 4000; i++)
        {
            var items = new List<uint>();
            if (random.Next(3) == 0) items.AddRange([1, 3]);
            if (items.Count > 0 ? random.Next(2) == 0 : random.Next(8) == 0) items.Add(2);
            items.Add((uint)random.Next(4, 20));
            var order = items.ToArray();
            random.Shuffle(order);
            Visit(model, order);
        }

        var regression = new LocalRegression(new LocalRegressionOptions { Ridge = 20, Dropout = 0.1f });
        regression.Refresh(model.CoVisits, InterestKind.Room, Now);
        var scores = new CandidateScores();
        regression.Score(model.Histories.Entries(Visit(model, 1)), scores);
        var byCause = scores[3].Score;
        regression.Score(model.Histories.Entries(Visit(model, 2)), scores);
        var byCompany = scores[3].Score;

        Assert.True(byCause > 0.3, $"{byCause}");
        Assert.True(byCompany < 0.3 * byCause, $"{byCompany} of {byCause}");
    }

    private static uint Visit(InterestModel model, params uint[] items)
    {
        uint history = 0;
        foreach (var item in items) model.Touch(ref history, item, Now, 1);
        return history;
    }
}
