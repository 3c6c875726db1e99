using System.Net;
using System.Text;
using LiveGrains.Crash.Tests;
using LiveGrains.Postgres.Tests;

namespace LiveGrains.Cluster.Tests;

/// <summary>A policy of traffic over HTTP, on silos that are processes.</summary>
public sealed class TrafficTests
{
    private const int Silos = 2;

    [FactIfPostgres]
    public async Task A_policy_that_one_silo_takes_holds_on_another_and_outlives_the_first()
    {
        await using var cluster = new SiloProcesses(7, Silos);
        for (var silo = 0; silo < Silos; silo++) await cluster.StartAsync(silo);
        await cluster.EvenAsync();
        await PostAsync(cluster.Silo(0), Enumerable.Range(0, 8).SelectMany(i => (string[])[
            Event($"s{i}", "room.start", $"r{i}", $",\"host\":\"h{i}\""), Event($"e{i}", "enter", $"r{i}", $",\"user\":\"v{i}\"")]));
        Assert.Equal(HttpStatusCode.OK, await PutAsync(cluster.Silo(0), "\"0\"", """{"caps":[{"over":"room","share":0.5}],"exclusions":{"rooms":["r3"]}}"""));
        var there = cluster.Silo(1).Api;
        Assert.Equal(1, (await there.GetJsonAsync("v1/traffic/policy"))["version"]!.GetValue<int>());
        Assert.Equal(HttpStatusCode.PreconditionFailed, await PutAsync(cluster.Silo(1), "\"0\"", "{}"));
        foreach (var silo in (int[])[0, 1])
        {
            await Wait.UntilAsync(async () =>
            {
                var items = (await cluster.Silo(silo).Api.GetJsonAsync("v1/users/somebody/recommendations?limit=20&explain=true"))["items"]!.AsArray();
                return items.Count == 7 && items.All(i => i!["id"]!.GetValue<string>() != "r3" && i["explain"]!["traffic"]?["policy"]?.GetValue<int>() == 1);
            }, "a list has what is not excluded, and says how it came about");
        }

        await PostAsync(cluster.Silo(1), Enumerable.Range(0, 50).Select(i => Event($"i{i}", "impression", $"r{i % 8}", $",\"user\":\"u{i}\"")));
        Assert.Equal(50, (await cluster.Silo(0).Api.GetJsonAsync("v1/traffic"))["impressions"]!.GetValue<int>());
        Assert.Equal(0, await cluster.TerminateAsync(0));
        await cluster.AllShardsAnswerAsync(1);
        Assert.Equal(1, (await there.GetJsonAsync("v1/traffic/policy"))["version"]!.GetValue<int>());
        Assert.Equal(50, (await there.GetJsonAsync("v1/traffic"))["impressions"]!.GetValue<int>());
    }

    private static async Task PostAsync(RunningServer silo, IEnumerable<string> lines)
    {
        var answer = await silo.Api.PostAsync(lines.Select(Encoding.UTF8.GetBytes));
        Assert.True(answer.Status == HttpStatusCode.Accepted && answer.Json["rejected"]!.GetValue<int>() == 0, answer.Text);
    }

    private static async Task<HttpStatusCode> PutAsync(RunningServer silo, string match, string policy)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = silo.Address };
        using var request = new HttpRequestMessage(HttpMethod.Put, "v1/traffic/policy") { Content = new StringContent(policy, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", match);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    private static string Event(string id, string type, string room, string more) => $$"""{"id":"{{id}}","type":"{{type}}","time":1700000000000,"room":"{{room}}"{{more}}}""";
}
