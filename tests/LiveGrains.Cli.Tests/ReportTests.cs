using System.Text;
using System.Text.Json;
using LiveGrains.Engine;
using LiveGrains.Server;

namespace LiveGrains.Cli.Tests;

/// <summary>`report` over a real data directory and a real server.</summary>
public sealed class ReportTests
{
    private static readonly long _start = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public async Task A_directory_and_a_server_give_the_same_report()
    {
        using var directory = new TemporaryDirectory();
        var options = new EngineOptions { Clock = ClockMode.Event, DataDirectory = directory.File("data") };
        byte[] html, json;
        JsonElement room;
        await using (var engine = await LiveGrainsEngine.OpenAsync(options))
        {
            await engine.IngestAsync(Broadcast(), EventFormat.NdJson);
            room = JsonSerializer.SerializeToElement(await engine.GetRoomAsync("r1"), JsonText.Compact);
            await using var app = LiveGrainsServer.Build(engine, new ServerOptions { Urls = ["http://127.0.0.1:0"] });
            await app.StartAsync();
            html = await Report("r1", "--url", app.Urls.Single(), "--language", "zh", "--utc-offset", "+08:00", "--moment", "0:30:00", "--output", "-");
            json = await Report("r1", "--url", app.Urls.Single(), "--format", "json", "--output", "-");
            var refused = new CommandRun();
            Assert.Equal(ExitCodes.Failed, await refused.RunAsync("report", "r1", "--url", app.Urls.Single(), "--moment", "2020-01-01T00:00:00Z", "--output", "-"));
            Assert.Contains("moment must lie within the broadcast", refused.Error);
            var unknown = new CommandRun();
            Assert.Equal(ExitCodes.Failed, await unknown.RunAsync("report", "r2", "--url", app.Urls.Single(), "--output", "-"));
            Assert.StartsWith("error: not_found:", unknown.Error);
            await app.StopAsync();
        }

        Assert.Equal(Encoding.UTF8.GetString(html), Encoding.UTF8.GetString(await Report(
            "r1", "--data", directory.File("data"), "--language", "zh", "--utc-offset", "+08:00", "--moment", "0:30:00", "--output", "-")));
        using var fromServer = JsonDocument.Parse(json);
        using var fromDirectory = JsonDocument.Parse(await Report("r1", "--data", directory.File("data"), "--format", "json", "--output", "-"));
        Assert.Equal(Numbers(fromServer.RootElement), Numbers(fromDirectory.RootElement));
        Assert.Equal(room.GetProperty("gmv").GetInt64(), fromServer.RootElement.GetProperty("summary").GetProperty("gmv").GetInt64());
        Assert.True(room.GetProperty("gmv").GetInt64() > 0);
        Assert.Equal("nice", fromServer.RootElement.GetProperty("words").GetProperty("words")[0].GetProperty("word").GetString());
        Assert.Equal(room.GetProperty("comments").GetProperty("count").GetInt64(), fromServer.RootElement.GetProperty("curves").GetProperty("values").GetProperty("comments").EnumerateArray().Sum(v => v.GetInt64()));
    }

    [Fact]
    public async Task The_file_is_written_where_it_is_wanted()
    {
        using var directory = new TemporaryDirectory();
        await using (var engine = await LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, DataDirectory = directory.File("data") }))
            await engine.IngestAsync(Broadcast(), EventFormat.NdJson);
        var run = new CommandRun();
        Assert.Equal(ExitCodes.Done, await run.RunAsync("report", "r1", "--data", directory.File("data"), "--output", directory.File("x.html")));
        Assert.StartsWith("<!doctype html>", await File.ReadAllTextAsync(directory.File("x.html")));
        Assert.Contains("x.html: ", run.Error);
        Assert.Empty(run.Out);
        var nowhere = new CommandRun();
        Assert.Equal(ExitCodes.Failed, await nowhere.RunAsync("report", "r1", "--data", directory.File("data"), "--output", directory.File("no/such/x.html")));
        Assert.StartsWith("error: ", nowhere.Error);
    }

    [Theory]
    [InlineData("--moment", "yesterday")]
    [InlineData("--window", "0")]
    [InlineData("--window", "121")]
    [InlineData("--format", "pdf")]
    [InlineData("--language", "fr")]
    [InlineData("--utc-offset", "8")]
    [InlineData("--url", "ftp://x")]
    [InlineData("--data", "d", "--url", "http://127.0.0.1:1")]
    public async Task Wrong_usage_says_what_is_wrong(params string[] options)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCodes.WrongUsage, await run.RunAsync(["report", "r1", .. options]));
        Assert.Contains(options[0], run.Error);
    }

    [Fact]
    public async Task What_cannot_be_read_is_said_in_one_line()
    {
        using var directory = new TemporaryDirectory();
        var none = new CommandRun();
        Assert.Equal(ExitCodes.Failed, await none.RunAsync("report", "r1", "--data", directory.File("nowhere"), "--output", "-"));
        Assert.StartsWith("error: input_not_readable:", none.Error);
        var closed = new CommandRun();
        Assert.Equal(ExitCodes.Failed, await closed.RunAsync("report", "r1", "--url", "http://127.0.0.1:1", "--output", "-"));
        Assert.StartsWith("error: ", closed.Error);
    }

    private static async Task<byte[]> Report(params string[] arguments)
    {
        var run = new CommandRun();
        Assert.Equal(ExitCodes.Done, await run.RunAsync(["report", .. arguments]));
        return run.Output.ToArray();
    }

    // The two write moments differently.
    private static string Numbers(JsonElement report) => JsonSerializer.Serialize(new
    {
        curves = report.GetProperty("curves").GetProperty("values"),
        funnel = report.GetProperty("funnel"),
        products = report.GetProperty("products"),
        channels = report.GetProperty("channels"),
        words = report.GetProperty("words"),
        gmv = report.GetProperty("summary").GetProperty("gmv"),
        changes = report.GetProperty("effects").EnumerateArray().Select(e => e.GetProperty("changes")),
    });

    // An hour that ended, so that the clock of whoever asks does not matter.
    private static byte[] Broadcast()
    {
        var lines = new StringBuilder();
        var next = 0;
        void Add(int second, string rest) => lines.Append($"{{\"id\":\"{++next}\",\"time\":{_start + second * 1000L},{rest}}}\n");
        Add(0, "\"type\":\"room.start\",\"room\":\"r1\",\"title\":\"夏日新品\"");
        for (var second = 0; second < 3_600; second += 20)
        {
            var user = $"\"room\":\"r1\",\"user\":\"u{second % 400}\"";
            Add(second, $"\"type\":\"enter\",{user},\"channel\":\"feed\"");
            Add(second + 1, $"\"type\":\"comment\",{user},\"text\":\"好看 nice\"");
            Add(second + 2, $"\"type\":\"like\",{user},\"count\":{1 + second % 7}");
            Add(second + 3, $"\"type\":\"click\",{user},\"product\":\"p1\"");
            if (second % 300 == 0) Add(second + 4, $"\"type\":\"pay\",{user},\"product\":\"p1\",\"amount\":9900");
        }

        Add(3_600, "\"type\":\"room.end\",\"room\":\"r1\"");
        return Encoding.UTF8.GetBytes(lines.ToString());
    }
}
