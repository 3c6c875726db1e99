using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LiveGrains.Server.Tests;

/// <summary>One event of a stream.</summary>
public sealed record StreamEvent(string? Id, string Name, JsonElement Data);

/// <summary>A client of Server-Sent Events that applies changes as the description says.</summary>
public sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventStream(HttpResponseMessage response, StreamReader reader)
    {
        _response = response;
        _reader = reader;
    }

    /// <summary>The state after the last event.</summary>
    public JsonObject State { get; private set; } = [];

    public HttpResponseMessage Response => _response;

    public static async Task<EventStream> OpenAsync(RunningServer server, string path, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null) request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        return new EventStream(response, new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8));
    }

    /// <summary>The next event; null at the end of the stream.</summary>
    public async Task<StreamEvent?> NextAsync()
    {
        string? id = null, name = null, data = null;
        while (await _reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
            else if (line.Length == 0 && data is not null)
            {
                var json = JsonNode.Parse(data)!.AsObject();
                if (name == "snapshot") State = json;
                else if (name == "change") Merge(State, json);
                return new StreamEvent(id, name!, JsonDocument.Parse(data).RootElement);
            }
        }
        return null;
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _response.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Merge(JsonObject state, JsonObject change)
    {
        foreach (var (name, value) in change.ToArray())
        {
            if (state[name] is JsonObject inner && value is JsonObject changed) Merge(inner, changed);
            else state[name] = value?.DeepClone();
        }
    }
}
