using System.Net;

namespace LiveGrains.Crash.Tests;

/// <summary>What a real server tells a real receiver of OTLP.</summary>
public sealed class TelemetryTests
{
    private const string Event = """{"id":"1","type":"like","time":1700000000000,"room":"secret-room","user":"secret-user"}""";

    [Fact]
    public async Task Metrics_and_traces_arrive_under_the_names_of_the_conventions_with_what_the_environment_says()
    {
        await using var collector = await OtlpCollector.StartAsync();
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736", Parent = "00f067aa0ba902b7";
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_EXPORTER_OTLP_HEADERS"] = "x-key=abc",
            ["OTEL_RESOURCE_ATTRIBUTES"] = "deployment.environment.name=test",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        }, "--demo");
        using var client = new HttpClient { BaseAddress = server.Address };
        client.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", $"00-{Trace}-{Parent}-01");
        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync("v1/events", new StringContent(Event, null, "application/json"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync("v1/users/secret-user-2")).StatusCode);
        (await client.GetAsync("v1/users/secret-user/recommendations")).Dispose();
        await Wait.UntilAsync(() => collector.Metrics.Any(m => m.Name == "livegrains.recommender.list.duration") && collector.Metrics.Any(m => m.Name == "http.server.request.duration")
            && collector.Spans.Count(s => s.Trace == Trace) >= 3, "metrics and spans arrive");

        void Has(string name, string unit, int data, string attributes) => Assert.Contains(("LiveGrains.Server", name, unit, data, attributes), collector.Metrics);
        Has("http.server.request.duration", "s", 9, "http.request.method,http.response.status_code,http.route");
        Has("livegrains.events", "{event}", 7, "outcome,shard");
        Has("livegrains.events.late", "{event}", 7, "shard");
        Has("livegrains.queue", "By", 5, "shard");
        Has("livegrains.log.sync", "s", 7, "shard");
        Has("livegrains.engine.state", "", 5, "state");
        Assert.Contains(("LiveGrains.Engine", "livegrains.recommender.list.duration", "s", 9, ""), collector.Metrics);
        Assert.Contains(collector.Metrics, m => m is { Scope: "System.Runtime", Name: "dotnet.gc.collections" });
        Assert.All(collector.Metrics, m => Assert.DoesNotMatch("room|user|product", m.Attributes));

        var spans = collector.Spans.Where(s => s.Trace == Trace).ToArray();
        Assert.All(spans, s => Assert.Equal(("LiveGrains.Server", Parent), (s.Scope, s.Parent)));
        Assert.Equal(["GET /v1/users/{user}", "GET /v1/users/{user}/recommendations", "POST /v1/events"], spans.Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(collector.Spans, s => s.Attributes.Contains("secret", StringComparison.Ordinal));
        Assert.Contains("service.name=livegrains", collector.Resource.Keys);
        Assert.Contains("deployment.environment.name=test", collector.Resource.Keys);
        Assert.All(collector.Requests, r => Assert.Equal(("abc", "application/x-protobuf"), (r.Header, r.MediaType)));
    }

    [Fact]
    public async Task The_last_export_comes_with_the_end_and_signals_can_be_left_out()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_SERVICE_NAME"] = "shop-live",
            ["OTEL_TRACES_EXPORTER"] = "none",
        }, "--demo");
        Assert.Equal(0, await server.StopAsync());
        Assert.Contains(collector.Metrics, m => m.Name == "livegrains.events");
        Assert.Empty(collector.Spans);
        Assert.Contains("service.name=shop-live", collector.Resource.Keys);
    }

    [Fact]
    public async Task A_collector_that_is_away_stops_nothing()
    {
        await using var server = await RunningServer.StartAsync(null, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
        }, "--demo");
        using var client = new HttpClient { BaseAddress = server.Address };
        Assert.Equal(HttpStatusCode.Accepted, (await client.PostAsync("v1/events", new StringContent(Event, null, "application/json"))).StatusCode);
        Assert.Equal(0, await server.StopAsync());
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://collector")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "json")]
    public async Task What_cannot_be_is_refused_by_name(string variable, string value)
    {
        var variables = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:1", [variable] = value };
        await using var tool = ToolProcess.Start(variables, RunningServer.Arguments(null, "--demo"));
        Assert.Equal(2, await tool.ExitAsync());
        Assert.Contains(variable, tool.Error, StringComparison.Ordinal);
    }
}
