using System.Net;
using System.Text.Json;

namespace LiveGrains.Server.Tests;

public sealed class RecommendationTests
{
    [Fact]
    public async Task Parameters_reach_the_engine_and_have_their_defaults()
    {
        await using var server = await RunningServer.StartAsync();
        using (await server.Client.GetAsync("/v1/users/u1/recommendations")) Assert.Equal(new RecommendationQuery(), server.Engine.LastQuery);
        using (await server.Client.GetAsync("/v1/users/u1/recommendations?kind=Video&limit=50&room=r.1&exclude=seen&diversity=0.5&explain=true"))
        {
            Assert.Equal(
                new RecommendationQuery { Kind = ItemKind.Video, Limit = 50, Room = "r.1", Bought = true, Seen = false, SameHost = true, Diversity = 0.5, Explain = true },
                server.Engine.LastQuery);
        }

        using (await server.Client.GetAsync("/v1/users/u1/recommendations?exclude=none"))
            Assert.Equal(new RecommendationQuery { Bought = true, SameHost = true }, server.Engine.LastQuery);
    }

    [Theory]
    [InlineData("kind=host")]
    [InlineData("kind=1")]
    [InlineData("limit=0")]
    [InlineData("limit=51")]
    [InlineData("limit=ten")]
    [InlineData("room=a/b")]
    [InlineData("exclude=bought;host")]
    [InlineData("diversity=1.5")]
    [InlineData("diversity=-1")]
    [InlineData("diversity=NaN")]
    [InlineData("diversity=1e0")]
    [InlineData("explain=yes")]
    [InlineData("limit=1&limit=2")]
    public async Task What_cannot_be_meant_is_refused_with_its_name(string query)
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync("/v1/users/u1/recommendations?" + query);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.JsonAsync();
        Assert.Equal("invalid_parameter", problem.GetProperty("code").GetString());
        Assert.StartsWith(query[..query.IndexOf('=', StringComparison.Ordinal)], problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Null(server.Engine.LastQuery);
    }

    [Fact]
    public async Task Reasons_come_only_when_asked_for()
    {
        await using var server = await RunningServer.StartAsync();
        using var plain = await server.Client.GetAsync("/v1/users/u1/recommendations");
        var item = (await plain.JsonAsync()).GetProperty("items")[0];
        Assert.Equal("room", item.GetProperty("kind").GetString());
        Assert.False(item.TryGetProperty("explain", out _));
        using var explained = await server.Client.GetAsync("/v1/users/u1/recommendations?explain=true");
        var reasons = (await explained.JsonAsync()).GetProperty("items")[0].GetProperty("explain");
        Assert.Equal("heat", reasons.GetProperty("sources")[0].GetString());
        Assert.Equal(JsonValueKind.Array, reasons.GetProperty("terms").ValueKind);
    }

    [Theory]
    [InlineData("/v1/rooms/r2/similar", HttpStatusCode.NotFound)]
    [InlineData("/v1/products/p/similar?limit=99", HttpStatusCode.BadRequest)]
    [InlineData("/v1/videos/a%20b/similar", HttpStatusCode.BadRequest)]
    public async Task Similar_items_of_what_is_not_there_are_refused(string path, HttpStatusCode status)
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync(path);
        Assert.Equal(status, response.StatusCode);
    }
}
