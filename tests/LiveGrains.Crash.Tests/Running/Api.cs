using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace LiveGrains.Crash.Tests;

/// <summary>One client of a server: at most one connection at a time, as one producer has.</summary>
internal sealed class Api(Uri address) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(10) })
    {
        BaseAddress = address,
        Timeout = Wait.Limit,
    };

    /// <summary>An answer: its status, its body as text, and Retry-After in seconds.</summary>
    public readonly record struct Answer(HttpStatusCode Status, string Text, double? RetryAfterSeconds)
    {
        /// <summary>The body as JSON.</summary>
        public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

        /// <summary>The `code` of a problem.</summary>
        public string? Code => Json["code"]?.GetValue<string>();
    }

    /// <summary>GET of something that must be there, as text.</summary>
    public async Task<string> GetAsync(string path)
    {
        var answer = await TryGetAsync(path);
        if (answer.Status != HttpStatusCode.OK) throw new InvalidOperationException($"GET {path}: {(int)answer.Status} {answer.Text}");
        return answer.Text;
    }

    /// <summary>GET of something that must be there, as JSON.</summary>
    public async Task<JsonObject> GetJsonAsync(string path) => JsonNode.Parse(await GetAsync(path))!.AsObject();

    /// <summary>GET of anything.</summary>
    public async Task<Answer> TryGetAsync(string path)
    {
        using var response = await _client.GetAsync(path);
        return await ReadAsync(response);
    }

    /// <summary>POST of events as lines.</summary>
    public Task<Answer> PostAsync(IEnumerable<byte[]> lines, CancellationToken cancellationToken = default)
    {
        var body = new MemoryStream();
        foreach (var line in lines)
        {
            body.Write(line);
            body.WriteByte((byte)'\n');
        }

        return PostAsync(body.ToArray(), cancellationToken: cancellationToken);
    }

    /// <summary>POST of a body.</summary>
    public async Task<Answer> PostAsync(byte[] body, string type = "application/x-ndjson", bool gzip = false, CancellationToken cancellationToken = default)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (gzip) content.Headers.ContentEncoding.Add("gzip");
        using var response = await _client.PostAsync("v1/events", content, cancellationToken);
        return await ReadAsync(response);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static async Task<Answer> ReadAsync(HttpResponseMessage response) =>
        new(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.RetryAfter?.Delta?.TotalSeconds);
}
