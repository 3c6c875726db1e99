using System.Globalization;
using LiveGrains.Model;
using Xunit.Abstractions;

namespace LiveGrains.Crash.Tests;

/// <summary>
/// SIGKILL under load on a real disk: every acknowledged event is there exactly once. LIVEGRAINS_KILLS sets the number of kills,
/// LIVEGRAINS_FIRST_SEED the first seed; the kills of one seed happen to one data directory.
/// </summary>
public class KillTests(ITestOutputHelper output)
{
    private const int KillsOfSeed = 10;

    [Fact]
    public Task Every_acknowledged_event_is_there_once_after_kills() => RunAsync(shards: 1, FromEnvironment("LIVEGRAINS_KILLS", 3));

    [Fact]
    public Task Every_acknowledged_event_is_there_once_after_kills_with_several_shards() => RunAsync(shards: 3, FromEnvironment("LIVEGRAINS_KILLS", 2));

    private async Task RunAsync(int shards, int kills)
    {
        var seed = (ulong)FromEnvironment("LIVEGRAINS_FIRST_SEED", 1);
        for (; kills > 0; kills -= KillsOfSeed, seed++)
        {
            try
            {
                await RunSeedAsync(seed, shards, Math.Min(kills, KillsOfSeed));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"LIVEGRAINS_FIRST_SEED={seed} with {shards} shards: {e.Message}", e);
            }
        }
    }

    private async Task RunSeedAsync(ulong seed, int shards, int kills)
    {
        using var directory = new TemporaryDirectory();
        var data = directory["data"];
        await using var run = new LoadRun(data, seed, shards);
        var random = new SplitMix64(seed);
        await run.StartAsync();
        for (var kill = 0; kill < kills; kill++)
        {
            await run.WorkAsync();
            await run.KillAsync();
            if (random.Chance(0.3)) await VerifyAsync(data);
            await run.RestartAsync();
        }

        await run.FinishAsync();
        var differences = await run.DifferencesAsync();
        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(30))}");
        await run.KillAsync();
        await VerifyAsync(data);
        output.WriteLine($"seed {seed}, {shards} shards, {kills} kills, of these {run.HalfSnapshots} in a snapshot, and {run.KilledStarts} in a start; "
            + $"{run.Acknowledged} events acknowledged, {run.Lost} requests lost, {run.KeptUnanswered} times an event was kept that had no answer");
    }

    private static async Task VerifyAsync(string data)
    {
        var (exitCode, text, error) = await ToolProcess.RunAsync("verify", data);
        Assert.True(exitCode == 0, text + error);
    }

    private static int FromEnvironment(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
