using System.Text.Json.Serialization;

namespace LiveGrains.Cli.Evaluate;

/// <summary>The JSON document of `evaluate next-item --format json`.</summary>
internal sealed record NextItemResult
{
    /// <summary>Users with a target and a history: what the means are over.</summary>
    public required int Users { get; init; }
    /// <summary>Different items of the file; all that are not in a user's history are ranked.</summary>
    public required int Items { get; init; }
    /// <summary>Actions of the file.</summary>
    public required long Actions { get; init; }
    /// <summary>Which item from the end of each user is the target: 1 is the test, 2 the validation.</summary>
    public required int Holdout { get; init; }
    /// <summary>Items with attributes.</summary>
    public required int DescribedItems { get; init; }
    /// <summary>Users whose target is in their history, so that no ranking can find it.</summary>
    public required int Unreachable { get; init; }
    [JsonPropertyName("hr@5")]
    public required double HitRate5 { get; init; }
    [JsonPropertyName("ndcg@5")]
    public required double Ndcg5 { get; init; }
    [JsonPropertyName("hr@10")]
    public required double HitRate10 { get; init; }
    [JsonPropertyName("ndcg@10")]
    public required double Ndcg10 { get; init; }
    /// <summary>Mean of 1 ÷ rank over the whole ranking.</summary>
    public required double Mrr { get; init; }
    /// <summary>95 % intervals.</summary>
    public required IReadOnlyDictionary<string, double[]> Intervals { get; init; }
    [JsonPropertyName("coverage@10")]
    public required double Coverage { get; init; }
    [JsonPropertyName("novelty@10")]
    public required double Novelty { get; init; }
    [JsonPropertyName("popularShare@10")]
    public required double PopularShare { get; init; }
    /// <summary>Seconds for learning everything, once, in order.</summary>
    public required double LearnSeconds { get; init; }
    /// <summary>Seconds for all rankings.</summary>
    public required double RankSeconds { get; init; }
    /// <summary>Bytes of the learned state, histories included.</summary>
    public required long ModelBytes { get; init; }
}
