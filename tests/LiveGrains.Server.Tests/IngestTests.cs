using System.IO.Compression;
using System.Net;
using System.Text;

namespace LiveGrains.Server.Tests;

public sealed class IngestTests
{
    private const string Event = """{"id":"1","type":"like","time":1,"room":"r","user":"u"}""";

    [Theory]
    [InlineData("application/json", EventFormat.Json)]
    [InlineData("application/json; charset=utf-8", EventFormat.Json)]
    [InlineData("APPLICATION/JSON;charset=\"UTF-8\"", EventFormat.Json)]
    [InlineData("application/x-ndjson", EventFormat.NdJson)]
    [InlineData("application/ndjson", EventFormat.NdJson)]
    [InlineData("application/jsonl", EventFormat.NdJson)]
    [InlineData("application/cloudevents+json; charset=utf-8", EventFormat.CloudEvent)]
    [InlineData("application/cloudevents-batch+json", EventFormat.CloudEventBatch)]
    [InlineData("application/vnd.livegrains.block", EventFormat.Block)]
    public async Task Content_type_names_the_format_and_the_body_arrives_as_sent(string mediaType, EventFormat format)
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.PostAsync(Event, mediaType);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal("""{"accepted":1,"duplicates":0,"rejected":0,"errors":[]}""", await response.Content.ReadAsStringAsync());
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(54, response.Content.Headers.ContentLength);
        Assert.Equal(format, server.Engine.LastIngested.Format);
        Assert.Equal(Event, Encoding.UTF8.GetString(server.Engine.LastIngested.Body));
        Assert.Null(server.Engine.LastIngested.Attributes);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task CloudEvent_in_binary_mode_brings_its_attributes_whatever_its_content_type(string? mediaType)
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.PostAsync("""{"room":"r","user":"u"}"""u8.ToArray(), mediaType, null, false,
            ("ce-specversion", "1.0"), ("ce-id", "\"a \\\"b\\\"\""), ("ce-source", "%E6%BA%90%25"), ("ce-type", "like"), ("ce-time", "2026-11-22T00:00:00Z"));

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(EventFormat.CloudEventBinary, server.Engine.LastIngested.Format);
        Assert.Equal(new CloudEventAttributes("a \"b\"", "源%", "like", "2026-11-22T00:00:00Z", "1.0"), server.Engine.LastIngested.Attributes);
    }

    [Fact]
    public async Task Structured_CloudEvent_stays_structured_beside_ce_headers()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.PostAsync("{}"u8.ToArray(), "application/cloudevents+json", null, false, ("ce-specversion", "1.0"));
        Assert.Equal(EventFormat.CloudEvent, server.Engine.LastIngested.Format);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/jsonx")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Other_media_types_are_415(string? mediaType)
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.PostAsync(Event, mediaType);
        await response.IsProblemAsync(ErrorCode.UnsupportedMediaType);
        Assert.Empty(server.Engine.AllIngested);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZIP")]
    [InlineData("x-gzip")]
    public async Task Gzip_is_inflated(string encoding)
    {
        await using var server = await RunningServer.StartAsync();
        var body = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Repeat(Event, 5000)));
        using var response = await server.PostAsync(Gzip(body), "application/x-ndjson", encoding);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(body, server.Engine.LastIngested.Body);
    }

    [Fact]
    public async Task Gzip_of_several_members_is_inflated_whole()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.PostAsync([.. Gzip("{\"a\""u8.ToArray()), .. Gzip(":1}"u8.ToArray())], "application/json", "gzip");
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(server.Engine.LastIngested.Body));
    }

    [Fact]
    public async Task Identity_encoding_is_no_encoding()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.PostAsync(Encoding.UTF8.GetBytes(Event), "application/json", "identity");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("gzip, gzip")]
    public async Task Other_encodings_are_415_and_name_gzip(string encoding)
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.PostAsync(Gzip("{}"u8.ToArray()), "application/json", encoding);
        await response.IsProblemAsync(ErrorCode.UnsupportedEncoding);
        Assert.Contains("gzip", response.Headers.GetValues("Accept-Encoding"));
    }

    [Fact]
    public async Task Gzip_cut_at_any_byte_or_damaged_or_followed_by_rubbish_is_refused()
    {
        await using var server = await RunningServer.StartAsync();
        var whole = Gzip(Encoding.UTF8.GetBytes(Event));
        for (var length = 1; length < whole.Length; length++)
        {
            using var cut = await server.PostAsync(whole[..length], "application/json", "gzip");
            await cut.IsProblemAsync(ErrorCode.NothingToRead);
        }
        var damaged = whole.ToArray();
        damaged[^6] ^= 1;
        foreach (var bad in new[] { damaged, [.. whole, 0], [.. whole, .. "rubbish"u8], "not gzip at all"u8.ToArray() })
        {
            using var response = await server.PostAsync(bad, "application/json", "gzip");
            await response.IsProblemAsync(ErrorCode.NothingToRead);
        }
        Assert.Empty(server.Engine.AllIngested);
    }

    [Theory]
    [InlineData(100_000, HttpStatusCode.Accepted)]
    [InlineData(100_001, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(50_000_000, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Gzip_bomb_stops_at_the_limit(int inflated, HttpStatusCode status)
    {
        await using var server = await RunningServer.StartAsync(new FakeEngine { Limits = new() { MaxInflatedBytes = 100_000 } });
        using var response = await server.PostAsync(Gzip(new byte[inflated]), "application/x-ndjson", "gzip");
        Assert.Equal(status, response.StatusCode);
        if (status != HttpStatusCode.Accepted) await response.IsProblemAsync(ErrorCode.BodyTooLarge);
        else Assert.Equal(inflated, server.Engine.LastIngested.Body.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Bodies_of_every_size_around_the_pieces_arrive_whole(bool chunked)
    {
        await using var server = await RunningServer.StartAsync();
        var random = new Random(17);
        foreach (var size in new[] { 1, 100, 3900, 4095, 4096, 4097, 8192, 16_384, 16_385, 100_000, 3_000_000, 8 << 20 })
        {
            var body = new byte[size];
            random.NextBytes(body);
            using var response = await server.PostAsync(body, "application/x-ndjson", null, chunked);
            Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            Assert.True(body.AsSpan().SequenceEqual(server.Engine.LastIngested.Body), $"{size} bytes");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Empty_body_goes_to_the_engine_which_says_what_is_wrong(bool chunked)
    {
        var engine = new FakeEngine { OnIngest = _ => throw new LiveGrainsException(ErrorCode.NothingToRead) };
        await using var server = await RunningServer.StartAsync(engine);
        using var response = await server.PostAsync([], "application/json", null, chunked);
        await response.IsProblemAsync(ErrorCode.NothingToRead);
    }

    [Theory]
    [InlineData(false, 1000)]
    [InlineData(true, 1000)]
    [InlineData(false, 1001)]
    [InlineData(true, 1001)]
    [InlineData(true, 5_000_000)]
    public async Task Body_above_the_limit_is_413_with_and_without_length(bool chunked, int size)
    {
        await using var server = await RunningServer.StartAsync(new FakeEngine { Limits = new() { MaxBodyBytes = 1000 } });
        using var response = await server.PostAsync(new byte[size], "application/json", null, chunked);
        if (size <= 1000) Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        else await response.IsProblemAsync(ErrorCode.BodyTooLarge);
        Assert.Equal(size <= 1000 ? 1 : 0, server.Engine.AllIngested.Count);
    }

    [Fact]
    public async Task Half_bad_batch_is_202_and_names_the_bad_ones()
    {
        var engine = new FakeEngine
        {
            OnIngest = _ => ValueTask.FromResult(new IngestAnswer(2, 1, 2,
                [new(1, "a\"\u0001", "invalid_type", "类型"), new(4, null, "capacity", "full")])),
        };
        await using var server = await RunningServer.StartAsync(engine);
        using var response = await server.PostAsync("[]");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(
            """{"accepted":2,"duplicates":1,"rejected":2,"errors":[{"index":1,"id":"a\"\u0001","code":"invalid_type","message":"类型"},{"index":4,"id":null,"code":"capacity","message":"full"}]}""",
            await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(0, 0, "capacity,capacity", true)]
    [InlineData(0, 0, "capacity", true)]
    [InlineData(1, 0, "capacity", false)]
    [InlineData(0, 1, "capacity", false)]
    [InlineData(0, 0, "capacity,invalid_type", false)]
    [InlineData(0, 0, "invalid_type", false)]
    public async Task Capacity_is_503_when_it_is_all_there_was(int accepted, int duplicates, string codes, bool refused)
    {
        var errors = codes.Split(',').Select((code, index) => new IngestError(index, "x", code, "why")).ToArray();
        var engine = new FakeEngine { OnIngest = _ => ValueTask.FromResult(new IngestAnswer(accepted, duplicates, errors.Length, errors)) };
        await using var server = await RunningServer.StartAsync(engine);
        using var response = await server.PostAsync("[]");
        if (refused) await response.IsProblemAsync(ErrorCode.Capacity);
        else Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Fact]
    public async Task Bodies_in_memory_have_a_budget_above_which_requests_are_busy()
    {
        await using var server = await RunningServer.StartAsync(null, new ServerOptions { MaxBodyBytesInFlight = 100_000 });
        using var large = await server.PostAsync(new byte[1_000_000], "application/x-ndjson");
        await large.IsProblemAsync(ErrorCode.Busy);
        using var inflated = await server.PostAsync(Gzip(new byte[1_000_000]), "application/x-ndjson", "gzip");
        await inflated.IsProblemAsync(ErrorCode.Busy);
        using var small = await server.PostAsync(new byte[20_000], "application/x-ndjson");
        Assert.Equal(HttpStatusCode.Accepted, small.StatusCode);
        Assert.Contains("livegrains_http_body_bytes 0\n", await server.Client.GetStringAsync("/metrics"));
    }

    [Fact]
    public async Task Trailing_slash_is_the_same_call()
    {
        await using var server = await RunningServer.StartAsync();
        using var content = new StringContent(Event, Encoding.UTF8, "application/json");
        using var response = await server.Client.PostAsync("/v1/events/", content);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Fastest)) gzip.Write(bytes);
        return target.ToArray();
    }
}
