using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using LiveGrains.Server.Parameters;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Rooms;

/// <summary>The calls that read rooms.</summary>
internal sealed class RoomEndpoints(ILiveGrains engine)
{
    /// <summary>Maps the calls.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics)
    {
        routes.MapRead("/v1/rooms", ListAsync, RoomDescriptions.List, metrics);
        routes.MapRead("/v1/rooms/{room}", GetAsync, RoomDescriptions.Get, metrics);
        routes.MapRead("/v1/rooms/{room}/series", GetSeriesAsync, RoomDescriptions.Series, metrics);
        routes.MapRead("/v1/rooms/{room}/products", GetProductsAsync, RoomDescriptions.Products, metrics);
    }

    private async Task ListAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var page = await engine.ListRoomsAsync(new RoomListQuery(
            Live: QueryParameter.Boolean(query, "live"),
            Sort: QueryParameter.Enum(query, "sort", RoomSort.Heat),
            Limit: QueryParameter.Integer(query, "limit", 1, 200, 50),
            Cursor: QueryParameter.Text(query, "cursor"),
            Window: QueryParameter.Text(query, "window")), context.RequestAborted).ConfigureAwait(false);
        await JsonResponse.WriteAsync(context, page, AnswerJson.Default.RoomListPage).ConfigureAwait(false);
    }

    private async Task GetAsync(HttpContext context)
    {
        var room = await engine.GetRoomAsync(PathParameter.Id(context, "room"), context.RequestAborted).ConfigureAwait(false)
            ?? throw Unknown();
        await JsonResponse.WriteAsync(context, room, AnswerJson.Default.RoomMetrics).ConfigureAwait(false);
    }

    private async Task GetSeriesAsync(HttpContext context)
    {
        var room = PathParameter.Id(context, "room");
        var query = context.Request.Query;
        var metric = QueryParameter.Text(query, "metric")
            ?? throw QueryParameter.Invalid("metric", "is required: a metric of the room, comments or gifts.amount for example");
        var step = QueryParameter.Integer(query, "step", 10, int.MaxValue, 10);
        if (step % 10 != 0) throw QueryParameter.Invalid("step", "must be a multiple of 10, in seconds");
        var from = QueryParameter.Moment(query, "from");
        var to = QueryParameter.Moment(query, "to");
        if (from > to) throw QueryParameter.Invalid("from", "must not be later than to");
        var series = await engine.GetRoomSeriesAsync(room, new SeriesQuery(metric, step, from, to), context.RequestAborted).ConfigureAwait(false)
            ?? throw Unknown();
        await JsonResponse.WriteAsync(context, series, AnswerJson.Default.SeriesAnswer).ConfigureAwait(false);
    }

    private async Task GetProductsAsync(HttpContext context)
    {
        var products = await engine.GetRoomProductsAsync(PathParameter.Id(context, "room"), context.RequestAborted).ConfigureAwait(false)
            ?? throw Unknown();
        await JsonResponse.WriteAsync(context, products, AnswerJson.Default.RoomProducts).ConfigureAwait(false);
    }

    /// <summary>The refusal of a room that is not known.</summary>
    internal static LiveGrainsException Unknown() => new(ErrorCode.NotFound, "No event has named this room.");
}
