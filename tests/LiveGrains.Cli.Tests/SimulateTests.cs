using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace LiveGrains.Cli.Tests;

public sealed class SimulateTests
{
    private static readonly string[] _small = ["simulate", "--seed", "7", "--rooms", "3", "--users", "50", "--products", "5", "--minutes", "1"];

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        var first = new CommandRun();
        var second = new CommandRun();
        var other = new CommandRun();

        Assert.Equal(0, await first.RunAsync(_small));
        Assert.Equal(0, await second.RunAsync(_small));
        Assert.Equal(0, await other.RunAsync("simulate", "--seed", "8", "--rooms", "3", "--users", "50", "--products", "5", "--minutes", "1"));

        Assert.NotEmpty(first.Output.ToArray());
        Assert.Equal(first.Output.ToArray(), second.Output.ToArray());
        Assert.NotEqual(first.Output.ToArray(), other.Output.ToArray());
    }

    [Fact]
    public async Task Every_line_is_an_event_within_the_time_asked_for()
    {
        var run = new CommandRun();
        await run.RunAsync([.. _small, "--start", "2026-05-01T00:00:00Z"]);

        var from = new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        foreach (var line in Encoding.UTF8.GetString(run.Output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var document = JsonDocument.Parse(line);
            Assert.True(document.RootElement.TryGetProperty("type", out _));
            var time = LiveGrains.Cli.Replay.EventBatchReader.EventTimeMs(Encoding.UTF8.GetBytes(line));
            Assert.InRange(time!.Value, from - 600_000, from + 660_000);
        }
    }

    [Fact]
    public async Task A_gz_file_holds_what_standard_output_would()
    {
        using var files = new TemporaryDirectory();
        var piped = new CommandRun();
        var filed = new CommandRun();

        await piped.RunAsync(_small);
        Assert.Equal(0, await filed.RunAsync([.. _small, "--out", files.File("day.gz")]));

        using var gzip = new GZipStream(File.OpenRead(files.File("day.gz")), CompressionMode.Decompress);
        using var memory = new MemoryStream();
        await gzip.CopyToAsync(memory);
        Assert.Equal(piped.Output.ToArray(), memory.ToArray());
        Assert.Empty(filed.Output.ToArray());
    }
}
