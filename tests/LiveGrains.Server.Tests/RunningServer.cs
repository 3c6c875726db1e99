using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LiveGrains.Server.Tests;

/// <summary>A server on a free port of 127.0.0.1 over a fake engine, with a client.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private RunningServer(WebApplication app, FakeEngine engine)
    {
        App = app;
        Engine = engine;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public WebApplication App { get; }

    public FakeEngine Engine { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public static async Task<RunningServer> StartAsync(FakeEngine? engine = null, ServerOptions? options = null, ILoggerProvider? logs = null, TimeProvider? time = null)
    {
        engine ??= new FakeEngine();
        options = (options ?? new ServerOptions()) with { Urls = ["http://127.0.0.1:0"] };
        var app = LiveGrainsServer.Build(engine, options, builder =>
        {
            builder.Logging.ClearProviders();
            if (logs is not null) builder.Logging.AddProvider(logs);
            if (time is not null) builder.Services.AddSingleton(time);
        });
        await app.StartAsync();
        return new RunningServer(app, engine);
    }

    public async Task<HttpResponseMessage> PostAsync(byte[] body, string? mediaType = "application/json", string? encoding = null,
        bool chunked = false, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events") { Content = new ByteArrayContent(body) };
        if (mediaType is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", mediaType);
        if (encoding is not null) request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        if (chunked) request.Headers.TransferEncodingChunked = true;
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> PostAsync(string body, string? mediaType = "application/json") =>
        PostAsync(Encoding.UTF8.GetBytes(body), mediaType);

    /// <summary>A bare connection.</summary>
    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Address.Host, Address.Port);
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }
}

/// <summary>What tests look for in answers.</summary>
public static class Answers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement;

    /// <summary>Holds an answer to the form of problem details, and to a code.</summary>
    public static async Task<JsonElement> IsProblemAsync(this HttpResponseMessage response, ErrorCode code)
    {
        var text = await response.Content.ReadAsStringAsync();
        var problem = JsonDocument.Parse(text).RootElement;
        IsProblem(problem, code);
        Assert.Equal(code.Describe().Status, (int)response.StatusCode);
        Assert.Equal(MediaTypeHeaderValue.Parse("application/problem+json"), response.Content.Headers.ContentType);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal((int)response.StatusCode is 429 or 503, response.Headers.Contains("Retry-After"));
        if (response.RequestMessage is { } request) Assert.Equal(request.RequestUri!.AbsolutePath, problem.GetProperty("instance").GetString());
        return problem;
    }

    /// <summary>Holds a JSON object to the form of problem details, and to a code.</summary>
    public static void IsProblem(JsonElement problem, ErrorCode code)
    {
        var error = code.Describe();
        Assert.Equal(["type", "title", "status", "detail", "code", "instance"], problem.EnumerateObject().Select(member => member.Name));
        Assert.Equal(error.Code, problem.GetProperty("code").GetString());
        Assert.Equal($"urn:livegrains:error:{error.Code}", problem.GetProperty("type").GetString());
        Assert.Equal(error.Title, problem.GetProperty("title").GetString());
        Assert.Equal(error.Status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }
}
