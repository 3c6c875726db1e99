using System.Net;
using System.Text.Json;

namespace LiveGrains.Server.Tests;

public sealed class QueryTests
{
    [Theory]
    [InlineData("/v1/rooms", "rooms")]
    [InlineData("/v1/rooms/r1", "room")]
    [InlineData("/v1/rooms/r1/series?metric=comments", "points")]
    [InlineData("/v1/rooms/r1/products", "products")]
    [InlineData("/v1/products/p1", "product")]
    [InlineData("/v1/videos/v1", "video")]
    [InlineData("/v1/users/u1", "user")]
    [InlineData("/v1/users/anybody/recommendations?kind=all&explain=true", "items")]
    [InlineData("/v1/rooms/r1/similar", "items")]
    [InlineData("/v1/model", "terms")]
    [InlineData("/v1/overview", "topRooms")]
    [InlineData("/healthz/live", "status")]
    [InlineData("/healthz/ready", "state")]
    public async Task Answer_is_camelCase_JSON_with_its_length_and_is_not_cached(string path, string member)
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(response.Headers.CacheControl!.NoStore);
        var json = await response.JsonAsync();
        Assert.True(json.TryGetProperty(member, out _));
        Assert.All(json.EnumerateObject(), property => Assert.True(char.IsAsciiLetterLower(property.Name[0]), property.Name));

