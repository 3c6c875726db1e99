using LiveGrains.Model;

namespace LiveGrains.Cli.Tests;

/// <summary>The recommendations on public data, by the protocols that their published results were made by.</summary>
public sealed class EvaluationQualityTests
{
    private const string Beauty = "recommend/s3rec/Beauty.txt.gz";
    private const string BeautyAttributes = "recommend/s3rec/Beauty_item2attributes.json.gz";
    private const string LastFm = "recommend/s3rec/LastFM.txt.gz";
    private const string LastFmAttributes = "recommend/s3rec/LastFM_item2attributes.json.gz";
    private const string Train = "recommend/ml100k-mcrec/train.rating";
    private const string Test = "recommend/ml100k-mcrec/test.rating";

    [FactIfData(Beauty, BeautyAttributes)]
    public Task Beauty_is_well_above_S3_Rec() => NextItem(Beauty, BeautyAttributes, 22_363, 0.092, 0.056);

    [FactIfData(LastFm, LastFmAttributes)]
    public Task LastFM_is_well_above_S3_Rec() => NextItem(LastFm, LastFmAttributes, 1_090, 0.095, 0.052);

    [FactIfData(Train, Test)]
    public async Task MovieLens_is_well_above_item_neighbours()
    {
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("evaluate", "top-n", "--train", DataFiles.Find(Train)!, "--test", DataFiles.Find(Test)!, "--format", "json"));

        Assert.Equal(942, run.Json.GetProperty("users").GetInt32());
        Assert.InRange(run.Json.GetProperty("precision@10").GetDouble(), 0.350, 1);
        Assert.InRange(run.Json.GetProperty("ndcg@10").GetDouble(), 0.270, 1);
    }

    private static async Task NextItem(string data, string attributes, int users, double hitRate, double ndcg)
    {
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("evaluate", "next-item", "--data", DataFiles.Find(data)!, "--attributes", DataFiles.Find(attributes)!, "--format", "json"));

        Assert.Equal(users, run.Json.GetProperty("users").GetInt32());
        Assert.InRange(run.Json.GetProperty("hr@10").GetDouble(), hitRate, 1);
        Assert.InRange(run.Json.GetProperty("ndcg@10").GetDouble(), ndcg, 1);
    }
}
