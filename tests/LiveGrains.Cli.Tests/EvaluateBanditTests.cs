using System.Globalization;
using System.Text;
using System.Text.Json;
using LiveGrains.Model;

namespace LiveGrains.Cli.Tests;

public sealed class EvaluateBanditTests : IDisposable
{
    private const string Header = "timestamp,item_id,position,click,propensity_score,user_feature_0\n";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Weights_and_means_are_those_counted_by_hand()
    {
        // The log shows a and b half and half; a is clicked once in two, b never. The policy shows a three times in four.
        var log = Write("log.csv", Header + "t,a,1,1,0.5,x\nt,a,1,0,0.5,x\nt,b,1,0,0.5,x\nt,b,1,0,0.5,x\n");
        var policy = Write("policy.csv", Header + "t,a,1,1,0.75,x\nt,a,1,0,0.75,x\nt,a,1,0,0.75,x\nt,b,1,0,0.25,x\n");

        var json = await Run(log, policy);

        // Weights 1.5, 1.5, 0.5, 0.5.
        Assert.Equal(1.5 / 4, Value(json, "ips"), 1e-12);
        Assert.Equal(1.5 / 4, Value(json, "snips"), 1e-12);
        Assert.Equal(16 / 5.0, json.GetProperty("effectiveSampleSize").GetDouble(), 1e-12);
        Assert.Equal(1, json.GetProperty("meanWeight").GetDouble(), 1e-12);
        Assert.Equal(0.25, json.GetProperty("truth").GetProperty("value").GetDouble());
        Assert.Equal(0.25, json.GetProperty("logValue").GetProperty("value").GetDouble());
        Assert.Equal(0.5, json.GetProperty("estimates")[0].GetProperty("relativeError").GetDouble(), 1e-12);
    }

    /// <summary>A world whose truth is known: items of different rates at two positions, a uniform log, a policy that prefers good items.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Estimates_come_to_the_truth_of_a_known_world(bool numbers)
    {
        const int Items = 8, Rows = 20_000;
        var random = new Random(5);
        var preference = Enumerable.Range(1, Items).Select(i => i / 36.0).ToArray();
        double Rate(int item, int position) => 0.02 * (item + 1) / position;
        double Reward(double rate) => numbers ? 100 * rate + 5 * random.NextDouble() : random.NextDouble() < rate ? 1 : 0;
        string Log(bool uniform)
        {
            var text = new StringBuilder(numbers ? Header.Replace("click", "reward", StringComparison.Ordinal) : Header);
            for (var row = 0; row < Rows; row++)
            {
                var (item, draw) = (0, random.NextDouble());
                while (!uniform && item < Items - 1 && (draw -= preference[item]) > 0) item++;
                if (uniform) item = random.Next(Items);
                var position = 1 + random.Next(2);
                text.Append(CultureInfo.InvariantCulture, $"t,i{item},{position},{Reward(Rate(item, position))},{(uniform ? 1.0 / Items : preference[item])},f{row % 3}\n");
            }
            return text.ToString();
        }
        var truth = Enumerable.Range(0, Items).Sum(i => preference[i] * (Rate(i, 1) + Rate(i, 2)) / 2);
        if (numbers) truth = 100 * truth + 2.5;

        var json = await Run(Write("log.csv", Log(uniform: true)), Write("policy.csv", Log(uniform: false)));

        foreach (var name in new[] { "ips", "snips", "dm", "dr", "switchDr" })
            Assert.True(Math.Abs(Value(json, name) - truth) < 0.06 * truth, $"{name}: {Value(json, name)}, not {truth}");
        // What the weights leave of chance the model takes away.
        double Width(string name) => Estimate(json, name).GetProperty("high").GetDouble() - Estimate(json, name).GetProperty("low").GetDouble();
        Assert.True(Width("dr") <= Width("ips"));
        Assert.Equal(0, json.GetProperty("unsupported").GetDouble());
    }

