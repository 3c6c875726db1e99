using System.Net;

namespace LiveGrains.Server.Tests;

public sealed class ReportTests
{
    private const string Path = "/v1/rooms/r1/report";

    [Theory]
    [InlineData("", null, "application/json")]
    [InlineData("", "*/*", "application/json")]
    [InlineData("", "application/json", "application/json")]
    [InlineData("", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8")]
    [InlineData("", "text/html;q=0.5, application/json", "application/json")]
    [InlineData("?format=html", null, "text/html; charset=utf-8")]
    [InlineData("?format=HTML", "application/json", "text/html; charset=utf-8")]
    [InlineData("?format=json", "text/html", "application/json")]
    public async Task Format_is_what_was_asked_for(string query, string? accept, string mediaType)
    {
        await using var server = await RunningServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Path + query);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(mediaType, response.Content.Headers.ContentType!.ToString());
        Assert.Equal("Accept", response.Headers.Vary.Single());
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task JSON_has_the_room_as_its_own_call_has_it_and_the_curves()
    {
        await using var server = await RunningServer.StartAsync();
        var report = await (await server.Client.GetAsync(Path + "?format=json")).JsonAsync();
        var room = await (await server.Client.GetAsync("/v1/rooms/r1")).JsonAsync();
        Assert.Equal(room.GetRawText(), report.GetProperty("summary").GetRawText());
        Assert.Equal(60, report.GetProperty("curves").GetProperty("stepSeconds").GetInt32());
        Assert.Equal(2, report.GetProperty("curves").GetProperty("values").GetProperty("comments")[0].GetInt32());
        Assert.Equal("2026-11-22T12:00:00.000Z", report.GetProperty("curves").GetProperty("start").GetString());
        Assert.False(report.GetProperty("curves").TryGetProperty("count", out _));
    }

    [Fact]
    public async Task HTML_is_in_the_language_and_the_time_that_were_asked_for_and_may_do_nothing()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync(Path + "?format=html&language=zh&offset=%2B08:00&moment=0:30:00&moment=2026-11-22T12:40:00Z&window=5");
        var html = await response.Content.ReadAsStringAsync();
        Assert.Contains("<html lang=\"zh-CN\">", html);
        Assert.Contains("UTC+08:00", WebUtility.HtmlDecode(html));
        Assert.Contains("20:40:00 · ", html);
        Assert.Contains("&lt;b&gt;好看&lt;/b&gt;", html);
        Assert.Contains("直播间 &lt;&quot;美食&quot;&gt;", html);
        Assert.StartsWith("default-src 'none';", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
    }

    [Theory]
    [InlineData("?format=pdf", "format")]
    [InlineData("?format=0", "format")]
    [InlineData("?format=html&format=json", "format")]
    [InlineData("?language=fr", "language")]
    [InlineData("?offset=8", "offset")]
    [InlineData("?moment=yesterday", "moment")]
    [InlineData("?moment=2020-01-01T00:00:00Z", "moment must lie within the broadcast, from 2026-11-22T12:00:00Z to 2026-11-22T13:00:00Z")]
    [InlineData("?moment=0:30:00&window=0", "window")]
    [InlineData("?window=121", "window")]
    public async Task Bad_parameters_are_refused_by_name(string query, string words)
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync(Path + query);
        var problem = await response.IsProblemAsync(ErrorCode.InvalidParameter);
        Assert.Contains(words, problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Too_many_moments_and_unknown_rooms_are_refused()
    {
        await using var server = await RunningServer.StartAsync();
        await (await server.Client.GetAsync(Path + "?" + string.Join('&', Enumerable.Repeat("moment=0:30:00", 21)))).IsProblemAsync(ErrorCode.InvalidParameter);
        await (await server.Client.GetAsync("/v1/rooms/no/report")).IsProblemAsync(ErrorCode.NotFound);
        await (await server.Client.GetAsync("/v1/rooms/a%20b/report?format=html")).IsProblemAsync(ErrorCode.InvalidParameter);
    }
}
