using System.Text.Json.Nodes;
using LiveGrains.Model;
using LiveGrains.Tests;

namespace LiveGrains.Engine.Tests;

/// <summary>Hours of real platforms through the engine, against counts that were made without it.</summary>
public class RealDataTests
{
    private const string Bilibili = "bilibili-2021-12-30.ndjson.gz";
    private const string Taobao = "taobao-2017-11-26.ndjson.gz";

    public static string? Missing(string file) => DataFiles.Find(file) == null ? $"{file} is not beside this checkout" : null;

    [FactIfFile(Bilibili)]
    public async Task Bilibili_rooms_agree_with_the_model_and_with_counts_by_hand()
    {
        var (engine, model) = await Replay(Bilibili);
        await using var _ = engine;
        var overview = await engine.GetOverviewAsync();
        Assert.Equal(57_324, overview.Events);
        Assert.Equal(41_428, overview.Comments.Count);
        Assert.Equal(7, overview.Rooms);
        Assert.Equal(7_389, overview.Users);
        Assert.Equal(12_827_030, overview.Gifts.Amount + overview.Subscribes.Amount);
        var differences = await EngineComparison.Differences(engine, model);
        Assert.True(differences.Count == 0, string.Join('\n', differences.Take(30)));
    }

    [FactIfFile(Taobao)]
    public async Task Taobao_products_agree_with_the_model_and_with_counts_by_hand()
    {
        var (engine, model) = await Replay(Taobao);
        await using var _ = engine;
        var overview = await engine.GetOverviewAsync();
        Assert.Equal((171_554, 58_732, 75_385), (overview.Events, overview.Users, overview.Products));
        Assert.Equal((85_774, 5_292, 2_144), (overview.Funnel.Clicks.Count, overview.Funnel.Carts.Count, overview.Funnel.Pays.Count));
        Assert.Equal(2_959, overview.Likes.Count);
        // All products would take a minute; every 25th is 3,000 of them.
        var json = new System.Text.Json.JsonSerializerOptions(System.Text.Json.JsonSerializerDefaults.Web);
        var checkedProducts = 0;
        foreach (var product in model.ProductIds.Where((_, i) => i % 25 == 0))
        {
            var answer = System.Text.Json.JsonSerializer.SerializeToNode(await engine.GetProductAsync(product), json);
            Assert.Empty(JsonCompare.Differences(model.Product(product), answer));
            checkedProducts++;
        }

        Assert.True(checkedProducts > 3000);
    }

    private static async Task<(LiveGrainsEngine Engine, ModelEngine Model)> Replay(string file)
    {
        var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, DedupeIds = 1 << 20 });
        var model = new ModelEngine();
        var body = new MemoryStream();
        var lines = 0;
        foreach (var line in HandCounts.ReadLines(DataFiles.Find(file)!))
        {
            Assert.True(model.Accepts(line));
            body.Write(line);
            body.WriteByte((byte)'\n');
            if (++lines % 5000 == 0) await Send();
        }

        await Send();
        return (engine, model);

        async Task Send()
        {
            if (body.Length == 0) return;
            var answer = await engine.IngestAsync(body.ToArray(), EventFormat.NdJson);
            Assert.Equal((0, 0), (answer.Duplicates, answer.Rejected));
            body.SetLength(0);
        }
    }

    private sealed class FactIfFileAttribute : FactAttribute
    {
        public FactIfFileAttribute(string file) => Skip = Missing(file);
    }
}
