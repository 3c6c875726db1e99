using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LiveGrains.Crash.Tests;

/// <summary>What the tool does not start with, and what it says then: one line with a code, and exit code 1 or 2.</summary>
public partial class RefusalTests
{
    [Fact]
    public async Task A_directory_that_cannot_be_written_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(directory["file"], "");
        foreach (var data in new[] { directory["file/sub"], directory["file"], "/proc/livegrains" })
            await AssertRefusedAsync(1, "directory_not_writable", RunningServer.Arguments(data));
    }

    [Fact]
    public async Task A_second_server_on_a_directory_is_refused_and_the_first_goes_on()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await RunningServer.StartAsync(directory["data"]);
        await AssertRefusedAsync(1, "directory_in_use", RunningServer.Arguments(directory["data"]));
        await AssertRefusedAsync(1, "directory_in_use", ["verify", directory["data"]]);
        await AssertTakesAsync(server, "a");
        Assert.Equal(0, await server.StopAsync());

        await using var next = await RunningServer.StartAsync(directory["data"]);
        await AssertTakesAsync(next, "b");
    }

    [Fact]
    public async Task An_address_in_use_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await RunningServer.StartAsync(directory["data"]);
        await AssertRefusedAsync(1, "address_in_use", ["serve", "--data", directory["other"], "--urls", server.Address.ToString().TrimEnd('/')]);
        await AssertTakesAsync(server, "a");
    }

    [Fact]
    public async Task Settings_of_the_directory_cannot_change()
    {
        using var directory = new TemporaryDirectory();
        await using (var server = await RunningServer.StartAsync(directory["data"], "--clock", "event", "--shards", "2"))
        {
            await AssertTakesAsync(server, "a");
            Assert.Equal(0, await server.StopAsync());
        }

        await AssertRefusedAsync(2, "settings_conflict", RunningServer.Arguments(directory["data"], "--clock", "event", "--shards", "3"));
        await AssertRefusedAsync(2, "settings_conflict", RunningServer.Arguments(directory["data"], "--clock", "event"));
        await AssertRefusedAsync(2, "settings_conflict", RunningServer.Arguments(directory["data"], "--clock", "wall", "--shards", "2"));
        await AssertRefusedAsync(2, "settings_conflict", RunningServer.Arguments(directory["data"], "--clock", "event", "--shards", "2", "--currency", "EUR"));
        await using var again = await RunningServer.StartAsync(directory["data"], "--clock", "event", "--shards", "2");
        Assert.Equal(1, (await again.Api.GetJsonAsync("v1/overview"))["events"]!.GetValue<long>());
    }

    [Fact]
    public async Task Damage_in_the_middle_of_the_log_is_refused_with_its_place_and_verify_finds_the_same()
    {
        using var directory = new TemporaryDirectory();
        await using (var server = await RunningServer.StartAsync(directory["data"], "--segment-mb", "1"))
        {
            for (var i = 0; i < 20; i++) await AssertTakesAsync(server, $"e{i}");
            await server.Process.KillAsync();
        }

        var segment = Directory.EnumerateFiles(Path.Combine(directory["data"], "shard-00"), "log-*").Single();
        var bytes = await File.ReadAllBytesAsync(segment);
        var middle = bytes.AsSpan().IndexOf("e9"u8);
        Assert.True(middle > 0);
        bytes[middle] ^= 0x20;
        await File.WriteAllBytesAsync(segment, bytes);

        var error = await AssertRefusedAsync(1, "log_damaged", RunningServer.Arguments(directory["data"], "--segment-mb", "1"));
        var position = long.Parse(Position().Match(error).Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.InRange(position, middle - 512, middle);

        var (exitCode, text, _) = await ToolProcess.RunAsync("verify", directory["data"], "--format", "json");
        Assert.Equal(1, exitCode);
        var finding = JsonNode.Parse(text)!["findings"]!.AsArray().Single()!;
        Assert.Equal("damage", finding["severity"]!.GetValue<string>());
        Assert.Equal($"shard-00/{Path.GetFileName(segment)}", finding["file"]!.GetValue<string>());
        Assert.Equal(position, finding["offset"]!.GetValue<long>());

        // It only read: with the byte as it was, all is there.
        bytes[middle] ^= 0x20;
        Assert.Equal(bytes.Length, new FileInfo(segment).Length);
        await File.WriteAllBytesAsync(segment, bytes);
        await using var healed = await RunningServer.StartAsync(directory["data"], "--segment-mb", "1");
        Assert.Equal(20, (await healed.Api.GetJsonAsync("v1/overview"))["events"]!.GetValue<long>());
    }

    private static async Task AssertTakesAsync(RunningServer server, string id)
    {
        var answer = await server.Api.PostAsync(Lines.Likes(id, 1));
        Assert.True(answer.Json["accepted"]?.GetValue<int>() == 1, answer.Text);
    }

    private static async Task<string> AssertRefusedAsync(int exitCode, string code, IEnumerable<string> arguments)
    {
        var (actual, _, error) = await ToolProcess.RunAsync(arguments);
        Assert.True(actual == exitCode && error.StartsWith($"error: {code}: ", StringComparison.Ordinal), $"exit code {actual}: {error}");
        Assert.Single(error.TrimEnd().Split('\n'));
        return error;
    }

    [GeneratedRegex(@"at position (\d+) is damaged")]
    private static partial Regex Position();
}
