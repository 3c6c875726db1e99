namespace LiveGrains.Server.Tests;

public sealed class MetricsTests
{
    [Fact]
    public async Task Text_is_well_formed_and_has_the_engine_s_counters()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var metrics = Exposition.Parse(await (await server.Client.GetAsync("/metrics")).Content.ReadAsStringAsync());
        Assert.Equal(100, metrics["livegrains_events_total{shard=\"1\",outcome=\"accepted\"}"]);
        Assert.Equal(7, metrics["livegrains_events_total{shard=\"0\",outcome=\"duplicate\"}"]);
        Assert.Equal(2, metrics["livegrains_events_total{shard=\"0\",outcome=\"late\"}"]);
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
        // Before the first request the server's own histogram has no series.
        (await server.Client.GetAsync("/metrics")).Dispose();
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
        Assert.Equal(3, metrics["livegrains_http_requests_total{route=\"/v1/events\",status=\"202\"}"]);
        Assert.Equal(1, metrics["livegrains_http_requests_total{route=\"/v1/events\",status=\"415\"}"]);
        Assert.Equal(1, metrics["livegrains_http_requests_total{route=\"/v1/events\",status=\"429\"}"]);
        Assert.Equal(1, metrics["livegrains_http_requests_total{route=\"/v1/rooms/{room}\",status=\"200\"}"]);
        Assert.Equal(1, metrics["livegrains_http_requests_total{route=\"/v1/rooms/{room}\",status=\"404\"}"]);
        Assert.Equal(1, metrics["livegrains_http_requests_total{route=\"other\",status=\"404\"}"]);
        Assert.Equal(1, metrics["livegrains_http_requests_total{route=\"other\",status=\"405\"}"]);
        Assert.Equal(5, metrics["livegrains_http_request_duration_seconds_count{route=\"/v1/events\"}"]);
        Assert.Equal(1, metrics["livegrains_http_problems_total{code=\"busy\"}"]);
        Assert.Equal(1, metrics["livegrains_http_active_requests"]);
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
}
