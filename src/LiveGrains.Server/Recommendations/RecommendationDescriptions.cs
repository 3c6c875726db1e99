using LiveGrains.Server.OpenApi;
using Microsoft.OpenApi;

namespace LiveGrains.Server.Recommendations;

/// <summary>What the description says about the calls that recommend.</summary>
internal static class RecommendationDescriptions
{
    private const string Tag = "recommendations";

    internal static readonly CallDescription Recommend = new("getRecommendations", Tag, "What is worth watching or buying now, for a user.", 200, typeof(RecommendationList))
    {
        AnswerMeans = "Best first. Never a room that is off air, a product that is off sale or out of stock, or what the user disliked or reported.",
        Parameters =
        [
            CallParameter.Id("user"),
            new("kind", "What may be in the list.", new OpenApiSchema { Type = JsonSchemaType.String, Enum = ["room", "product", "video", "all"], Default = "room" }),
            Limit(),
            new("room", "Only products of this room's broadcast.", new OpenApiSchema { Type = JsonSchemaType.String, Pattern = "^[A-Za-z0-9._:-]{1,64}$" }),
            new("exclude", "`none`, or some of `bought` (products that the user paid for), `seen` (touched in the last half hour), `host` (a second room of one host), with commas between.", new OpenApiSchema { Type = JsonSchemaType.String, Default = "bought,host" }),
            new("diversity", "0: by score alone, to 1: as different as can be.", new OpenApiSchema { Type = JsonSchemaType.Number, Minimum = "0", Maximum = "1", Default = 0.3 }),
            new("explain", "With every source, term, weight and rule.", new OpenApiSchema { Type = JsonSchemaType.Boolean, Default = false }),
        ],
        Errors = [ErrorCode.InvalidParameter, ErrorCode.NotFound],
    };

    internal static readonly CallDescription Model = new("getModel", Tag, "The ranker's weights and how well they predict.", 200, typeof(RankingModel))
    {
        AnswerMeans = "The model as it is now; it learns with every recommended item that was shown.",
    };

    internal static CallDescription Similar(string group, string kind) => new($"getSimilar{group}", Tag, $"Available {group.ToLowerInvariant()} that users come to after this one, then those like it.", 200, typeof(SimilarItems))
    {
        AnswerMeans = "Best first.",
        Parameters = [CallParameter.Id(kind), Limit()],
        Errors = [ErrorCode.InvalidParameter, ErrorCode.NotFound],
    };

    private static CallParameter Limit() => new("limit", "Items wanted.", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "50", Default = 20 });
}
