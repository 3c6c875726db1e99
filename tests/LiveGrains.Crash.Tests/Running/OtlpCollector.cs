using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LiveGrains.Crash.Tests;

/// <summary>A collector of OTLP over HTTP that keeps what it is sent.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app) => _app = app;

    /// <summary>Its address.</summary>
    public string Url => _app.Urls.Single();

    /// <summary>Headers of requests, by path.</summary>
    public ConcurrentQueue<(string Path, string? Header, string? MediaType)> Requests { get; } = new();

    /// <summary>Metrics: scope, name, unit, the field of their data (5 gauge, 7 sum, 9 histogram), attribute keys of their points.</summary>
    public ConcurrentQueue<(string Scope, string Name, string Unit, int Data, string Attributes)> Metrics { get; } = new();

    /// <summary>Spans: scope, name, trace, parent, attributes.</summary>
    public ConcurrentQueue<(string Scope, string Name, string Trace, string Parent, string Attributes)> Spans { get; } = new();

    /// <summary>Attributes of resources, as `key=value`.</summary>
    public ConcurrentDictionary<string, bool> Resource { get; } = new();

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        collector._app.MapPost("/v1/metrics", context => collector.TakeAsync(context, collector.TakeMetrics));
        collector._app.MapPost("/v1/traces", context => collector.TakeAsync(context, collector.TakeSpans));
        await collector._app.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context, Action<ProtobufMessage> take)
    {
        Requests.Enqueue((context.Request.Path, context.Request.Headers["x-key"], context.Request.ContentType));
        var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes);
        take(new ProtobufMessage(bytes.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    }

    // opentelemetry/proto/collector/metrics/v1, metrics/v1, common/v1: the numbers of their fields.
    private void TakeMetrics(ProtobufMessage request)
    {
        foreach (var resource in request.Messages(1))
        {
            TakeResource(resource);
            foreach (var scope in resource.Messages(2))
            {
                var name = scope.Messages(1).Single().Text(1);
                foreach (var metric in scope.Messages(2))
                {
                    var data = new[] { 5, 7, 9 }.Single(f => metric.Messages(f).Any());
                    // Attributes of a number are field 7, of a histogram's point field 9.
                    var points = metric.Messages(data).Single().Messages(1).ToArray();
                    var keys = points.SelectMany(p => p.Messages(data == 9 ? 9 : 7)).Select(a => a.Text(1)).Distinct().Order(StringComparer.Ordinal);
                    Metrics.Enqueue((name, metric.Text(1), metric.Text(3), data, string.Join(',', keys)));
                }
            }
        }
    }

    private void TakeSpans(ProtobufMessage request)
    {
        foreach (var resource in request.Messages(1))
        {
            TakeResource(resource);
            foreach (var scope in resource.Messages(2))
            {
                foreach (var span in scope.Messages(2))
                {
                    Spans.Enqueue((scope.Messages(1).Single().Text(1), span.Text(5), Convert.ToHexStringLower(span.Bytes(1)), Convert.ToHexStringLower(span.Bytes(4)),
                        string.Join(',', span.Messages(9).Select(a => $"{a.Text(1)}={a.Messages(2).Single().Text(1)}"))));
                }
            }
        }
    }

    private void TakeResource(ProtobufMessage resource)
    {
        foreach (var attribute in resource.Messages(1).Single().Messages(1)) Resource[$"{attribute.Text(1)}={attribute.Messages(2).Single().Text(1)}"] = true;
    }
}

/// <summary>Reads the wire format of protocol buffers by the numbers of fields.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Field, byte[] Bytes)> _fields = [];

    public ProtobufMessage(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var tag = Varint(ref bytes);
            var length = (int)(tag & 7) switch
            {
                0 => Length(bytes),
                1 => 8,
                2 => (int)Varint(ref bytes),
                5 => 4,
                var other => throw new InvalidDataException($"wire type {other}"),
            };
            _fields.Add(((int)(tag >> 3), bytes[..length].ToArray()));
            bytes = bytes[length..];
        }
    }

    public IEnumerable<ProtobufMessage> Messages(int field) => _fields.Where(f => f.Field == field).Select(f => new ProtobufMessage(f.Bytes));

    public byte[] Bytes(int field) => _fields.LastOrDefault(f => f.Field == field).Bytes ?? [];

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    private static int Length(ReadOnlySpan<byte> bytes)
    {
        var length = 1;
        while (bytes[length - 1] >= 0x80) length++;
        return length;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }
}
