using System.Text;

namespace LiveGrains.Cli.Tests;

public sealed class EvaluateTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Next_item_finds_what_others_did_next()
    {
        // e follows nobody's item in training, but of what the history has not it is all there is.
        var run = await NextItem("u1 a b c d e\nu2 a b c d e\n\nu3 a b c d\n");

        Assert.Equal(3, run.Json.GetProperty("users").GetInt32());
        Assert.Equal(5, run.Json.GetProperty("items").GetInt32());
        Assert.Equal(14, run.Json.GetProperty("actions").GetInt32());
        Assert.Equal(1, run.Json.GetProperty("hr@10").GetDouble());
        Assert.Equal(1, run.Json.GetProperty("mrr").GetDouble());
    }

    [Fact]
    public async Task Items_that_nobody_followed_come_in_the_order_of_popularity()
    {
        // Nothing follows x; of the others a is in three histories, b in two, c in one, and c is what u4 comes to.
        var run = await NextItem("u1 a z\nu2 a b z\nu3 a b c z\nu4 x c\n");

        // z, which is in no history, is behind all that the history has not: three, two and one items. Before c are a and b.
        Assert.Equal(4, run.Json.GetProperty("users").GetInt32());
        Assert.Equal((1.0 / 4 + 1.0 / 3 + 1.0 / 2 + 1.0 / 3) / 4, run.Json.GetProperty("mrr").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task The_validation_item_leaves_the_test_item_unused()
    {
        var run = await NextItem("u1 a b c\nu2 a b d\nu3 e\n", "--holdout", "2");

        Assert.Equal(2, run.Json.GetProperty("users").GetInt32());
        Assert.Equal(2, run.Json.GetProperty("holdout").GetInt32());
    }

    [Fact]
    public async Task Gzip_is_told_by_content_and_attributes_count()
    {
        var data = _directory.Write("data", TemporaryDirectory.Gzip("u1 1 2\nu2 3 4\n"u8.ToArray()));
        var attributes = _directory.Write("attributes", TemporaryDirectory.Gzip("""{"1": [7, "x"], "9": [1], "3": [7]}"""u8.ToArray()));
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("evaluate", "next-item", "--data", data, "--attributes", attributes, "--format", "json"));

        Assert.Equal(2, run.Json.GetProperty("describedItems").GetInt32());
    }

    [Fact]
    public async Task Top_n_measures_precision_recall_and_gain()
    {
        var train = _directory.Write("train", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 60).Select(u => $"{u}\ta\t5\n{u}\tb\t4\n")) + "x\ta\t5\n"));
        var test = _directory.Write("test", "x b q r s\n"u8.ToArray());
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("evaluate", "top-n", "--train", train, "--test", test, "--format", "json"));

        // Of five items four are new to x, all relevant; b is the only one known and comes first.
        Assert.Equal(1, run.Json.GetProperty("users").GetInt32());
        Assert.Equal(121, run.Json.GetProperty("train").GetInt32());
        Assert.Equal(4, run.Json.GetProperty("test").GetInt32());
        Assert.Equal(0.4, run.Json.GetProperty("precision@10").GetDouble(), 1e-9);
        Assert.Equal(1, run.Json.GetProperty("recall@10").GetDouble(), 1e-9);
        Assert.Equal(1, run.Json.GetProperty("ndcg@10").GetDouble(), 1e-9);
        Assert.Equal(1, run.Json.GetProperty("mrr@10").GetDouble(), 1e-9);
    }

    [Theory]
    [InlineData("1\t10\t5\t881250949\n2\t10\t3\t881250949\n")]
    [InlineData("1::10::5::881250949\n2::10::3::881250949\n")]
    [InlineData("1,10,5\n2,10,3\n")]
    [InlineData("1 10 5\n1 11 5\n")]
    [InlineData("1 10 11\n")]
    public async Task Ratings_and_lists_are_told_apart(string content)
    {
        var train = _directory.Write("train", Encoding.UTF8.GetBytes(content));
        var test = _directory.Write("test", "1 12\n"u8.ToArray());
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("evaluate", "top-n", "--train", train, "--test", test, "--format", "json"));

        Assert.Equal(2, run.Json.GetProperty("train").GetInt32());
    }

    [Theory]
    [InlineData("text")]
    [InlineData("markdown")]
    public async Task Tables_have_our_row_with_its_interval(string format)
    {
        var data = _directory.Write("data", "u1 a b c\nu2 a b c\n"u8.ToArray());
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("evaluate", "next-item", "--data", data, "--format", format));

        Assert.Contains("LiveGrains", run.Out);
        Assert.Contains("HR@10", run.Out);
        Assert.Contains("±", run.Out);
        Assert.DoesNotContain("S3-Rec", run.Out);
    }

    [Theory]
    [InlineData("u1 a b\nu2\n", null, "data:2")]
    [InlineData("u1 a b\n\nu1 c d\n", null, "data:3")]
    [InlineData("u1 a\n", null, "no user")]
    [InlineData("", null, "no user")]
    [InlineData("u1 a b\n", "{\"a\": [1],\n\"b\": 2}", "attributes:2")]
    [InlineData("u1 a b\n", "{\"a\": [1],\n\n nonsense", "attributes:3")]
    [InlineData("u1 a b\n", "[1]", "attributes:1")]
    [InlineData("u1 a b\n", "{\"a\": [[1]]}", "attributes:1")]
    [InlineData("u1 a b\n", "", "attributes:1")]
    public async Task Bad_data_exits_1_with_its_place(string data, string? attributes, string place)
    {
        var run = new CommandRun();
        List<string> arguments = ["evaluate", "next-item", "--data", _directory.Write("data", Encoding.UTF8.GetBytes(data))];
        if (attributes is not null) arguments.AddRange(["--attributes", _directory.Write("attributes", Encoding.UTF8.GetBytes(attributes))]);

        Assert.Equal(1, await run.RunAsync([.. arguments]));

        Assert.Contains(place, run.Error);
        Assert.StartsWith("error: input_not_readable", run.Error);
        Assert.Empty(run.Out);
    }

    [Theory]
    [InlineData("1\t2\t5\n1\t3\tgood\n", ":2")]
    [InlineData("1\t2\t5\n1\n", ":2")]
    [InlineData("1\t2\t5\t6\t7\n", ":1")]
    [InlineData("1\t2\tNaN\n", ":1")]
    [InlineData("", "empty")]
    public async Task Bad_ratings_exit_1_with_their_place(string content, string place)
    {
        var file = _directory.Write("ratings", Encoding.UTF8.GetBytes(content));
        var good = _directory.Write("good", "1\t2\t5\n"u8.ToArray());

        foreach (var (train, test) in ((string, string)[])[(file, good), (good, file)])
        {
            var run = new CommandRun();
            Assert.Equal(1, await run.RunAsync("evaluate", "top-n", "--train", train, "--test", test));
            Assert.Contains(file + (place[0] == ':' ? place : ": " + place), run.Error);
        }
    }

    [Fact]
    public async Task A_file_that_is_not_there_or_cut_off_exits_1()
    {
        var missing = new CommandRun();
        Assert.Equal(1, await missing.RunAsync("evaluate", "next-item", "--data", _directory.File("nothing")));
        Assert.Contains("nothing", missing.Error);

        var cut = new CommandRun();
        var gzip = TemporaryDirectory.Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(u => $"u{u} {u * 7} {u * 13}\n"))));
        Assert.Equal(1, await cut.RunAsync("evaluate", "next-item", "--data", _directory.Write("cut.gz", gzip[..(gzip.Length / 2)])));
        Assert.Contains("cut.gz:", cut.Error);

        var binary = new CommandRun();
        Assert.Equal(1, await binary.RunAsync("evaluate", "next-item", "--data", _directory.Write("binary", [0x61, 0x20, 0x62, 0x0A, 0xFF, 0xFE])));
        Assert.Contains("UTF-8", binary.Error);
    }

    [Theory]
    [InlineData("evaluate", "next-item")]
    [InlineData("evaluate", "top-n", "--train", "f")]
    [InlineData("evaluate", "next-item", "--data", "f", "--format", "yaml")]
    [InlineData("evaluate", "next-item", "--data", "f", "--holdout", "0")]
    [InlineData("evaluate", "nonsense")]
    public async Task Wrong_usage_exits_2(params string[] arguments)
    {
        var run = new CommandRun();

        Assert.Equal(2, await run.RunAsync(arguments));
        Assert.StartsWith("error: ", run.Error);
        Assert.Contains("livegrains evaluate", run.Error);
        Assert.Empty(run.Out);
    }

    private async Task<CommandRun> NextItem(string content, params string[] options)
    {
        var run = new CommandRun();
        string[] arguments = ["evaluate", "next-item", "--data", _directory.Write("data", Encoding.UTF8.GetBytes(content)), "--format", "json", .. options];
        Assert.Equal(0, await run.RunAsync(arguments));
        return run;
    }
}
