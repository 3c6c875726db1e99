using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace LiveGrains.Server.Tests;

public sealed class MetricsTests
{
    [Fact]
    public async Task Text_is_well_formed_and_has_the_engine_s_counters()
    {
        await using var server = await RunningServer.StartAsync();
        // The first request of a server: what has no series yet has no family either.
        using var response = await server.Client.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var metrics = Exposition.Parse(await response.Content.ReadAsStringAsync());
        Assert.DoesNotContain("http_server_request_duration_seconds", metrics.Types.Keys);
        Assert.Equal(100, metrics["livegrains_events_total{shard=\"1\",outcome=\"accepted\"}"]);
        Assert.Equal(7, metrics["livegrains_events_total{shard=\"0\",outcome=\"duplicate\"}"]);
        Assert.Equal(2, metrics["livegrains_events_late_total{shard=\"0\"}"]);
        Assert.Equal(3, metrics["livegrains_events_rejected_total{code=\"invalid_json\"}"]);
        Assert.Equal(107, metrics["livegrains_dedupe_window_ids{shard=\"0\"}"]);
        Assert.Equal(4096, metrics["livegrains_dedupe_window_bytes{shard=\"0\"}"]);
        Assert.Equal(0.0015, metrics["livegrains_log_sync_seconds_total{shard=\"0\"}"]);
        Assert.Equal(1, metrics["livegrains_engine_state{state=\"ready\"}"]);
        Assert.Equal(0, metrics["livegrains_engine_state{state=\"stopped\"}"]);
        Assert.Equal(1795350615.25, metrics["livegrains_clock_timestamp_seconds"]);
        foreach (var name in new[] { "process_resident_memory_bytes", "dotnet_gc_collections_total", "livegrains_queue_bytes", "livegrains_snapshots_total" })
            Assert.Contains(name, metrics.Types.Keys);
    }

    [Fact]
    public async Task The_recommender_has_a_histogram_and_its_counters()
    {
        await using var server = await RunningServer.StartAsync();
        var metrics = Exposition.Parse(await server.Client.GetStringAsync("/metrics"));
        const string Lists = "livegrains_recommender_list_duration_seconds";
        Assert.Equal("histogram", metrics.Types[Lists]);
        Assert.Equal(3, metrics[Lists + "_bucket{le=\"0.001\"}"]);
        Assert.Equal(5, metrics[Lists + "_bucket{le=\"0.01\"}"]);
        Assert.Equal(6, metrics[Lists + "_bucket{le=\"+Inf\"}"]);
        Assert.Equal(6, metrics[Lists + "_count"]);
        Assert.Equal(0.25, metrics[Lists + "_sum"]);
        foreach (var (name, value) in new[] { ("feed_bytes", 24), ("feeds_dropped_total", 1), ("visits_total", 50), ("items", 9), ("impressions_total", 40), ("impressions_waiting", 4), ("segments", 6), ("groups", 12), ("bytes", 4096) })
            Assert.Equal(value, metrics["livegrains_recommender_" + name]);
        Assert.Equal(7, metrics["livegrains_recommender_positives_total{objective=\"watch\"}"]);
        Assert.Equal(0.3, metrics["livegrains_recommender_log_loss{objective=\"watch\"}"]);
        // What was never observed has no error.
        Assert.DoesNotContain("livegrains_recommender_calibration_error{objective=\"pay\"}", metrics.Samples.Keys);
        Assert.Equal(0, metrics["livegrains_recommender_positives_total{objective=\"pay\"}"]);
    }

    [Fact]
    public async Task Requests_count_by_route_and_status_and_never_by_id()
    {
        var engine = new FakeEngine();
        await using var server = await RunningServer.StartAsync(engine);
        for (var i = 0; i < 3; i++) (await server.PostAsync("{}")).Dispose();
        (await server.PostAsync("{}", "text/plain")).Dispose();
        engine.OnIngest = _ => throw new LiveGrainsException(ErrorCode.Busy);
        (await server.PostAsync("{}")).Dispose();
        (await server.Client.GetAsync("/v1/rooms/r1")).Dispose();
        (await server.Client.GetAsync("/v1/rooms/no")).Dispose();
        (await server.Client.GetAsync("/v1/users/someone")).Dispose();
        (await server.Client.GetAsync("/somewhere/else")).Dispose();
        (await server.Client.DeleteAsync("/v1/events")).Dispose();

        // A request is counted just after its answer is sent, so the scrape after the next one on a connection sees it.
        await server.Client.GetStringAsync("/metrics");
        var text = await server.Client.GetStringAsync("/metrics");

        var metrics = Exposition.Parse(text);
        Assert.Equal(3, metrics["http_server_request_duration_seconds_count{http_request_method=\"POST\",http_response_status_code=\"202\",http_route=\"/v1/events\"}"]);
        Assert.Equal(1, metrics["http_server_request_duration_seconds_count{http_request_method=\"POST\",http_response_status_code=\"415\",http_route=\"/v1/events\"}"]);
        Assert.Equal(1, metrics["http_server_request_duration_seconds_count{http_request_method=\"POST\",http_response_status_code=\"429\",http_route=\"/v1/events\"}"]);
        Assert.Equal(1, metrics["http_server_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"200\",http_route=\"/v1/rooms/{room}\"}"]);
        Assert.Equal(1, metrics["http_server_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"404\",http_route=\"/v1/rooms/{room}\"}"]);
        Assert.Equal(1, metrics["http_server_request_duration_seconds_count{http_request_method=\"GET\",http_response_status_code=\"404\",http_route=\"other\"}"]);
        Assert.Equal(1, metrics["http_server_request_duration_seconds_count{http_request_method=\"DELETE\",http_response_status_code=\"405\",http_route=\"other\"}"]);
        Assert.Equal(1, metrics["livegrains_http_problems_total{code=\"busy\"}"]);
        Assert.Equal(1, metrics["http_server_active_requests"]);
        Assert.DoesNotContain("r1", text);
        Assert.DoesNotContain("someone", text);
        Assert.DoesNotContain("somewhere", text);
    }

