using System.Globalization;
using System.Text.Json.Nodes;
using LiveGrains.Model;
using Xunit.Abstractions;

namespace LiveGrains.Crash.Tests;

/// <summary>Ends in order, and what is there after them.</summary>
public class ShutdownTests(ITestOutputHelper output)
{
    private static readonly TimeSpan _fast = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_signal_under_load_ends_in_order_and_loses_no_acknowledged_event()
    {
        using var directory = new TemporaryDirectory();
        await using var run = new LoadRun(directory["data"], seed: 11);
        await run.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            await run.WorkAsync(3_000);
            Assert.Equal(0, await run.TerminateAsync());
            // Requests under way are answered before the end, so there is nothing that the clients do not know of.
            await run.RestartAsync(mayKillStart: false, mayKeepUnanswered: false);
        }

        await AssertCompleteAsync(run, directory["data"]);
    }

    [Fact]
    public async Task A_second_signal_ends_at_once_and_corrupts_nothing()
    {
        using var directory = new TemporaryDirectory();
        await using var run = new LoadRun(directory["data"], seed: 12);
        await run.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            await run.WorkAsync(2_000);
            Assert.InRange(await run.TerminateAsync(signals: 2), 0, 1);
            await run.RestartAsync(mayKillStart: false);
        }

        await AssertCompleteAsync(run, directory["data"]);
    }

    [Fact]
    public async Task A_restart_with_200k_events_is_fast_and_answers_as_before()
    {
        using var directory = new TemporaryDirectory();
        var (made, _, error) = await ToolProcess.RunAsync("simulate", "--seed", "5", "--rooms", "200", "--users", "60000", "--minutes", "25", "--activity", "1", "--out", directory["events"]);
        Assert.True(made == 0, error);
        var lines = File.ReadLines(directory["events"]).LongCount();
        Assert.True(lines >= 200_000, lines.ToString(CultureInfo.InvariantCulture));

        Dictionary<string, string> before;
        await using (var server = await RunningServer.StartAsync(directory["data"], "--clock", "event", "--segment-mb", "8"))
        {
            var (sent, _, refusal) = await ToolProcess.RunAsync("replay", directory["events"], "--url", server.Address.ToString(), "--top", "0", "--batch", "10000");
            Assert.True(sent == 0, refusal);
            before = await AnswersAsync(server);
            await server.Process.KillAsync();
        }

        // After a kill all events are folded from the log; after an end in order there is a snapshot.
        // Other than by the time that a process takes to start at all, where others keep the machine busy.
        TimeSpan empty;
        await using (var server = await RunningServer.StartAsync(directory["empty"], "--clock", "event")) empty = server.StartedIn;
        foreach (var from in new[] { "log", "snapshot" })
        {
            await using var server = await RunningServer.StartAsync(directory["data"], "--clock", "event", "--segment-mb", "8");
            output.WriteLine($"{lines} events from the {from}: ready {server.StartedIn.TotalMilliseconds:0} ms after the start of the process");
            Assert.True(server.StartedIn < _fast + 5 * empty, $"{server.StartedIn} from the {from}, {empty} from nothing");
            var after = await AnswersAsync(server);
            Assert.Equal(before.Count, after.Count);
            foreach (var (path, answer) in before) Assert.True(answer == after[path], $"{path} from the {from}:\n{answer}\n{after[path]}");
            Assert.Equal(0, await server.StopAsync());
        }
    }

    private static async Task AssertCompleteAsync(LoadRun run, string data)
    {
        await run.FinishAsync();
        var differences = await run.DifferencesAsync();
        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(30))}");
        Assert.Equal(0, await run.Server.StopAsync());
        var (exitCode, text, error) = await ToolProcess.RunAsync("verify", data);
        Assert.True(exitCode == 0, text + error);
    }

    private static async Task<Dictionary<string, string>> AnswersAsync(RunningServer server)
    {
        var overview = await server.Api.GetJsonAsync("v1/overview");
        overview.Remove("eventsPerSecond");
        var answers = new Dictionary<string, string> { ["v1/overview"] = overview.ToJsonString() };
        foreach (var room in await Rooms.ListAsync(server.Api))
        {
            foreach (var path in new[] { $"v1/rooms/{room}", $"v1/rooms/{room}/products", $"v1/rooms/{room}/series?metric=online&step=60" })
                answers[path] = await server.Api.GetAsync(path);
        }

        foreach (var user in Enumerable.Range(0, 200))
        {
            var profile = JsonNode.Parse((await server.Api.TryGetAsync($"v1/users/u{user}")).Text)!.AsObject();
            // What the models think of the user: they hear of events a moment later, and may miss the last.
            profile.Remove("segment");
            answers[$"v1/users/u{user}"] = profile.ToJsonString();
        }

        return answers;
    }
}
