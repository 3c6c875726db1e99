using System.Text;
using LiveGrains.Reports;
using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using LiveGrains.Server.Parameters;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace LiveGrains.Server.Rooms;

/// <summary>`GET /v1/rooms/{room}/report`: the report of a broadcast as JSON, or as one HTML file.</summary>
internal sealed class ReportEndpoint(ILiveGrains engine)
{
    private enum Format { Json, Html }

    /// <summary>Maps the call.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics) =>
        routes.MapRead("/v1/rooms/{room}/report", GetAsync, RoomDescriptions.Report, metrics);

    private async Task GetAsync(HttpContext context)
    {
        var room = PathParameter.Id(context, "room");
        var query = context.Request.Query;
        var format = QueryParameter.Enum(query, "format", Accepted(context.Request));
        var language = QueryParameter.Enum(query, "language", ReportLanguage.En);
        var offset = TimeSpan.Zero;
        if (QueryParameter.Text(query, "offset") is { } text && !ReportOptions.TryParseOffset(text, out offset))
            throw QueryParameter.Invalid("offset", "must be an offset from UTC such as +08:00, at most 14 hours");
        var options = new ReportOptions
        {
            Moments = [.. QueryParameter.Texts(query, "moment").Select(Moment)],
            WindowMinutes = QueryParameter.Integer(query, "window", 1, ReportOptions.MaxWindowMinutes, ReportOptions.DefaultWindowMinutes),
        };
        var broadcast = await engine.GetBroadcastAsync(room, context.RequestAborted).ConfigureAwait(false) ?? throw RoomEndpoints.Unknown();
        var report = ReportBuilder.Build(broadcast, options);
        context.Response.Headers.Vary = "Accept";
        if (format == Format.Json)
        {
            await JsonResponse.WriteAsync(context, report, AnswerJson.Default.RoomReport).ConfigureAwait(false);
            return;
        }

        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = ReportHtml.ContentSecurityPolicy + "; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        await context.SendBytesAsync("text/html; charset=utf-8", Encoding.UTF8.GetBytes(ReportHtml.Write(report, language, offset))).ConfigureAwait(false);
    }

    private static ReportMoment Moment(string text) =>
        ReportMoment.TryParse(text, out var moment) ? moment : throw QueryParameter.Invalid("moment", $"must be {ReportMoment.Forms}");

    // HTML for those who name it before JSON, as browsers do.
    private static Format Accepted(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var types)) return Format.Json;
        double Quality(string type) => types.Where(t => t.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(t => t.Quality ?? 1).DefaultIfEmpty(0).Max();
        return Quality("text/html") > Quality(JsonResponse.MediaType) ? Format.Html : Format.Json;
    }
}
