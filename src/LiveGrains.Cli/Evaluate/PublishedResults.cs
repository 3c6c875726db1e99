namespace LiveGrains.Cli.Evaluate;

/// <summary>What others reached on the same file by the same protocol.</summary>
/// <param name="Name">The data set.</param>
/// <param name="Source">Where the numbers are from.</param>
/// <param name="Rows">A method and its numbers, in the order of the table's leading columns.</param>
internal sealed record PublishedResults(string Name, string Source, IReadOnlyList<(string Method, double[] Values)> Rows)
{
    private static readonly PublishedResults _beauty = new("Amazon Beauty", "Zhou et al., CIKM 2020; TIGER: Rajput et al., NeurIPS 2023",
    [
        ("PopRec", [.0152, .0068]), ("GRU4Rec", [.0283, .0137]), ("Caser", [.0347, .0176]), ("BERT4Rec", [.0347, .0170]),
        ("HGN", [.0512, .0266]), ("SASRec", [.0605, .0318]), ("S3-Rec", [.0647, .0327]), ("TIGER", [.0648, .0384]),
    ]);

    private static readonly PublishedResults _lastFm = new("LastFM", "Zhou et al., CIKM 2020",
    [
        ("GRU4Rec", [.0367, .0187]), ("Caser", [.0413, .0214]), ("PopRec", [.0440, .0203]), ("HGN", [.0505, .0233]),
        ("BERT4Rec", [.0633, .0337]), ("SASRec", [.0688, .0390]), ("S3-Rec", [.0743, .0427]),
    ]);

    private static readonly PublishedResults _movieLens = new("MovieLens 100K, MCRec split", "Ferrari Dacrema et al., TOIS 2021, table 46",
    [
        ("TopPop", [.1907, .1180, .1361]), ("MCRec", [.3110, .2113, .2466]), ("ItemKNN-cos", [.3293, .2152, .2571]),
        ("iALS", [.3596, .2283, .2759]), ("EASE", [.3739, .2430, .2905]), ("SLIM-EN", [.3770, .2441, .2957]),
    ]);

    /// <summary>The data set of these numbers of users, items and actions, or null. Published numbers are for the test items only.</summary>
    public static PublishedResults? Find(NextItemResult result) => (result.Holdout, result.Users, result.Items, result.Actions) switch
    {
        (1, 22_363, 12_101, 198_502) => _beauty,
        (1, 1_090, 3_646, 52_551) => _lastFm,
        _ => null,
    };

    /// <summary>The same for a split of ratings.</summary>
    public static PublishedResults? Find(TopNResult result) => (result.Users, result.Items, result.Train, result.Test) switch
    {
        (942, 1_682, 80_000, 20_000) => _movieLens,
        _ => null,
    };
}
