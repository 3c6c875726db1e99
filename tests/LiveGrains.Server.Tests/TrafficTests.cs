using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace LiveGrains.Server.Tests;

public sealed class TrafficTests
{
    private const string Path = "/v1/traffic/policy";

    [Fact]
    public async Task A_policy_reaches_the_engine_with_the_version_that_it_replaces()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await PutAsync(server, """{"caps":[{"over":"host","share":0.05}],"guarantees":[{"hostImpressionsBelow":100,"impressions":20,"minutes":30}]}""", "\"3\"");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("\"4\"", response.Headers.ETag?.Tag);
        var policy = server.Engine.LastPolicy!;
        Assert.Equal(3, policy.Version);
        Assert.Equal(new TrafficCap { Over = TrafficDimension.Host, Share = 0.05, Minutes = 60 }, policy.Caps[0]);
        Assert.Equal(20, policy.Guarantees[0].Impressions);
        using var read = await server.Client.GetAsync(Path);
        var json = await read.JsonAsync();
        Assert.Equal("host", json.GetProperty("caps")[0].GetProperty("over").GetString());
        Assert.Equal(1, json.GetProperty("objective").GetProperty("watchSeconds").GetDouble());
    }

    [Theory]
    [InlineData("""{"cap":[]}""", "invalid_policy")]
    [InlineData("""{"caps":[{"over":"host","share":"much"}]}""", "invalid_policy")]
    [InlineData("""{"caps":[{"share":0.1}]}""", "invalid_policy")]
    [InlineData("""{"caps":null}""", "invalid_policy")]
    [InlineData("""{"caps":[],"caps":[]}""", "invalid_policy")]
    [InlineData("null", "invalid_policy")]
    [InlineData("{", "invalid_policy")]
    public async Task What_is_no_policy_is_refused(string body, string code)
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await PutAsync(server, body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, (await response.JsonAsync()).GetProperty("code").GetString());
        Assert.Null(server.Engine.LastPolicy);
    }

    [Fact]
    public async Task A_version_that_is_none_or_another_one_is_refused()
    {
        await using var server = await RunningServer.StartAsync();
        using var none = await PutAsync(server, "{}", "\"three\"");
        Assert.Equal("invalid_parameter", (await none.JsonAsync()).GetProperty("code").GetString());
        using var other = await PutAsync(server, """{"version":2}""", "\"3\"");
        Assert.Equal("invalid_policy", (await other.JsonAsync()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Refusals_of_the_engine_have_their_status()
    {
        await using var server = await RunningServer.StartAsync();
        foreach (var (code, status) in new[] { (ErrorCode.PolicyConflict, HttpStatusCode.PreconditionFailed), (ErrorCode.ContradictoryPolicy, HttpStatusCode.UnprocessableEntity) })
        {
            server.Engine.Failure = new LiveGrainsException(code);
            using var response = await PutAsync(server, "{}");
            Assert.Equal(status, response.StatusCode);
        }
    }

    [Fact]
    public async Task Shares_are_answered()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync("/v1/traffic");
        var json = await response.JsonAsync();
        Assert.Equal(3, json.GetProperty("version").GetInt64());
        Assert.Equal("cap", json.GetProperty("rules")[0].GetProperty("rule").GetString());
    }

    private static async Task<HttpResponseMessage> PutAsync(RunningServer server, string body, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (ifMatch != null) request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(ifMatch));
        return await server.Client.SendAsync(request);
    }
}
