using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LiveGrains.Cli.Benchmarks;

namespace LiveGrains.Crash.Tests;

/// <summary>A real Prometheus scrapes a real server: `/metrics`, the dashboard of Grafana and the alert rules fit each other.</summary>
public sealed class PrometheusTests
{
    private static readonly string _deploy = Path.Combine(Root(), "deploy", "grafana");

    [FactIfPrometheus]
    public async Task Every_expression_of_dashboard_and_rules_finds_data_and_promtool_has_nothing_to_say()
    {
        using var directory = new TemporaryDirectory();
        await using var server = await RunningServer.StartAsync(Path.Combine(directory.Path, "data"), "--demo");
        using var client = new HttpClient { BaseAddress = server.Address };
        var config = Path.Combine(directory.Path, "prometheus.yml");
        await File.WriteAllTextAsync(config, $"""
            global: {"{"}scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms{"}"}
            rule_files: ['{Path.Combine(_deploy, "livegrains.rules.yml")}']
            scrape_configs: [{"{"}job_name: livegrains, static_configs: [{"{"}targets: ['{server.Address.Authority}']{"}"}]{"}"}]
            """);
        await PromtoolAsync(null, "check", "config", config);
        await PromtoolAsync(null, "check", "rules", Path.Combine(_deploy, "livegrains.rules.yml"));
        await PromtoolAsync(null, "test", "rules", Path.Combine(_deploy, "livegrains.rules.test.yml"));

        var port = FreePort.Take();
        using var prometheus = Start("prometheus", $"--config.file={config}", $"--storage.tsdb.path={Path.Combine(directory.Path, "tsdb")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=error");
        try
        {
            using var api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
            var asked = 0;
            // A little of everything that the panels show, again and again: rates need two scrapes with something new between them.
            async Task LiveAsync()
            {
                foreach (var path in new[] { "v1/overview", "v1/users/u1/recommendations", "v1/rooms/nobody" }) (await client.GetAsync(path)).Dispose();
                (await client.PostAsync("v1/events", new StringContent($"[{{\"id\":\"x{asked++}\",\"type\":\"nonsense\"}},{{\"id\":\"y{asked}\",\"type\":\"like\",\"time\":{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()},\"room\":\"r\",\"user\":\"u1\"}}]", null, "application/json"))).Dispose();
            }

            var expressions = Expressions();
            Assert.True(expressions.Count > 30, $"{expressions.Count} expressions");
            foreach (var expression in expressions)
            {
                await Wait.UntilAsync(async () =>
                {
                    await LiveAsync();
                    return await HasDataAsync(api, expression);
                }, $"data for {expression}");
            }

            await Wait.UntilAsync(async () => (await RulesAsync(api)).All(r => r["health"]!.GetValue<string>() == "ok"), "every rule was evaluated");
            var rules = await RulesAsync(api);
            Assert.Equal(12, rules.Count);
            // Nothing is wrong with the server but the nonsense that it was sent, and that for too short a time.
            Assert.All(rules, r => Assert.NotEqual("firing", r["state"]!.GetValue<string>()));
            await PromtoolAsync(await client.GetStringAsync("metrics"), "check", "metrics");
        }
        finally
        {
            prometheus.Kill();
            await prometheus.WaitForExitAsync();
        }
    }

    private static List<string> Expressions()
    {
        var found = new List<string>();
        var dashboard = JsonNode.Parse(File.ReadAllText(Path.Combine(_deploy, "livegrains.json")))!;
        foreach (var panel in dashboard["panels"]!.AsArray())
        {
            foreach (var target in panel!["targets"]?.AsArray() ?? [])
                found.Add(target!["expr"]!.GetValue<string>().Replace("$job", "livegrains").Replace("$__rate_interval", "1m"));
        }

        Assert.DoesNotContain(found, e => e.Contains('$'));
        return found;
    }

    private static async Task<bool> HasDataAsync(HttpClient api, string expression)
    {
        using var response = await TryGetAsync(api, "api/v1/query?query=" + Uri.EscapeDataString(expression));
        // It listens before it is ready.
        if (response is null or { StatusCode: HttpStatusCode.ServiceUnavailable }) return false;
        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.True(answer.RootElement.GetProperty("status").GetString() == "success", $"{expression}: {answer.RootElement}");
        // What is not a number is no data: 0 ÷ 0 of a histogram to which nothing came.
        return answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Any(r => r.GetProperty("value")[1].GetString() != "NaN");
    }

    private static async Task<List<JsonNode>> RulesAsync(HttpClient api)
    {
        var groups = JsonNode.Parse(await api.GetStringAsync("api/v1/rules"))!["data"]!["groups"]!.AsArray();
        return [.. groups.SelectMany(g => g!["rules"]!.AsArray()).Select(r => r!)];
    }

    private static async Task<HttpResponseMessage?> TryGetAsync(HttpClient api, string path)
    {
        try
        {
            return await api.GetAsync(path);
        }
        catch (HttpRequestException)
        {
            return null; // It is starting.
        }
    }

    private static async Task PromtoolAsync(string? input, params string[] arguments)
    {
        using var tool = Start("promtool", arguments);
        if (input is not null) await tool.StandardInput.WriteAsync(input);
        tool.StandardInput.Close();
        var (output, error) = (tool.StandardOutput.ReadToEndAsync(), tool.StandardError.ReadToEndAsync());
        await tool.WaitForExitAsync();
        Assert.True(tool.ExitCode == 0, $"promtool {string.Join(' ', arguments)}: {await output}{await error}");
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, StandardInputEncoding = new UTF8Encoding(false) };
        var process = Process.Start(start)!;
        if (program != "prometheus") return process;
        // Nobody reads what it says, and it must not stand still for that.
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return process;
    }

    private static string Root([System.Runtime.CompilerServices.CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    private sealed class FactIfPrometheusAttribute : FactAttribute
    {
        public FactIfPrometheusAttribute()
        {
            var missing = new[] { "prometheus", "promtool" }.Where(p => !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists(Path.Combine(d, p)))).ToArray();
            if (missing.Length > 0) Skip = $"{string.Join(" and ", missing)} are not installed (Debian: prometheus).";
        }
    }
}
