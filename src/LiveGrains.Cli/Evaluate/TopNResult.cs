using System.Text.Json.Serialization;

namespace LiveGrains.Cli.Evaluate;

/// <summary>The JSON document of `evaluate top-n --format json`.</summary>
internal sealed record TopNResult
{
    /// <summary>Users of the test file: what the means are over.</summary>
    public required int Users { get; init; }
    /// <summary>Different items of both files; all that a user did not rate in train are ranked.</summary>
    public required int Items { get; init; }
    /// <summary>Ratings of the train file.</summary>
    public required int Train { get; init; }
    /// <summary>Ratings of the test file.</summary>
    public required int Test { get; init; }
    [JsonPropertyName("precision@10")]
    public required double Precision { get; init; }
    [JsonPropertyName("recall@10")]
    public required double Recall { get; init; }
    /// <summary>Binary gain; the ideal list has all of the user's test items, also beyond ten.</summary>
    [JsonPropertyName("ndcg@10")]
    public required double Ndcg { get; init; }
    /// <summary>The same with an ideal list of ten.</summary>
    [JsonPropertyName("ndcg@10OfTen")]
    public required double NdcgOfTen { get; init; }
    [JsonPropertyName("f1@10")]
    public required double F1 { get; init; }
    [JsonPropertyName("hr@10")]
    public required double HitRate { get; init; }
    [JsonPropertyName("map@10")]
    public required double MeanAveragePrecision { get; init; }
    [JsonPropertyName("mrr@10")]
    public required double Mrr { get; init; }
    /// <summary>95 % intervals.</summary>
    public required IReadOnlyDictionary<string, double[]> Intervals { get; init; }
    [JsonPropertyName("coverage@10")]
    public required double Coverage { get; init; }
    [JsonPropertyName("novelty@10")]
    public required double Novelty { get; init; }
    [JsonPropertyName("popularShare@10")]
    public required double PopularShare { get; init; }
    /// <summary>Seconds for counting everything, once, in order.</summary>
    public required double LearnSeconds { get; init; }
    /// <summary>Seconds for solving all items' regressions from the counts.</summary>
    public required double SolveSeconds { get; init; }
    /// <summary>Seconds for all rankings.</summary>
    public required double RankSeconds { get; init; }
    /// <summary>Bytes of the learned state, histories included.</summary>
    public required long ModelBytes { get; init; }
}
