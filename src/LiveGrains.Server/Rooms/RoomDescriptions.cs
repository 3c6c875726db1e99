using System.Text.Json;
using System.Text.Json.Nodes;
using LiveGrains.Reports;
using LiveGrains.Server.OpenApi;
using Microsoft.OpenApi;

namespace LiveGrains.Server.Rooms;

/// <summary>What the description says about the calls that read rooms.</summary>
internal static class RoomDescriptions
{
    private const string Tag = "rooms";

    internal static readonly CallDescription List = new("listRooms", Tag, "Rooms, a page at a time, highest first.", 200, typeof(RoomListPage))
    {
        AnswerMeans = "A page; `next` is the cursor of the next one, null on the last.",
        Parameters =
        [
            new("live", "`true`: on air only; `false`: off air only; without it: all.", new OpenApiSchema { Type = JsonSchemaType.Boolean }),
            new("sort", "The order, highest first; ties by id.", new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Enum = [.. Enum.GetNames<RoomSort>().Select(name => (JsonNode)JsonNamingPolicy.CamelCase.ConvertName(name))],
                Default = "heat",
            }),
            new("limit", "Rooms on a page.", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "200", Default = 50 }),
            new("cursor", "`next` of the page before.", new OpenApiSchema { Type = JsonSchemaType.String }),
            new("window", "Each row has the counts of this window in `window`, too.", new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["10s", "1m", "5m", "10m", "1h"] }),
        ],
        Errors = [ErrorCode.InvalidParameter],
    };

    internal static readonly CallDescription Get = new("getRoom", Tag, "Everything known about a room.", 200, typeof(RoomMetrics))
    {
        AnswerMeans = "The room's metrics.",
        Parameters = [CallParameter.Id("room")],
        Errors = [ErrorCode.InvalidParameter, ErrorCode.NotFound],
    };

    internal static readonly CallDescription Standing = new("getRoomStanding", Tag, "A room's last ten minutes among all rooms on air.", 200, typeof(RoomStanding))
    {
        AnswerMeans = "Percentiles by metric, from 0 to 1; null while all rooms on air are level, none for a room off air.",
        Parameters = [CallParameter.Id("room")],
        Errors = [ErrorCode.InvalidParameter, ErrorCode.NotFound],
    };

    internal static readonly CallDescription Series = new("getRoomSeries", Tag, "A metric of a room over time.", 200, typeof(SeriesAnswer))
    {
        AnswerMeans = "One point a step, oldest first, 0 where nothing happened.",
        Parameters =
        [
            CallParameter.Id("room"),
            new("metric", "Required. A metric of the room: `comments`, `gifts.amount`, `online`, `products.clicks`, …", new OpenApiSchema { Type = JsonSchemaType.String }),
            new("step", "Seconds of a point, a multiple of 10.", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "10", MultipleOf = 10, Default = 10 }),
            new("from", "First moment; without it: the room's first bucket.", Moment()),
            new("to", "End, exclusive; without it: now.", Moment()),
        ],
        Errors = [ErrorCode.InvalidParameter, ErrorCode.NotFound],
    };

    internal static readonly CallDescription Report = new("getRoomReport", Tag, "The report of a room's broadcast.", 200, typeof(RoomReport))
    {
        AnswerMeans = "The report; with `format=html` or `Accept: text/html` one HTML file that needs nothing else (`text/html`).",
        Parameters =
        [
            CallParameter.Id("room"),
            new("format", "`html` or `json`; without it what Accept names, else `json`.", new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["html", "json"] }),
            new("language", "Of the HTML file.", new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["en", "zh"], Default = "en" }),
            new("offset", "Offset from UTC of the times in the HTML file: `+08:00`.", new OpenApiSchema { Type = JsonSchemaType.String, Default = "Z" }),
            new("moment", $"May come {ReportOptions.MaxMoments} times. Compare what came after this moment with what was before: {ReportMoment.Forms}. Without it: the best minutes.", new OpenApiSchema
            {
                Type = JsonSchemaType.Array,
                MaxItems = ReportOptions.MaxMoments,
                Items = new OpenApiSchema { Type = JsonSchemaType.String },
            }),
            new("window", "Minutes before and after a moment.", new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Minimum = "1",
                Maximum = ReportOptions.MaxWindowMinutes.ToString(System.Globalization.CultureInfo.InvariantCulture),
                Default = ReportOptions.DefaultWindowMinutes,
            }),
        ],
        Errors = [ErrorCode.InvalidParameter, ErrorCode.NotFound],
    };

    internal static readonly CallDescription Products = new("getRoomProducts", Tag, "The products and videos seen in a room.", 200, typeof(RoomProducts))
    {
        AnswerMeans = "Highest gmv first.",
        Parameters = [CallParameter.Id("room")],
        Errors = [ErrorCode.InvalidParameter, ErrorCode.NotFound],
    };

    private static OpenApiSchema Moment() => new()
    {
        Description = "Milliseconds since 1970 UTC, or RFC 3339 with an offset.",
        OneOf =
        [
            new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
            new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
        ],
    };
}
