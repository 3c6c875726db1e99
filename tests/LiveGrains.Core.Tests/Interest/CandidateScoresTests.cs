namespace LiveGrains.Core.Tests;

/// <summary>The best candidates, against a sort of all.</summary>
public sealed class CandidateScoresTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(3000)]
    public void Smallest_numbers_come_first_and_in_order(int count)
    {
        var random = new Random(count);
        foreach (var bits in new[] { 1, 8, 40, 63 })
        {
            var numbers = Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64() & ((1UL << bits) - 1)).ToArray();
            var sorted = numbers.Order().ToArray();
            foreach (var wanted in new[] { 0, 1, 50, count, count + 5 })
            {
                var some = (ulong[])numbers.Clone();
                var found = PartialSort.SortSmallest(some, wanted);
                Assert.InRange(found, Math.Min(wanted, count), count);
                Assert.Equal(sorted[..found], some[..found]);
                Assert.Equal(sorted, some.Order());
            }
        }
    }

    [Fact]
    public void Best_candidates_are_those_of_a_sort_whatever_the_filter_leaves_out()
    {
        var random = new Random(5);
        var scores = new CandidateScores();
        foreach (var count in new[] { 0, 3, 90, 5000 })
        {
            scores.Clear();
            var model = new Dictionary<uint, (float CoVisits, float Attributes)>();
            for (var i = 0; i < count; i++)
            {
                var item = InterestItem.Of((InterestKind)random.Next(3), 1 + (uint)random.Next(count));
                // Few different values, so that there are equals.
                var (worth, of) = (random.Next(20) / 8f - 0.5f, model.GetValueOrDefault(item));
                if (random.Next(2) == 0)
                {
                    scores.AddCoVisits([new Successor(item, worth)], 2);
                    model[item] = of with { CoVisits = of.CoVisits + 2 * worth };
                }
                else
                {
                    scores.AddAttributes([new Posting { Item = item, Frequency = worth }], 1);
                    model[item] = of with { Attributes = of.Attributes + worth };
                }
            }

            Assert.Equal(model.Count, scores.Count);
            foreach (var rest in new uint[] { 1, 2, 50 })
            {
                var best = new ScoredItem[80];
                var found = scores.Best(item => item % rest == 0, best);
                var expected = model.Where(c => c.Key % rest == 0).Select(c => new ScoredItem(c.Key, c.Value.CoVisits + c.Value.Attributes, c.Value.CoVisits, c.Value.Attributes))
                    .OrderByDescending(c => c.Score).ThenBy(c => c.Item).Take(80);
                Assert.Equal(expected, best[..found]);
            }
        }
    }

    [Fact]
    public void Items_of_another_kind_are_no_candidates_when_one_is_wanted()
    {
        var scores = new CandidateScores();
        uint room = InterestItem.Of(InterestKind.Room, 7), product = InterestItem.Of(InterestKind.Product, 7);
        scores.Clear(InterestKind.Product);
        scores.AddCoVisits([new Successor(room, 1), new Successor(product, 2)], 1);
        Assert.Equal([product], scores.Items.ToArray());
        Assert.Equal(0, scores[room].Score);
        scores.Clear();
        Assert.Equal(0, scores[product].Score);
        scores.AddCoVisits(room, 3);
        Assert.Equal(new ScoredItem(room, 3, 3, 0), scores[room]);
    }
}
