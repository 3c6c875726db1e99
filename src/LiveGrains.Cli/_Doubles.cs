// Stand-ins for the types of the engine, the server and the simulator, so that the tool builds alone. Deleted at the merge.
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace LiveGrains.Engine
{
    public sealed class LiveGrainsEngine : ILiveGrains, IAsyncDisposable
    {
        private long _accepted;
        public static ValueTask<LiveGrainsEngine> OpenAsync(EngineOptions options, TimeProvider? time = null, CancellationToken ct = default) => new(new LiveGrainsEngine());
        public RequestLimits Limits { get; } = new();
        public ValueTask<IngestAnswer> IngestAsync(ReadOnlyMemory<byte> body, EventFormat format, CloudEventAttributes? attributes = null, CancellationToken cancellationToken = default)
        {
            var lines = body.Span.Count((byte)'\n');
            _accepted += lines;
            return new(new IngestAnswer(lines, 0, 0, []));
        }
        public ValueTask<RoomMetrics?> GetRoomAsync(string room, CancellationToken cancellationToken = default) => new((RoomMetrics?)null);
        public ValueTask<RoomListPage> ListRoomsAsync(RoomListQuery query, CancellationToken cancellationToken = default) => new(new RoomListPage([], 0, null, DateTimeOffset.UnixEpoch));
        public ValueTask<SeriesAnswer?> GetRoomSeriesAsync(string room, SeriesQuery query, CancellationToken cancellationToken = default) => new((SeriesAnswer?)null);
        public ValueTask<RoomProducts?> GetRoomProductsAsync(string room, CancellationToken cancellationToken = default) => new((RoomProducts?)null);
        public ValueTask<ItemMetrics?> GetProductAsync(string product, CancellationToken cancellationToken = default) => new((ItemMetrics?)null);
        public ValueTask<ItemMetrics?> GetVideoAsync(string video, CancellationToken cancellationToken = default) => new((ItemMetrics?)null);
        public ValueTask<UserProfile?> GetUserAsync(string user, CancellationToken cancellationToken = default) => new((UserProfile?)null);
        public ValueTask<Overview> GetOverviewAsync(CancellationToken cancellationToken = default) => throw new LiveGrainsException(ErrorCode.NotFound);
        public EngineStatus GetStatus() => new() { State = "ready", Clock = DateTimeOffset.UnixEpoch, Shards = [], RejectedByCode = new Dictionary<string, long>() };
        public Task SnapshotAsync() => Task.CompletedTask;
        public ValueTask DisposeAsync() => default;
    }
}

namespace LiveGrains.Engine.Verification
{
    public sealed record VerifyFinding(string File, long Offset, string Severity, string Message);
    public sealed record VerifyProgress(long BytesDone, long BytesTotal);
    public sealed record VerifyReport
    {
        public bool Ok { get; init; }
        public long Files { get; init; }
        public long Bytes { get; init; }
        public long Frames { get; init; }
        public long Events { get; init; }
        public IReadOnlyList<VerifyFinding> Findings { get; init; } = [];
    }
    public static class DirectoryVerifier
    {
        public static VerifyReport Verify(string directory, IProgress<VerifyProgress>? progress) => new() { Ok = true };
    }
}

namespace LiveGrains.Server
{
    public sealed record ServerOptions
    {
        public string[] Urls { get; init; } = ["http://127.0.0.1:5080"];
    }
    public static class LiveGrainsServer
    {
        public static WebApplication Build(ILiveGrains engine, ServerOptions options)
        {
            var builder = WebApplication.CreateSlimBuilder();
            var app = builder.Build();
            foreach (var url in options.Urls) app.Urls.Add(url);
            app.MapPost("/v1/events", async (HttpRequest request) =>
            {
                using var memory = new MemoryStream();
                await request.Body.CopyToAsync(memory);
                return Results.Json(await engine.IngestAsync(memory.ToArray(), EventFormat.NdJson), statusCode: 202);
            });
            return app;
        }
    }
}

namespace LiveGrains.Simulator
{
    public sealed record SimulatorOptions
    {
        public ulong Seed { get; init; } = 1;
        public int Rooms { get; init; } = 20;
        public int Users { get; init; } = 10_000;
        public int Products { get; init; } = 200;
        public int Minutes { get; init; } = 10;
        public DateTimeOffset Start { get; init; } = DateTimeOffset.UnixEpoch;
        public double Activity { get; init; } = 1;
        public string Source { get; init; } = "sim";
        public bool Sequence { get; init; }
    }
    public sealed class PlatformSimulator(SimulatorOptions options)
    {
        private static readonly string[] _types = ["enter", "like", "comment", "gift", "heartbeat", "leave", "pay"];
        private readonly Random _random = new((int)options.Seed);
        private long _number;
        public long CurrentTimeMs { get; private set; } = options.Start.ToUnixTimeMilliseconds();
        public int WriteNext(IBufferWriter<byte> writer, int maxEvents)
        {
            var end = options.Start.ToUnixTimeMilliseconds() + options.Minutes * 60_000L;
            var count = 0;
            while (count < maxEvents && CurrentTimeMs < end)
            {
                var type = _types[_random.Next(_types.Length)];
                using (var json = new Utf8JsonWriter(writer))
                {
                    json.WriteStartObject();
                    json.WriteString("id", (++_number).ToString(CultureInfo.InvariantCulture));
                    json.WriteString("source", options.Source);
                    if (options.Sequence) json.WriteNumber("seq", _number);
                    json.WriteString("type", type);
                    json.WriteNumber("time", CurrentTimeMs);
                    json.WriteString("room", "room-" + _random.Next(options.Rooms));
                    json.WriteString("user", "user-" + _random.Next(options.Users));
                    if (type == "pay") json.WriteString("product", "product-" + _random.Next(options.Products));
                    if (type is "pay" or "gift") json.WriteNumber("amount", _random.Next(10_000));
                    json.WriteEndObject();
                }
                writer.Write("\n"u8);
                CurrentTimeMs += _random.Next(6);
                count++;
            }
            return count;
        }
    }
}
