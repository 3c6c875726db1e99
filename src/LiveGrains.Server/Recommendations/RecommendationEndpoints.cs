using System.Globalization;
using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using LiveGrains.Server.Parameters;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LiveGrains.Server.Recommendations;

/// <summary>The calls that recommend.</summary>
internal sealed class RecommendationEndpoints(ILiveGrains engine)
{
    /// <summary>Maps the calls.</summary>
    internal void Map(IEndpointRouteBuilder routes, RequestMetrics metrics)
    {
        routes.MapRead("/v1/users/{user}/recommendations", RecommendAsync, RecommendationDescriptions.Recommend, metrics);
        routes.MapRead("/v1/rooms/{room}/similar", context => SimilarAsync(context, ItemKind.Room, "room"), RecommendationDescriptions.Similar("Rooms", "room"), metrics);
        routes.MapRead("/v1/products/{product}/similar", context => SimilarAsync(context, ItemKind.Product, "product"), RecommendationDescriptions.Similar("Products", "product"), metrics);
        routes.MapRead("/v1/videos/{video}/similar", context => SimilarAsync(context, ItemKind.Video, "video"), RecommendationDescriptions.Similar("Videos", "video"), metrics);
        routes.MapRead("/v1/model", ModelAsync, RecommendationDescriptions.Model, metrics);
    }

    private async Task RecommendAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var exclude = (QueryParameter.Text(query, "exclude") ?? "bought,host").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (exclude.Any(e => e is not ("bought" or "host" or "seen" or "none"))) throw QueryParameter.Invalid("exclude", "must be none, or some of bought, seen, host, with commas between");
        var list = await engine.RecommendAsync(PathParameter.Id(context, "user"), new RecommendationQuery
        {
            Kind = QueryParameter.Enum(query, "kind", ItemKind.Room),
            Limit = QueryParameter.Integer(query, "limit", 1, 50, 20),
            Room = QueryParameter.Id(query, "room"),
            Bought = !exclude.Contains("bought"),
            Seen = !exclude.Contains("seen"),
            SameHost = !exclude.Contains("host"),
            Diversity = Share(query, "diversity", 0.3),
            Explain = QueryParameter.Boolean(query, "explain") ?? false,
        }, context.RequestAborted).ConfigureAwait(false);
        await JsonResponse.WriteAsync(context, list, AnswerJson.Default.RecommendationList).ConfigureAwait(false);
    }

    private async Task SimilarAsync(HttpContext context, ItemKind kind, string name)
    {
        var limit = QueryParameter.Integer(context.Request.Query, "limit", 1, 50, 20);
        var similar = await engine.GetSimilarAsync(kind, PathParameter.Id(context, name), limit, context.RequestAborted).ConfigureAwait(false)
            ?? throw new LiveGrainsException(ErrorCode.NotFound, $"No event has named this {name}.");
        await JsonResponse.WriteAsync(context, similar, AnswerJson.Default.SimilarItems).ConfigureAwait(false);
    }

    private async Task ModelAsync(HttpContext context) =>
        await JsonResponse.WriteAsync(context, await engine.GetModelAsync(context.RequestAborted).ConfigureAwait(false), AnswerJson.Default.RankingModel).ConfigureAwait(false);

    private static double Share(IQueryCollection query, string name, double byDefault)
    {
        if (QueryParameter.Text(query, name) is not { } text) return byDefault;
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1
            ? value
            : throw QueryParameter.Invalid(name, "must be a number from 0 to 1");
    }
}