    [Fact]
    public async Task Unknown_state_and_strange_labels_keep_the_text_well_formed()
    {
        var engine = new FakeEngine
        {
            Status = Samples.Status("odd \"state\"\\\n") with { RejectedByCode = new Dictionary<string, long>(), Shards = [] },
        };
        await using var server = await RunningServer.StartAsync(engine);
        (await server.PostAsync("{}")).Dispose();
        var metrics = Exposition.Parse(await server.Client.GetStringAsync("/metrics"));
        Assert.Equal(1, metrics["livegrains_engine_state{state=\"odd \\\"state\\\"\\\\\\n\"}"]);
    }

    [Fact]
    public async Task Both_exports_have_the_same_values_under_names_that_follow_from_each_other()
    {
        await using var server = await RunningServer.StartAsync();
        await server.Client.GetStringAsync("/metrics");
        var seen = new Dictionary<(string Name, string Labels), double>();
        var durations = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == LiveGrainsServer.TelemetryName) listener.EnableMeasurementEvents(instrument);
            },
        };
        // Other servers of this process have meters of the same name, with the values of the same fake engine.
        listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) =>
        {
            var isCounter = instrument is ObservableCounter<double>;
            if (instrument is Histogram<double>) Interlocked.Increment(ref durations);
            else if (!instrument.Name.StartsWith("http.", StringComparison.Ordinal) && !instrument.Name.Contains("push", StringComparison.Ordinal) && !instrument.Name.Contains("http.", StringComparison.Ordinal))
                seen[(Prometheus(instrument.Name, instrument.Unit, isCounter), string.Join(',', labels.ToArray().Select(l => $"{l.Key}=\"{l.Value}\"")))] = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        var text = Exposition.Parse(await server.Client.GetStringAsync("/metrics"));
        Assert.True(seen.Count > 40, $"{seen.Count} values");
        foreach (var ((name, labels), value) in seen.Where(s => s.Key.Name.StartsWith("livegrains_events", StringComparison.Ordinal) || s.Key.Name.StartsWith("livegrains_log", StringComparison.Ordinal) || s.Key.Name.StartsWith("livegrains_recommender", StringComparison.Ordinal)))
            Assert.Equal(value, text[labels.Length == 0 ? name : $"{name}{{{labels}}}"]);
        await server.Client.GetStringAsync("/healthz/live");
        await server.Client.GetStringAsync("/healthz/live");
        Assert.True(Volatile.Read(ref durations) > 0);

        // The rules of OpenTelemetry for Prometheus, told once more.
        static string Prometheus(string name, string? unit, bool isCounter) =>
            name.Replace('.', '_') + (unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" }) + (isCounter ? "_total" : "");
    }

    [Fact]
    public async Task A_request_is_a_span_under_its_caller_s_that_tells_the_route_and_no_id()
    {
        await using var server = await RunningServer.StartAsync();
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        var trace = ActivityTraceId.CreateRandom();
        var parent = ActivitySpanId.CreateRandom();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == LiveGrainsServer.TelemetryName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Parent.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        async Task Ask(HttpMethod method, string path)
        {
            using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Post ? new StringContent("{}", null, "application/json") : null };
            request.Headers.TryAddWithoutValidation("traceparent", $"00-{trace}-{parent}-01");
            (await server.Client.SendAsync(request)).Dispose();
        }

        await Ask(HttpMethod.Get, "/v1/users/someone?secret=1");
        await Ask(HttpMethod.Post, "/v1/events");
        // A request's span ends just after its answer: this one's answer comes after the end of those before it on the connection.
        await server.Client.GetStringAsync("/healthz/live");
        Assert.Equal(["GET /v1/users/{user}", "POST /v1/events"], spans.Select(s => s.DisplayName));
        Assert.All(spans, s => Assert.Equal((parent, ActivityKind.Server), (s.ParentSpanId, s.Kind)));
        var tags = spans.First().TagObjects.ToDictionary();
        Assert.Equal((404, "GET", "/v1/users/{user}", "http"), (tags["http.response.status_code"], tags["http.request.method"], tags["http.route"], tags["url.scheme"]));
        Assert.DoesNotContain(spans.SelectMany(s => s.TagObjects), t => t.Value!.ToString()!.Contains("someone") || t.Value.ToString()!.Contains("secret"));
    }
}
