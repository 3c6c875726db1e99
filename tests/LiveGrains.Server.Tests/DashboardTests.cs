using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace LiveGrains.Server.Tests;

public sealed partial class DashboardTests
{
    [Fact]
    public async Task Page_loads_only_what_this_server_has_and_its_policy_says_so()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.Client.GetAsync("/");
        var page = await response.Content.ReadAsStringAsync();
        Assert.Equal("text/html; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.StartsWith("default-src 'self';", response.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-cache", response.Headers.CacheControl!.ToString());
        Assert.DoesNotContain("://", page);
        Assert.DoesNotContain("<style", page);
        Assert.Empty(InlineScripts().Matches(page));
        var paths = await PathsAsync(server);
        Assert.Contains(paths, path => path.EndsWith(".js", StringComparison.Ordinal));
        Assert.Contains(paths, path => path.EndsWith(".css", StringComparison.Ordinal));
        foreach (var path in paths)
        {
            using var file = await server.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, file.StatusCode);
            Assert.NotEmpty(await file.Content.ReadAsByteArrayAsync());
            if (path.StartsWith("/assets/", StringComparison.Ordinal)) Assert.Contains("immutable", file.Headers.CacheControl!.ToString());
        }
    }

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("br;q=0, gzip;q=0.5", "gzip")]
    [InlineData("identity", null)]
    [InlineData(null, null)]
    public async Task Files_come_compressed_as_the_client_takes_them_and_are_the_same(string? accept, string? encoding)
    {
        await using var server = await RunningServer.StartAsync();
        var script = (await PathsAsync(server)).Single(path => path.EndsWith(".js", StringComparison.Ordinal));
        var plain = await server.Client.GetByteArrayAsync(script);
        using var request = new HttpRequestMessage(HttpMethod.Get, script);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept-Encoding", accept);
        using var response = await server.Client.SendAsync(request);
        Assert.Equal(encoding, response.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        var bytes = await response.Content.ReadAsByteArrayAsync();
        using Stream unpacked = encoding switch
        {
            "br" => new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress),
            "gzip" => new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress),
            _ => new MemoryStream(bytes),
        };
        using var whole = new MemoryStream();
        await unpacked.CopyToAsync(whole);
        Assert.Equal(plain, whole.ToArray());
    }

    [Fact]
    public async Task File_that_the_client_has_is_not_sent_again()
    {
        await using var server = await RunningServer.StartAsync();
        using var first = await server.Client.GetAsync("/");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task First_load_is_at_most_150_kB_gzipped()
    {
        await using var server = await RunningServer.StartAsync();
        var sum = 0;
        foreach (var path in (string[])["/", .. await PathsAsync(server)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "gzip");
            using var response = await server.Client.SendAsync(request);
            sum += (await response.Content.ReadAsByteArrayAsync()).Length;
        }
        Assert.InRange(sum, 10_000, 150_000);
    }

    [Fact]
    public async Task Unknown_file_is_not_found()
    {
        await using var server = await RunningServer.StartAsync();
        await (await server.Client.GetAsync("/assets/other.js")).IsProblemAsync(ErrorCode.NotFound);
        await (await server.Client.GetAsync("/assets/..%2f..%2fappsettings.json")).IsProblemAsync(ErrorCode.NotFound);
    }

    private static async Task<string[]> PathsAsync(RunningServer server)
    {
        var page = Encoding.UTF8.GetString(await server.Client.GetByteArrayAsync("/"));
        return [.. Links().Matches(page).Select(match => match.Groups[1].Value)];
    }

    [GeneratedRegex("(?:src|href)=\"([^\"]+)\"")]
    private static partial Regex Links();

    [GeneratedRegex("<script(?![^>]*src=)")]
    private static partial Regex InlineScripts();
}