        using var head = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(response.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Chinese_is_readable_and_numbers_and_moments_are_exact()
    {
        await using var server = await RunningServer.StartAsync();
        var text = await server.Client.GetStringAsync("/v1/rooms/r1");
        Assert.Contains("\"title\":\"直播间 <\\\"美食\\\"> & ", text);
        Assert.Contains("\"推荐\":{\"views\":1", text);
        Assert.Contains("\"peakOnline\":9007199254740993,", text);
        Assert.Contains("\"averageOnline\":0.30000000000000004,", text);
        Assert.Contains("\"enter\":0.3333333333333333,", text);
        Assert.Contains("\"heat\":1E+21", text);
        Assert.Contains("\"netGmv\":-5,", text);
        Assert.Contains("\"startedAt\":\"2026-11-22T12:00:00.000Z\"", text);
        Assert.Contains("\"asOf\":\"2026-11-22T12:30:15.250Z\"", text);
        Assert.Contains("\"endedAt\":null", text);
        Assert.Contains("\"engagement\":null", text);
        Assert.Contains("\"gifts\":{\"count\":2,\"users\":2,\"amount\":1999}", text);
        Assert.Contains("\"likes\":{\"count\":12,\"users\":3}", text);
        Assert.Equal(Samples.Room().Title, JsonDocument.Parse(text).RootElement.GetProperty("title").GetString());
    }

    [Fact]
    public async Task Series_points_are_pairs()
    {
        await using var server = await RunningServer.StartAsync();
        Assert.Equal("""{"metric":"gifts.amount","step":60,"points":[[1000,2],[11000,0.5]]}""",
            await server.Client.GetStringAsync("/v1/rooms/r1/series?metric=gifts.amount&step=60"));
    }

    [Fact]
    public async Task List_has_the_defaults_of_the_contract_and_passes_what_is_asked()
    {
        await using var server = await RunningServer.StartAsync();
        await server.Client.GetStringAsync("/v1/rooms");
        Assert.Equal(new RoomListQuery(null, RoomSort.Heat, 50, null), server.Engine.LastList);
        await server.Client.GetStringAsync("/v1/rooms?live=true&sort=startedAt&limit=200&cursor=a%2Bb%3D&cursor_is=ignored");
        Assert.Equal(new RoomListQuery(true, RoomSort.StartedAt, 200, "a+b="), server.Engine.LastList);
        await server.Client.GetStringAsync("/v1/rooms?live=false&sort=gmv&limit=1&cursor=&window=10m");
        Assert.Equal(new RoomListQuery(false, RoomSort.Gmv, 1, null, "10m"), server.Engine.LastList);
    }

    [Theory]
    [InlineData("1700000000000", 1700000000000)]
    [InlineData("0", 0)]
    [InlineData("2023-11-14T22:13:20Z", 1700000000000)]
    [InlineData("2023-11-14t22:13:20.123456z", 1700000000123)]
    [InlineData("2023-11-15T06:13:20%2B08:00", 1700000000000)]
    [InlineData("2023-11-15T06:13:20+08:00", 1700000000000)]
    [InlineData("2023-11-14T17:13:20.5-05:00", 1700000000500)]
    public async Task Moments_are_milliseconds_or_RFC_3339(string from, long expected)
    {
        await using var server = await RunningServer.StartAsync();
        await server.Client.GetStringAsync($"/v1/rooms/r1/series?metric=online&from={from}&to={from}");
        Assert.Equal(new SeriesQuery("online", 10, expected, expected), server.Engine.LastSeries);
    }

    [Theory]
    [InlineData("/v1/rooms?live=yes", "live")]
    [InlineData("/v1/rooms?sort=hot", "sort")]
    [InlineData("/v1/rooms?sort=1", "sort")]
    [InlineData("/v1/rooms?limit=0", "limit")]
    [InlineData("/v1/rooms?limit=201", "limit")]
    [InlineData("/v1/rooms?limit=-1", "limit")]
    [InlineData("/v1/rooms?limit=1e1", "limit")]
    [InlineData("/v1/rooms?limit=99999999999999", "limit")]
    [InlineData("/v1/rooms?limit=1&limit=2", "limit")]
    [InlineData("/v1/rooms/r1/series", "metric")]
    [InlineData("/v1/rooms/r1/series?metric=x&step=15", "step")]
    [InlineData("/v1/rooms/r1/series?metric=x&step=0", "step")]
    [InlineData("/v1/rooms/r1/series?metric=x&from=yesterday", "from")]
    [InlineData("/v1/rooms/r1/series?metric=x&to=2023-11-14T22:13:20", "to")]
    [InlineData("/v1/rooms/r1/series?metric=x&to=2023-02-30T22:13:20Z", "to")]
    [InlineData("/v1/rooms/r1/series?metric=x&to=99999999999999999", "to")]
    [InlineData("/v1/rooms/r1/series?metric=x&from=2&to=1", "from")]
    [InlineData("/v1/rooms/a%20b", "room")]
    [InlineData("/v1/rooms/a%2Fb", "room")]
    [InlineData("/v1/rooms/%E7%9B%B4", "room")]
    [InlineData("/v1/rooms/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "room")]
    [InlineData("/v1/products/a@b", "product")]
    [InlineData("/v1/videos/a@b", "video")]
    [InlineData("/v1/users/a@b", "user")]
    public async Task Bad_parameter_is_400_and_named_and_its_value_is_not_repeated(string path, string parameter)
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync(path);
        var detail = (await response.IsProblemAsync(ErrorCode.InvalidParameter)).GetProperty("detail").GetString();
        Assert.StartsWith(parameter + " ", detail);
    }

    [Theory]
    [InlineData("/v1/rooms/no")]
    [InlineData("/v1/rooms/no/series?metric=x")]
    [InlineData("/v1/rooms/no/products")]
    [InlineData("/v1/products/no")]
    [InlineData("/v1/videos/no")]
    [InlineData("/v1/users/no")]
    [InlineData("/v1/users/A-Za-z0-9._:-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Unknown_id_is_404(string path)
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync(path);
        await response.IsProblemAsync(ErrorCode.NotFound);
    }

    [Theory]
    [InlineData("starting", 503)]
    [InlineData("ready", 200)]
    [InlineData("full", 200)]
    [InlineData("stopped", 503)]
    [InlineData("closing", 503)]
    public async Task Ready_says_the_state_and_live_is_live(string state, int status)
    {
        await using var server = await RunningServer.StartAsync(new FakeEngine { Status = Samples.Status(state) with { StateDetail = "why" } });
        using var ready = await server.Client.GetAsync("/healthz/ready");
        Assert.Equal(status, (int)ready.StatusCode);
        Assert.Equal(status == 503, ready.Headers.Contains("Retry-After"));
        var json = await ready.JsonAsync();
        Assert.Equal(state, json.GetProperty("state").GetString());
        Assert.Equal("why", json.GetProperty("detail").GetString());
        using var live = await server.Client.GetAsync("/healthz/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }
}