    [Fact]
    public async Task What_the_log_never_shows_is_said()
    {
        var log = Write("log.csv", Header + "t,a,1,1,1,x\nt,a,1,0,1,x\n");
        var policy = Write("policy.csv", Header + "t,a,1,1,0.5,x\nt,b,1,0,0.5,x\n");
        Assert.Equal(0.5, (await Run(log, policy)).GetProperty("unsupported").GetDouble(), 1e-12);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Header)]
    [InlineData(Header + "t,a,1,0,0.5,x\n")]
    [InlineData("item_id,position,click\na,1,0\na,1,0\n")]
    [InlineData("position,click,propensity_score\n1,0,1\n1,0,1\n")]
    [InlineData(Header + "t,a,1,0,0.5,x\nt,a,1,0,0.5\n")]
    [InlineData(Header + "t,a,1,0,0,x\nt,a,1,0,0.5,x\n")]
    [InlineData(Header + "t,a,1,0,1.5,x\nt,a,1,0,0.5,x\n")]
    [InlineData(Header + "t,a,1,0,NaN,x\nt,a,1,0,0.5,x\n")]
    [InlineData(Header + "t,a,0,0,0.5,x\nt,a,1,0,0.5,x\n")]
    [InlineData(Header + "t,a,one,0,0.5,x\nt,a,1,0,0.5,x\n")]
    [InlineData(Header + "t,a,1,2,0.5,x\nt,a,1,0,0.5,x\n")]
    [InlineData(Header + "t,,1,0,0.5,x\nt,a,1,0,0.5,x\n")]
    [InlineData(Header + "t,\"a\",1,0,0.5,x\nt,a,1,0,0.5,x\n")]
    [InlineData(Header + "t,a,7,0,0.5,x\nt,a,1,0,0.5,x\n")]
    public async Task What_is_no_log_is_refused_with_its_place(string text)
    {
        var good = Write("good.csv", Header + "t,a,1,1,0.5,x\nt,a,1,0,0.5,x\n");
        var run = new CommandRun();
        Assert.Equal(1, await run.RunAsync("evaluate", "bandit", "--log", Write("bad.csv", text), "--evaluate", good));
        Assert.StartsWith("error: input_not_readable", run.Error, StringComparison.Ordinal);
        Assert.Contains(".csv", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_without_a_log_is_refused()
    {
        var run = new CommandRun();
        Assert.Equal(1, await run.RunAsync("evaluate", "bandit", "--log", _directory.File(""), "--evaluate", _directory.File("")));
        Assert.Contains("log.csv", run.Error, StringComparison.Ordinal);
    }

    [FactIfData("bandit/random-men/log.csv.gz", "bandit/bts-men/log.csv.gz")]
    public async Task Of_the_open_bandit_data_both_policies_are_evaluated()
    {
        var random = Path.GetDirectoryName(DataFiles.Find("bandit/random-men/log.csv.gz"))!;
        var sampling = Path.GetDirectoryName(DataFiles.Find("bandit/bts-men/log.csv.gz"))!;

        var json = await Run(random, sampling);
        Assert.Equal((10_000, 34), (json.GetProperty("rows").GetInt32(), json.GetProperty("items").GetInt32()));
        Assert.Equal(0.0069, json.GetProperty("truth").GetProperty("value").GetDouble(), 1e-12);
        // 46 clicks: intervals are wide, and the truth, of 69 clicks, lies in that of each unbiased estimator.
        foreach (var name in new[] { "ips", "snips", "dr" }) Assert.True(Estimate(json, name).GetProperty("coversTruth").GetBoolean(), name);

        var back = await Run(sampling, random);
        Assert.Equal(0.0046, back.GetProperty("truth").GetProperty("value").GetDouble(), 1e-12);
        Assert.True(back.GetProperty("effectiveSampleSize").GetDouble() < json.GetProperty("effectiveSampleSize").GetDouble());
    }

    private string Write(string name, string text) => _directory.Write(name, Encoding.UTF8.GetBytes(text));

    private static async Task<JsonElement> Run(string log, string evaluate)
    {
        var run = new CommandRun();
        Assert.True(await run.RunAsync("evaluate", "bandit", "--log", log, "--evaluate", evaluate, "--format", "json") == 0, run.Error);
        return run.Json;
    }

    private static JsonElement Estimate(JsonElement json, string name) => json.GetProperty("estimates").EnumerateArray().Single(e => e.GetProperty("name").GetString() == name);

    private static double Value(JsonElement json, string name) => Estimate(json, name).GetProperty("value").GetDouble();
}
