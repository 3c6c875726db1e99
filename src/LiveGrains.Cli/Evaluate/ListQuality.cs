namespace LiveGrains.Cli.Evaluate;

/// <summary>What the lists of ten are like, beside being right.</summary>
/// <param name="Coverage">Share of all items that are in some list.</param>
/// <param name="Novelty">Mean of log₂(users ÷ users of the item): 0 is what everybody knows.</param>
/// <param name="PopularShare">Share of places that the tenth of the items with most users takes.</param>
internal sealed record ListQuality(double Coverage, double Novelty, double PopularShare)
{
    /// <summary>Measures.</summary>
    /// <param name="shown">How often each item was in a list, by number from 1.</param>
    /// <param name="users">How many users each item has in training.</param>
    /// <param name="allUsers">Users in training.</param>
    public static ListQuality Measure(long[] shown, int[] users, int allUsers)
    {
        double places = Math.Max(1, shown.Sum());
        var popular = Enumerable.Range(1, shown.Length - 1).OrderByDescending(i => users[i]).Take(Math.Max(1, (shown.Length - 1) / 10)).Sum(i => shown[i]);
        var novelty = Enumerable.Range(1, shown.Length - 1).Sum(i => shown[i] * Math.Log2((double)allUsers / Math.Max(1, users[i])));
        return new ListQuality((double)shown.Skip(1).Count(s => s > 0) / (shown.Length - 1), novelty / places, popular / places);
    }
}
