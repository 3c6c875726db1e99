namespace LiveGrains.Core.Tests;

public sealed class UserSegmentsTests
{
    private const uint Now = 1_700_000_000;

    [Fact]
    public void Tastes_that_were_planted_are_found()
    {
        var random = new Random(5);
        var vectors = new RandomVectors(5);
        var tastes = Enumerable.Range(0, 12).Select(_ => vectors.Unit()).ToArray();
        var segments = new UserSegments();
        for (var visit = 0; visit < 6_000; visit++) segments.Learn(vectors.Near(tastes[random.Next(12)], 0.6f), Now + (uint)visit);

        // Of each taste's users nearly all are in one segment, and no segment has two tastes.
        var owners = new int[UserSegments.Most + 1];
        Array.Fill(owners, -1);
        for (var taste = 0; taste < 12; taste++)
        {
            var found = Enumerable.Range(0, 200).Select(_ => segments.Nearest(vectors.Near(tastes[taste], 0.6f), out var _)).GroupBy(s => s).MaxBy(g => g.Count())!;
            Assert.True(found.Count() > 190, $"{found.Count()} of 200");
            Assert.Equal(-1, owners[found.Key]);
            owners[found.Key] = taste;
        }

        Assert.Equal(1, Enumerable.Range(1, segments.Count).Sum(s => segments.Share(s, Now + 6_000)), 1e-4);
    }

    [Fact]
    public void When_all_segments_are_taken_the_two_most_alike_make_room_for_a_new_taste()
    {
        var vectors = new RandomVectors(6);
        var centres = new List<float[]>();
        while (centres.Count < UserSegments.Most - 1) AddDistant(vectors, centres);
        // The last is 0.45 from the first, too far to be the same.
        var other = vectors.Unit();
        var along = FeatureVector.Dot(other, centres[0]);
        for (var i = 0; i < other.Length; i++) other[i] -= along * centres[0][i];
        FeatureVector.Normalise(other);
        centres.Add([.. centres[0].Select((x, i) => 0.45f * x + 0.893f * other[i])]);
        var segments = new UserSegments();
        var merged = new List<(int Gone, int Kept)>();
        segments.Merged = (gone, kept) => merged.Add((gone, kept));
        foreach (var centre in centres) segments.Learn(centre, Now);
        Assert.Equal(UserSegments.Most, segments.Count);
        AddDistant(vectors, centres);
        AddDistant(vectors, centres);
        var stranger = centres[^1];
        // Now and then only: a single stranger right after the last change joins the nearest.
        segments.Learn(centres[^2], Now);
        Assert.Empty(merged);
        for (var i = 0; i < 500; i++) segments.Learn(centres[2 + i % 20], Now);

        var taken = segments.Learn(stranger, Now);

        Assert.Equal((UserSegments.Most, 1), Assert.Single(merged));
        Assert.Equal(UserSegments.Most, taken);
        Assert.Equal(taken, segments.Nearest(stranger, out var cosine));
        Assert.Equal(1, cosine, 1e-5);
    }

    [Fact]
    public void The_same_visits_give_the_same_segments_also_over_a_restart()
    {
        var straight = new UserSegments();
        var restarted = new UserSegments();
        var users = new RandomVectors(7).Clustered(4_000, 40, 0.6f);
        for (var i = 0; i < users.Length; i++)
        {
            Assert.Equal(straight.Learn(users[i], Now + (uint)i), restarted.Learn(users[i], Now + (uint)i));
            if (i % 500 != 250) continue;
            var memory = new StateMemory();
            restarted.Save(memory);
            restarted = new UserSegments();
            restarted.Load(memory);
            Assert.True(memory.IsAtEnd);
        }

        Assert.Equal(Bytes(straight), Bytes(restarted));
    }

