using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using LiveGrains.Server.Parameters;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Rooms;

/// <summary>`GET /v1/rooms/{room}/standing`. The rooms on air are read once for all who ask, so that a hundred open pages cost what one does.</summary>
internal sealed class StandingEndpoint(ILiveGrains engine, TimeProvider time)
{
    /// <summary>Age at which the rooms are read anew.</summary>
    internal static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Task<RoomField>? _field;
    private long _readAt;

    /// <summary>Maps the call.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics) =>
        routes.MapRead("/v1/rooms/{room}/standing", GetAsync, RoomDescriptions.Standing, metrics);

    private async Task GetAsync(HttpContext context)
    {
        var room = await engine.GetRoomAsync(PathParameter.Id(context, "room"), context.RequestAborted).ConfigureAwait(false) ?? throw RoomEndpoints.Unknown();
        var field = await FieldAsync().WaitAsync(context.RequestAborted).ConfigureAwait(false);
        await JsonResponse.WriteAsync(context, field.Of(room), AnswerJson.Default.RoomStanding).ConfigureAwait(false);
    }

    private Task<RoomField> FieldAsync()
    {
        lock (_lock)
        {
            // What failed is asked again by the next who wants it.
            if (_field is null || (_field.IsCompleted && (!_field.IsCompletedSuccessfully || time.GetElapsedTime(_readAt) >= MaxAge)))
            {
                _readAt = time.GetTimestamp();
                _field = RoomField.ReadAsync(engine);
            }

            return _field;
        }
    }
}
