using System.Diagnostics;
using System.Globalization;
using System.Net;
using LiveGrains.Crash.Tests;
using LiveGrains.Model;
using LiveGrains.Postgres.Tests;
using Xunit.Abstractions;

namespace LiveGrains.Cluster.Tests;

/// <summary>
/// Three silos as processes and one PostgreSQL, under load. LIVEGRAINS_SILO_KILLS sets the number of kills, LIVEGRAINS_SILO_STOPS of
/// stand-stills, LIVEGRAINS_SILO_ROLLS of rolling restarts, LIVEGRAINS_FIRST_SEED the seed.
/// </summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private const int Silos = 3;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly ulong _seed = (ulong)FromEnvironment("LIVEGRAINS_FIRST_SEED", 1);

    [FactIfPostgres]
    public async Task A_silo_that_is_killed_loses_nothing_and_its_shards_answer_elsewhere()
    {
        var random = new SplitMix64(_seed);
        await using var cluster = await StartAsync();
        var kills = FromEnvironment("LIVEGRAINS_SILO_KILLS", 2);
        var times = new List<double>();
        for (var kill = 0; kill < kills; kill++)
        {
            await cluster.WorkAsync();
            var victim = (int)random.Between(0, Silos - 1);
            await cluster.KillAsync(victim);
            times.Add((await cluster.AllShardsAnswerAsync((victim + 1) % Silos)).TotalSeconds);
            await cluster.WorkAsync();
            await cluster.StartAsync(victim);
            await cluster.EvenAsync();
        }

        await cluster.FinishAsync();
        output.WriteLine($"{kills} kills; all shards answered after {string.Join(", ", times.Select(t => t.ToString("0.0", CultureInfo.InvariantCulture)))} s; "
            + $"{cluster.Acknowledged} events acknowledged, {cluster.Retries} requests sent again");
    }

    [FactIfPostgres]
    public async Task A_silo_that_stood_still_for_a_minute_cannot_write_when_it_wakes_up()
    {
        var random = new SplitMix64(_seed + 1);
        // Many clients whose ids are remembered for longer than they wait before they send again (some 15 s at 17,000 events a second, 6 s are waited),
        // and forgotten before it wakes up: what it still holds then must not get to those who write now.
        await using var cluster = await StartAsync(numbered: 0, unnumbered: 12, dedupeIds: 200_000);
        var stops = FromEnvironment("LIVEGRAINS_SILO_STOPS", 1);
        for (var stop = 0; stop < stops; stop++)
        {
            await cluster.WorkAsync();
            var victim = (int)random.Between(0, Silos - 1);
            var sleeper = cluster.Forget(victim);
            sleeper.Process.Stop();
            var stopped = Stopwatch.GetTimestamp();
            await cluster.AllShardsAnswerAsync((victim + 1) % Silos);
            await cluster.WorkAsync();
            // It is the time that matters here: longer than any of the cluster's own.
            await Task.Delay(TimeSpan.FromTicks(Math.Max(0, (Minute - Stopwatch.GetElapsedTime(stopped)).Ticks)));
            sleeper.Process.Continue();
            // Whatever it still does, an event that it acknowledges is in a log that others write now, and once.
            await cluster.WorkAsync();
            await Wait.UntilAsync(() => sleeper.Process.HasExited, "a silo that the others declared dead ends");
            await sleeper.DisposeAsync();
            await cluster.StartAsync(victim);
            await cluster.EvenAsync();
        }

        await cluster.FinishAsync();
        output.WriteLine($"{stops} stand-stills; {cluster.Acknowledged} events acknowledged, {cluster.Retries} requests sent again");
    }

    [FactIfPostgres]
    public async Task All_silos_are_restarted_one_after_the_other_without_an_error_that_a_retry_does_not_heal()
    {
        await using var cluster = await StartAsync();
        var rolls = FromEnvironment("LIVEGRAINS_SILO_ROLLS", 1);
        for (var silo = 0; silo < Silos * rolls; silo++)
        {
            await cluster.WorkAsync();
            Assert.Equal(0, await cluster.TerminateAsync(silo % Silos));
            await cluster.WorkAsync();
            await cluster.StartAsync(silo % Silos);
        }

        await cluster.EvenAsync();
        await cluster.FinishAsync();
        output.WriteLine($"{Silos * rolls} restarts; {cluster.Acknowledged} events acknowledged, {cluster.Retries} requests sent again");
    }

    [FactIfPostgres]
    public async Task A_silo_that_joins_takes_its_share()
    {
        await using var cluster = new SiloProcesses(_seed + 3, Silos);
        await cluster.StartAsync(0);
        cluster.Feed();
        await cluster.WorkAsync();
        for (var silo = 1; silo < Silos; silo++)
        {
            await cluster.StartAsync(silo);
            await cluster.EvenAsync();
            await cluster.WorkAsync();
        }

        await cluster.FinishAsync();
        // Who asks a silo that does not have the room gets the same answer.
        var rooms = await Task.WhenAll(Enumerable.Range(0, Silos).Select(s => cluster.Silo(s).Api.GetAsync("v1/rooms?sort=views&limit=200")));
        Assert.Single(rooms.Distinct());
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.Silo(1).Api.TryGetAsync("v1/rooms/unknown")).Status);
    }

    private static async Task<SiloProcesses> StartAsync(int numbered = 3, int unnumbered = 1, int dedupeIds = 100_000)
    {
        var cluster = new SiloProcesses(_seed, Silos, numbered, unnumbered, dedupeIds);
        try
        {
            for (var silo = 0; silo < Silos; silo++) await cluster.StartAsync(silo);
            await cluster.EvenAsync();
            cluster.Feed();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    private static int FromEnvironment(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
