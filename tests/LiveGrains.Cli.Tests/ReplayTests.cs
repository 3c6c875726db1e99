using System.Text;

namespace LiveGrains.Cli.Tests;

public sealed class ReplayTests : IDisposable
{
    private readonly TemporaryDirectory _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Plain_and_gzip_files_are_replayed_in_order()
    {
        var first = _files.Write("a.ndjson", Samples.Bytes(0, 1_500));
        var second = _files.Write("b.gz", TemporaryDirectory.Gzip(Samples.Bytes(1_500, 1_500)));
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("replay", first, second, "--format", "json", "--batch", "64"));

        Assert.Equal(Samples.Lines(0, 3_000), string.Concat(run.Engine.Accepted.Select(l => l + "\n")));
        Assert.Equal(3_000, run.Json.GetProperty("accepted").GetInt64());
        Assert.True(run.Engine.Disposed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Standard_input_is_told_plain_from_gzip_by_its_content(bool compressed)
    {
        var lines = Samples.Bytes(0, 100);
        var run = new CommandRun { Input = compressed ? TemporaryDirectory.Gzip(lines) : lines };

        Assert.Equal(0, await run.RunAsync("replay", "-", "--format", "json"));
        Assert.Equal(100, run.Json.GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task Bad_lines_are_counted_and_named_by_file_and_line()
    {
        var file = _files.Write("bad.ndjson", Encoding.UTF8.GetBytes($"\n{Samples.Line(1)}\r\n  \nnonsense\n{Samples.Line(1)}{Samples.Line(2).TrimEnd()}"));
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("replay", file, "--format", "json"));

        Assert.Equal(2, run.Json.GetProperty("accepted").GetInt64());
        Assert.Equal(1, run.Json.GetProperty("duplicates").GetInt64());
        Assert.Equal(1, run.Json.GetProperty("rejected").GetInt64());
        var error = run.Json.GetProperty("errors")[0];
        Assert.Equal(file, error.GetProperty("input").GetString());
        Assert.Equal(5, error.GetProperty("line").GetInt64());
        Assert.Equal("invalid_json", error.GetProperty("code").GetString());
        Assert.Equal(1, run.Json.GetProperty("rejectedByCode").GetProperty("invalid_json").GetInt64());
    }

    [Fact]
    public async Task A_line_beyond_any_limit_is_refused_and_the_next_ones_are_kept()
    {
        var text = Samples.Line(1) + "{\"x\":\"" + new string('x', 3 << 20) + "\"}\n" + Samples.Line(2);
        var run = new CommandRun { Input = Encoding.UTF8.GetBytes(text) };

        Assert.Equal(0, await run.RunAsync("replay", "-", "--format", "json"));
        Assert.Equal(2, run.Json.GetProperty("accepted").GetInt64());
        Assert.Equal("event_too_large", run.Json.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Equal(2, run.Json.GetProperty("errors")[0].GetProperty("line").GetInt64());
    }

    [Fact]
    public async Task When_no_event_is_good_the_exit_code_is_1()
    {
        var run = new CommandRun { Input = "nothing\nat all\n"u8.ToArray() };

        Assert.Equal(1, await run.RunAsync("replay", "-"));
    }

    [Fact]
    public async Task An_empty_input_is_done()
    {
        var run = new CommandRun();

        Assert.Equal(0, await run.RunAsync("replay", "-", "--format", "json"));
        Assert.Equal(0, run.Json.GetProperty("events").GetInt64());
    }

    [Fact]
    public async Task A_busy_engine_is_asked_again_and_nothing_is_lost()
    {
        var run = new CommandRun { Input = Samples.Bytes(0, 500), Engine = new FakeLiveGrains { Refusals = 5 } };

        Assert.Equal(0, await run.RunAsync("replay", "-", "--batch", "100", "--format", "json"));
        Assert.Equal(500, run.Json.GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task A_batch_that_is_too_large_for_the_engine_is_halved()
    {
        var run = new CommandRun { Input = Samples.Bytes(0, 500), Engine = new FakeLiveGrains { MaxEvents = 30 } };

        Assert.Equal(0, await run.RunAsync("replay", "-", "--batch", "200", "--format", "json"));
        Assert.Equal(500, run.Json.GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task A_missing_file_is_said_before_anything_is_replayed()
    {
        var run = new CommandRun();

        Assert.Equal(1, await run.RunAsync("replay", _files.Write("a", Samples.Bytes(0, 1)), _files.File("none")));
        Assert.Contains("input_not_readable", run.Error);
        Assert.Empty(run.Engine.Accepted);
    }

    [Fact]
    public async Task A_gzip_file_that_is_cut_off_or_damaged_fails()
    {
        var whole = TemporaryDirectory.Gzip(Samples.Bytes(0, 20_000));
        var damaged = whole.ToArray();
        for (var i = 1_000; i < 1_100; i++) damaged[i] ^= 0x5a;

        foreach (var bytes in (byte[][])[whole[..(whole.Length / 2)], damaged])
        {
            var run = new CommandRun();
            Assert.Equal(1, await run.RunAsync("replay", _files.Write("cut.gz", bytes)));
            Assert.Contains("input_not_readable", run.Error);
        }
    }

    [Fact]
    public async Task A_gzip_file_of_several_members_is_read_to_its_end()
    {
        byte[] members = [.. TemporaryDirectory.Gzip(Samples.Bytes(0, 10)), .. TemporaryDirectory.Gzip(Samples.Bytes(10, 10)), .. TemporaryDirectory.Gzip([])];
        var run = new CommandRun { Input = members };

        Assert.Equal(0, await run.RunAsync("replay", "-", "--format", "json"));
        Assert.Equal(20, run.Json.GetProperty("accepted").GetInt64());
    }

    [Fact]
    public async Task The_result_has_rooms_and_products_with_full_metrics()
    {
        var run = new CommandRun { Input = Samples.Bytes(0, 10) };

        await run.RunAsync("replay", "-", "--format", "json", "--top", "1");

        Assert.Equal("room-1", Assert.Single(run.Json.GetProperty("rooms").EnumerateArray()).GetProperty("room").GetString());
        Assert.Equal("product-2", Assert.Single(run.Json.GetProperty("products").EnumerateArray()).GetProperty("product").GetString());
    }

    [Fact]
    public async Task The_text_has_totals_and_tables_and_no_colours()
    {
        var run = new CommandRun { Input = Samples.Bytes(0, 10) };

        Assert.Equal(0, await run.RunAsync("replay", "-"));
        Assert.Contains("accepted", run.Out);
        Assert.Contains("room-1", run.Out);
        Assert.Contains("product-2", run.Out);
        Assert.DoesNotContain('\u001b', run.Out);
    }

    [Fact]
    public async Task Paced_by_event_time_a_replay_takes_its_time()
    {
        // 100 events, 10 ms apart: 0.99 s of event time; ten times as fast.
        var run = new CommandRun { Input = Samples.Bytes(0, 100) };

        Assert.Equal(0, await run.RunAsync("replay", "-", "--speed", "10", "--format", "json"));
        Assert.Equal(100, run.Json.GetProperty("accepted").GetInt64());
        // Slices are 1 s of event time, aligned: everything is due at once; at --speed 1 slices are 100 ms.
        var slow = new CommandRun { Input = Samples.Bytes(0, 40) };
        Assert.Equal(0, await slow.RunAsync("replay", "-", "--speed", "1", "--format", "json"));
        Assert.InRange(slow.Json.GetProperty("seconds").GetDouble(), 0.29, 30);
    }
}