    [Fact]
    public void A_group_says_where_its_users_come_from_and_its_parts_speak_for_what_it_has_not_seen()
    {
        var groups = new UserGroups();
        var young = new StaticFeatures(1, 11, 21, 31);
        var old = new StaticFeatures(3, 11, 21, 31);
        for (uint user = 1; user <= 100; user++)
        {
            groups.Describe(user, user % 2 == 0 ? young : old);
            groups.Visit(user, user % 2 == 0 ? 1 : 2, Now, 1);
        }

        var shares = new float[UserSegments.Most];
        Assert.True(groups.TryShares(young, shares));
        Assert.True(shares[0] > 0.75, $"{shares[0]}");
        Assert.Equal(1, shares.Sum(), 1e-4);
        // A region that nobody is from: age still tells.
        Assert.True(groups.TryShares(new StaticFeatures(3, 0, 99, 0), shares));
        Assert.True(shares[1] > 0.99, $"{shares[1]}");
        Assert.False(groups.TryShares(new StaticFeatures(98, 0, 99, 0), shares));
        Assert.False(groups.TryShares(default, shares));
        // Two weeks later the young have another taste.
        for (uint user = 2; user <= 100; user += 2) groups.Visit(user, 3, Now + 28 * 86_400, 1);
        Assert.True(groups.TryShares(young, shares));
        Assert.True(shares[2] > 2 * shares[0], $"{shares[2]} and {shares[0]}");
        groups.Merge(3, 1);
        groups.TryShares(young, shares);
        Assert.Equal(0, shares[2]);
        // Who says that they are somebody else counts for those from then on.
        groups.Describe(2, old);
        groups.Visit(2, 5, Now + 28 * 86_400, 1_000);
        groups.TryShares(young with { Gender = 0, Region = 0, Language = 0 }, shares);
        Assert.Equal(0, shares[4]);
    }

    [Fact]
    public void Groups_and_combinations_are_bounded()
    {
        var groups = new UserGroups();
        for (uint user = 1; user <= 70_000; user++)
        {
            groups.Describe(user, new StaticFeatures(user, user % 3 + 1, 0, 0));
            groups.Visit(user, 1, Now, 1);
        }

        Assert.Equal(UserGroups.MostGroups, groups.Count);
        Assert.True(groups.MemoryBytes < 10 << 20, $"{groups.MemoryBytes}");
        // Two bytes a user: a row of 70,000 with some room to grow.
        var shares = new float[UserSegments.Most];
        Assert.True(groups.TryShares(new StaticFeatures(1_000_000, 2, 0, 0), shares));
    }

    [Fact]
    public void Features_are_read_from_attributes_and_others_are_ignored()
    {
        static byte[] Attributes(params string[] texts) => [.. texts.SelectMany(t => (byte[])[(byte)t.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(t)])];

        var all = StaticFeatures.Of(Attributes("age", "18-23", "gender", "female", "plan", "gold", "region", "x", "language", "zh"));
        Assert.Equal(all, StaticFeatures.Of(Attributes("language", "zh", "country", "x", "ageBand", "18-23", "sex", "female")));
        Assert.NotEqual(all.Age, StaticFeatures.Of(Attributes("age", "24-30")).Age);
        Assert.Equal(new StaticFeatures(0, all.Gender, 0, 0), StaticFeatures.Of(Attributes("gender", "female", "age", "")));
        Assert.True(StaticFeatures.Of(Attributes("plan", "gold")).IsEmpty);
        Assert.True(StaticFeatures.Of(default).IsEmpty);
    }

    private static byte[] Bytes(UserSegments segments)
    {
        var memory = new StateMemory();
        segments.Save(memory);
        return memory.Bytes;
    }

    // A direction that is like none of those there are.
    private static void AddDistant(RandomVectors vectors, List<float[]> centres)
    {
        float[] found;
        do found = vectors.Unit(); while (centres.Exists(c => FeatureVector.Dot(c, found) > 0.2));
        centres.Add(found);
    }
}
