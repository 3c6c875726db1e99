using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using LiveGrains.Server.Parameters;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Push;

/// <summary>The calls that push: a room, the platform, the tail of events, as Server-Sent Events.</summary>
internal sealed class LiveEndpoints(ILiveGrains engine, LiveTopics topics)
{
    // What a connection has not taken waits in the kernel: a small buffer there keeps a slow reader close to now.
    private const int SendBufferBytes = 16 << 10;

    private const string Form = "Server-Sent Events. `snapshot` is the whole state. `change` has the members that are different, in the same places: merge "
        + "objects member by member, replace all other values, arrays and null too. At most four events a second; `heartbeat` after ten seconds of "
        + "silence. With the `Last-Event-ID` of an earlier connection the stream goes on from there, or begins with a `snapshot`. A reader that is too "
        + "slow gets a newer `snapshot` and no backlog.";

    private static readonly CallDescription _roomCall = Describe("watchRoom", "rooms", "A room's metrics, pushed.", "As of `GET /v1/rooms/{room}`.") with
    {
        Parameters = [CallParameter.Id("room")],
        Errors = [ErrorCode.InvalidParameter, ErrorCode.NotFound, ErrorCode.TooManySubscribers],
    };

    private static readonly CallDescription _overviewCall = Describe("watchOverview", "platform", "The platform's totals and rates, pushed.", "As of `GET /v1/overview`.");

    private static readonly CallDescription _tailCall = Describe("watchEvents", "platform", "A sample of the accepted events, pushed.",
        "The last sampled events: of each type at most three in a quarter of a second. No users, no texts, no attributes.") with
    {
        Errors = [ErrorCode.NotFound, ErrorCode.TooManySubscribers],
    };

    /// <summary>Maps the calls.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics)
    {
        routes.MapRead("/v1/rooms/{room}/live", WatchRoomAsync, _roomCall, metrics);
        routes.MapRead("/v1/overview/live", WatchOverviewAsync, _overviewCall, metrics);
        routes.MapRead("/v1/events/live", WatchTailAsync, _tailCall, metrics);
    }

    private static CallDescription Describe(string id, string tag, string summary, string means) => new(id, tag, summary, 200, null)
    {
        MediaType = PushFrames.MediaType,
        Details = Form,
        AnswerMeans = means,
        Errors = [ErrorCode.TooManySubscribers],
    };

    private Task WatchRoomAsync(HttpContext context)
    {
        var room = PathParameter.Id(context, "room");
        return WatchAsync(context, "room/" + room, async stop =>
            await engine.GetRoomAsync(room, stop).ConfigureAwait(false) is { } state ? Bytes(state, AnswerJson.Default.RoomMetrics) : null, "No event has named this room.");
    }

    private Task WatchOverviewAsync(HttpContext context) => WatchAsync(context, "overview", async stop =>
        Bytes(await engine.GetOverviewAsync(stop).ConfigureAwait(false), AnswerJson.Default.Overview), "");

    private Task WatchTailAsync(HttpContext context) => WatchAsync(context, "events", _ =>
        ValueTask.FromResult(engine.ReadTail() is { } tail ? Bytes(tail, AnswerJson.Default.EventTail) : null), "This engine keeps no tail of events.");

    private async Task WatchAsync(HttpContext context, string key, Func<CancellationToken, ValueTask<byte[]?>> ask, string unknown)
    {
        var topic = topics.Enter(key, ask);
        try
        {
            if (!await topic.ReadyAsync(context.RequestAborted).ConfigureAwait(false)) throw new LiveGrainsException(ErrorCode.NotFound, unknown);
            var headers = context.Response.Headers;
            headers.ContentType = PushFrames.MediaType;
            headers.CacheControl = "no-store";
            // Proxies such as nginx would collect the stream.
            headers["X-Accel-Buffering"] = "no";
            if (HttpMethods.IsHead(context.Request.Method)) return;
            if (context.Features.Get<IConnectionSocketFeature>() is { } connection) connection.Socket.SendBufferSize = SendBufferBytes;
            await StreamAsync(context, topic).ConfigureAwait(false);
        }
        finally
        {
            topics.Leave(key, topic);
        }
    }

    private static async Task StreamAsync(HttpContext context, LiveTopic topic)
    {
        var reader = new PushReader(context.Response.BodyWriter);
        var closing = context.RequestAborted.Register(static reader => ((PushReader)reader!).Close(), reader);
        try
        {
            topic.Add(reader, PushId.Parse(context.Request.Headers["Last-Event-ID"]));
            await reader.Ended.ConfigureAwait(false);
        }
        finally
        {
            topic.Remove(reader);
            await closing.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static byte[] Bytes<T>(T value, JsonTypeInfo<T> type)
    {
        using var buffer = new PooledBuffer();
        using (var json = buffer.BeginJson()) JsonSerializer.Serialize(json, value, type);
        return buffer.Written.ToArray();
    }
}
