using System.Net;
using Xunit.Abstractions;

namespace LiveGrains.Crash.Tests;

/// <summary>A file system that is really full.</summary>
public class FullDiskTests(ITestOutputHelper output)
{
    private const int BatchEvents = 100;
    private const int RefusalsInARow = 20;
    private static readonly string[] _options = ["--segment-mb", "1", "--snapshot-mb", "0", "--clock", "event"];
    private static readonly string[] _withSnapshots = ["--segment-mb", "1", "--snapshot-mb", "1", "--clock", "event"];

    [FactIfMountable]
    public async Task A_full_disk_refuses_events_answers_questions_and_heals_without_a_restart()
    {
        using var disk = new SmallDisk(8);
        disk.Write("ballast", 3);
        long accepted = 0;
        await using (var server = await RunningServer.StartAsync(disk["data"], _options))
        {
            var batch = 0;
            accepted += await FillAsync(server, () => Lines.Likes($"a{batch++}", BatchEvents, 400));
            Assert.True(accepted > 1_000, $"full after {accepted}");
            Assert.Equal("full", (await server.Api.GetJsonAsync("healthz/ready"))["state"]!.GetValue<string>());
            Assert.Equal(accepted, await EventsAsync(server));
            Assert.Equal(accepted, (await server.Api.GetJsonAsync("v1/rooms/r"))["likes"]!["count"]!.GetValue<long>());
            await Wait.UntilAsync(() => server.Process.Error.Contains(" Failure: ", StringComparison.Ordinal), "the operator is told");
            for (var i = 0; i < 20; i++) Assert.Equal("storage_full", (await server.Api.PostAsync(Lines.Likes($"no-{i}", BatchEvents, 400))).Code);

            File.Delete(disk["ballast"]);
            // What was refused is taken now, in the same process, and was not there before.
            var healed = await server.Api.PostAsync(Lines.Likes($"a{batch - 1}", BatchEvents, 400));
            Assert.Equal((HttpStatusCode.Accepted, BatchEvents), (healed.Status, healed.Json["accepted"]?.GetValue<int>() ?? 0));
            accepted += BatchEvents;
            Assert.Equal("ready", (await server.Api.GetJsonAsync("healthz/ready"))["state"]!.GetValue<string>());
            accepted += await FillAsync(server, () => Lines.Likes($"b{batch++}", BatchEvents, 400));
            Assert.Equal(accepted, await EventsAsync(server));
            await server.Process.KillAsync();
        }

        output.WriteLine($"{accepted} events on the full disk");
        await AssertKeptAsync(disk["data"], _options, accepted);
    }

    [FactIfMountable]
    public async Task Snapshots_that_find_no_room_cost_nothing_that_was_acknowledged()
    {
        using var disk = new SmallDisk(10);
        disk.Write("ballast", 4);
        long accepted = 0;
        var batch = 0;
        await using (var server = await RunningServer.StartAsync(disk["data"], _withSnapshots))
        {
            foreach (var isLast in new[] { false, true })
            {
                // Snapshots come and go beside the events and make room by what they retire: full is when it stays full.
                for (var refusals = 0; refusals < RefusalsInARow;)
                {
                    var answer = await server.Api.PostAsync(Lines.Likes($"s{batch}", BatchEvents, 400, newUsers: true));
                    Assert.True(batch < 5_000, "The disk did not become full.");
                    if (answer.Status == HttpStatusCode.Accepted)
                    {
                        Assert.Equal(BatchEvents, answer.Json["accepted"]!.GetValue<int>());
                        accepted += BatchEvents;
                        batch++;
                        refusals = 0;
                        continue;
                    }

                    Assert.Equal("storage_full", answer.Code);
                    refusals++;
                }

                Assert.Equal(accepted, await EventsAsync(server));
                if (!isLast) File.Delete(disk["ballast"]);
                else await server.Process.KillAsync();
            }
        }

        output.WriteLine($"{accepted} events on a full disk with snapshots");
        await AssertKeptAsync(disk["data"], _withSnapshots, accepted);
    }

    [FactIfMountable]
    public async Task A_new_directory_on_a_full_disk_is_refused()
    {
        using var disk = new SmallDisk(2);
        disk.Write("ballast", 1);
        var (exitCode, _, error) = await ToolProcess.RunAsync(RunningServer.Arguments(disk["data"], "--segment-mb", "4"));
        Assert.True(exitCode == 1 && error.StartsWith("error: storage_full: ", StringComparison.Ordinal), error);
    }

    private static async Task AssertKeptAsync(string data, string[] options, long accepted)
    {
        // A start on the full disk has nothing to write but serves what is there; so does the one after an end in order.
        for (var i = 0; i < 2; i++)
        {
            await using var server = await RunningServer.StartAsync(data, options);
            Assert.Equal(accepted, await EventsAsync(server));
            Assert.Equal(accepted, (await server.Api.GetJsonAsync("v1/rooms/r"))["likes"]!["count"]!.GetValue<long>());
            Assert.Equal(0, await server.StopAsync());
        }

        var (exitCode, text, error) = await ToolProcess.RunAsync("verify", data);
        Assert.True(exitCode == 0, text + error);
    }

    /// <summary>Sends until the disk is full; returns how many events were accepted.</summary>
    private static async Task<long> FillAsync(RunningServer server, Func<List<byte[]>> next)
    {
        long accepted = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var answer = await server.Api.PostAsync(next());
            if (answer.Status == HttpStatusCode.Accepted)
            {
                Assert.Equal(BatchEvents, answer.Json["accepted"]!.GetValue<int>());
                accepted += BatchEvents;
                continue;
            }

            Assert.Equal((HttpStatusCode.ServiceUnavailable, "storage_full"), (answer.Status, answer.Code));
            Assert.NotNull(answer.RetryAfterSeconds);
            return accepted;
        }

        throw new InvalidOperationException("The disk did not become full.");
    }

    private static async Task<long> EventsAsync(RunningServer server) => (await server.Api.GetJsonAsync("v1/overview"))["events"]!.GetValue<long>();
}
